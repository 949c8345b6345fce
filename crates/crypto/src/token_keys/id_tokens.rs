//! ID tokens and logout tokens.
