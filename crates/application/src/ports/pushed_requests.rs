//! Authorization requests that were pushed beforehand (RFC 9126).

use async_trait::async_trait;
use domain::pushed_request::StoredPushedRequest;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::{Consumption, StoreError};

/// Pushed requests.
#[async_trait]
pub trait PushedRequests: Send {
    /// Adds one. Its client MUST be there.
    async fn insert(&mut self, request: &StoredPushedRequest) -> Result<(), StoreError>;

    /// The one with that digest, if it has not expired at `now`. Does not spend it.
    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredPushedRequest>, StoreError>;

    /// Spends the one with that digest. One atomic statement: `First` for exactly one caller.
    async fn spend(&mut self, digest: &Digest) -> Result<Consumption, StoreError>;

    /// Forgets those that have expired at `now`.
    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
