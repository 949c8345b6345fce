//! Resets of passwords.

use async_trait::async_trait;
use domain::password_reset::{ResetStage, StoredPasswordReset};
use domain::secret::Digest;
use domain::time::Timestamp;

use super::StoreError;

/// Resets of passwords: one for each account at most.
#[async_trait]
pub trait PasswordResets: Send {
    /// Adds one in the place of any other of the account.
    async fn put(&mut self, reset: &StoredPasswordReset) -> Result<(), StoreError>;

    /// The one with that digest, if it has not expired at `now`. Does not spend it.
    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredPasswordReset>, StoreError>;

    /// Spends the one with that digest, at that stage, if it has not expired at `now`. One atomic statement: exactly one caller
    /// gets it.
    async fn redeem(
        &mut self,
        digest: &Digest,
        stage: ResetStage,
        now: Timestamp,
    ) -> Result<Option<StoredPasswordReset>, StoreError>;

    /// Forgets those that have expired at `now`.
    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
