//! Secret keys.

use async_trait::async_trait;
use domain::id::{SecretKeyId, UserId};
use domain::secret_key::StoredSecretKey;
use domain::time::Timestamp;

use super::{Consumption, StoreError};

/// Secret keys of accounts.
#[async_trait]
pub trait SecretKeys: Send {
    /// Adds a key.
    async fn insert(&mut self, key: &StoredSecretKey) -> Result<(), StoreError>;

    /// The keys of an account that work at `now`, newest first.
    async fn live_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<StoredSecretKey>, StoreError>;

    /// Marks a key as superseded at `now`, to end at `end`. One atomic conditional statement: `First` for exactly one caller,
    /// and only while the key is not superseded.
    async fn supersede(&mut self, id: SecretKeyId, now: Timestamp, end: Timestamp) -> Result<Consumption, StoreError>;

    /// Ends every key of an account at `now`.
    async fn end_all_of(&mut self, user: UserId, now: Timestamp) -> Result<(), StoreError>;

    /// Forgets keys that ended before `cutoff`.
    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError>;
}
