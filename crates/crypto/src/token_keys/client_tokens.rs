//! Access tokens that clients get for themselves, tokens for several resources, and tokens with an actor.
