//! What the use cases need from outside, as traits. An adapter owes what the documentation of a method says with MUST;
//! the contract suite in `testkit` holds storage adapters to it.
//!
//! Conventions: "not found" is `Ok(None)`, an error is a failure of the store. Losing a race is an outcome with a name. Time
//! is passed in. A method that spends a one-time fact is one atomic statement.

pub mod aidbox_resources;
pub mod attempts;
pub mod auth_sessions;
pub mod authenticators;
pub mod browsers;
pub mod clients;
pub mod clock;
pub mod codes;
pub mod consents;
pub mod devices;
pub mod digester;
pub mod entropy;
pub mod events;
pub mod logout_notices;
pub mod oauth;
pub mod opaque_tokens;
pub mod outbound;
pub mod password_hasher;
pub mod password_resets;
pub mod pushed_requests;
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

pub use aidbox_resources::AidboxResources;
pub use attempts::{AttemptKey, Attempts};
pub use auth_sessions::AuthSessions;
pub use authenticators::Authenticators;
pub use browsers::Browsers;
pub use clients::{ClientInsertion, Clients};
pub use clock::Clock;
pub use codes::{CodeSpending, Codes};
pub use consents::Consents;
pub use devices::Devices;
pub use digester::{Digester, Purpose};
pub use entropy::Entropy;
pub use events::{EventFilter, Events};
pub use logout_notices::LogoutNotices;
pub use oauth::OAuthRepositories;
pub use opaque_tokens::OpaqueTokens;
pub use outbound::{Outbound, OutboundAnswer, OutboundError, OutboundPost, OutboundRefusal};
pub use password_hasher::{HasherBusy, PasswordCheck, PasswordHasher};
pub use password_resets::PasswordResets;
pub use pushed_requests::PushedRequests;
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
