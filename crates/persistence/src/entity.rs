//! The tables as SeaORM entities: names and types of columns, nothing else.

pub(crate) mod attempts;
pub(crate) mod auth_sessions;
pub(crate) mod authenticators;
pub(crate) mod event_head;
pub(crate) mod events;
pub(crate) mod recovery_codes;
pub(crate) mod refresh_tokens;
pub(crate) mod revocation_counter;
pub(crate) mod revocations;
pub(crate) mod secret_keys;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod spent_tokens;
pub(crate) mod users;
