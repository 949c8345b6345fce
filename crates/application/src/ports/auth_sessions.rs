//! Logins that are not complete.

use async_trait::async_trait;
use domain::id::UserId;
use domain::secret::Digest;
use domain::session::{AuthSession, StoredAuthSession};
use domain::time::Timestamp;

use super::StoreError;

/// Authentication sessions.
#[async_trait]
pub trait AuthSessions: Send {
    /// Adds one; one with the same digest gives way to it.
    async fn insert(&mut self, auth_session: &StoredAuthSession) -> Result<(), StoreError>;

    /// The one with that digest, if it has not expired at `now`. Does not spend it.
    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError>;

    /// Spends the one with that digest, if it has not expired at `now`. One atomic statement: exactly one caller gets it.
    async fn redeem(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError>;

    /// Forgets all of an account.
    async fn delete_all_of(&mut self, user: UserId) -> Result<(), StoreError>;

    /// Forgets those that have expired at `now`.
    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
