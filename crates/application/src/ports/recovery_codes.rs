//! Recovery codes.

use async_trait::async_trait;
use domain::id::UserId;
use domain::recovery_code::StoredRecoveryCode;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::{Consumption, StoreError};

/// Recovery codes of accounts, a row each.
#[async_trait]
pub trait RecoveryCodes: Send {
    /// Adds one.
    async fn insert(&mut self, code: &StoredRecoveryCode) -> Result<(), StoreError>;

    /// Those of an account that were not used and have not expired at `now`, oldest first.
    async fn unused_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<StoredRecoveryCode>, StoreError>;

    /// Spends one of an account at `now`. One atomic conditional statement: `First` for exactly one caller, and only if it was
    /// not used and has not expired at `now`.
    async fn spend(&mut self, user: UserId, digest: &Digest, now: Timestamp) -> Result<Consumption, StoreError>;

    /// Forgets all of an account, used or not.
    async fn delete_all_of(&mut self, user: UserId) -> Result<(), StoreError>;

    /// Forgets those that expired before `cutoff`.
    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError>;
}
