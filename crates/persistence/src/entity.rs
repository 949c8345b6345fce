//! The tables as SeaORM entities: names and types of columns, nothing else.

pub(crate) mod aidbox_resources;
pub(crate) mod attempts;
pub(crate) mod auth_sessions;
pub(crate) mod authenticators;
pub(crate) mod browsers;
pub(crate) mod clients;
pub(crate) mod codes;
pub(crate) mod consents;
pub(crate) mod devices;
pub(crate) mod event_head;
pub(crate) mod events;
pub(crate) mod logout_notices;
pub(crate) mod opaque_tokens;
pub(crate) mod password_resets;
pub(crate) mod pushed_requests;
pub(crate) mod recovery_codes;
pub(crate) mod refresh_tokens;
pub(crate) mod revocation_counter;
pub(crate) mod revocations;
pub(crate) mod secret_keys;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod spent_tokens;
pub(crate) mod users;
