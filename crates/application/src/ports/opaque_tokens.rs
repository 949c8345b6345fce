//! Access tokens that are references.

use async_trait::async_trait;
use domain::opaque_token::StoredOpaqueToken;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::StoreError;

/// Opaque access tokens. One that belongs to a session is forgotten with it.
#[async_trait]
pub trait OpaqueTokens: Send {
    /// Adds one. Its client MUST be there, and its session, if it has one.
    async fn insert(&mut self, token: &StoredOpaqueToken) -> Result<(), StoreError>;

    /// The one with that digest, if it has not expired at `now`.
    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredOpaqueToken>, StoreError>;

    /// Forgets one. `false` if there is none.
    async fn delete(&mut self, digest: &Digest) -> Result<bool, StoreError>;

    /// Forgets those that have expired at `now`.
    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
