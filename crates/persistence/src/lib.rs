//! Storage: SQLite and PostgreSQL behind the ports of `application`, with one code for both.
//!
//! Where the two differ, they differ in this and nothing else:
//!
//! | | SQLite | PostgreSQL |
//! |---|---|---|
//! | a unit of work that writes | waits for the one writer, `BEGIN IMMEDIATE` | READ COMMITTED |
//! | a unit of work that reads | a connection of its own that cannot write; a snapshot | the same |
//! | what "held" means | there is one writer | row locks |
//!
//! A one-time fact is spent by one conditional statement, and the number of rows that it changed is the answer.

mod aidbox_resources;
mod attempts;
mod auth_sessions;
mod authenticators;
mod browsers;
mod client_settings;
mod clients;
mod codes;
mod consents;
mod database;
mod devices;
mod entity;
mod error;
mod events;
mod expiry;
mod factors;
mod json;
mod logout_notices;
mod migration;
mod oauth;
mod opaque_tokens;
mod options;
mod owners;
mod password_resets;
mod postgres;
mod pushed_requests;
mod recovery_codes;
mod refresh_tokens;
mod revocations;
mod row;
mod secret_keys;
mod sessions;
mod signing_keys;
mod spent_tokens;
mod sqlite;
mod store;
mod users;

pub use database::{Database, Kind, open};
pub use error::{DatabaseError, MigrationError, OpenError};
pub use migration::{migrate, pending};
pub use options::Options;
