//! What the use cases need from outside, as traits. An adapter owes what the documentation of a method says with MUST;
//! the contract suite in `testkit` holds storage adapters to it.
//!
//! Conventions: "not found" is `Ok(None)`, an error is a failure of the store. Losing a race is an outcome with a name. Time
//! is passed in. A method that spends a one-time fact is one atomic statement.

pub mod attempts;
pub mod auth_sessions;
pub mod authenticators;
pub mod client_keys;
pub mod clock;
pub mod digester;
pub mod entropy;
pub mod events;
pub mod password_hasher;
pub mod recovery_codes;
pub mod refresh_tokens;
pub mod revocations;
pub mod sealer;
pub mod secret_keys;
pub mod sessions;
pub mod signing_keys;
pub mod spent_tokens;
pub mod store;
pub mod token_keys;
pub mod users;

pub use attempts::{AttemptKey, Attempts};
pub use auth_sessions::AuthSessions;
pub use authenticators::Authenticators;
pub use client_keys::{ClientKeySet, ClientKeys, JwksFault};
pub use clock::Clock;
pub use digester::{Digester, Purpose};
pub use entropy::Entropy;
pub use events::{EventFilter, Events};
pub use password_hasher::{HasherBusy, PasswordCheck, PasswordHasher};
pub use recovery_codes::RecoveryCodes;
pub use refresh_tokens::{RefreshTokens, Rotation};
pub use revocations::Revocations;
pub use sealer::{Sealer, Unsealable};
pub use secret_keys::SecretKeys;
pub use sessions::Sessions;
pub use signing_keys::{Addition, SigningKeys};
pub use spent_tokens::SpentTokens;
pub use store::{Consumption, Store, StoreError, Transaction};
pub use token_keys::{KeyFailure, KeyMaterial, PublicJwk, SigningHandle, TokenKeys, VerifyingHandle};
pub use users::{Insertion, UserFilter, UserProfile, Users};
