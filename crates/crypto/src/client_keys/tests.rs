//! Key sets and assertions of clients.
