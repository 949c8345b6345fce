//! Notices of logouts that wait for their delivery.

use async_trait::async_trait;
use domain::id::NoticeId;
use domain::logout_notice::LogoutNotice;
use domain::time::Timestamp;

use super::StoreError;

/// Notices of logouts. They stay when the session, the client or the account that they name is deleted.
#[async_trait]
pub trait LogoutNotices: Send {
    /// Adds one.
    async fn insert(&mut self, notice: &LogoutNotice) -> Result<(), StoreError>;

    /// Takes up to `limit` that are due at `now`, the earliest first, and puts them off until `until`, so that no other node takes
    /// them meanwhile; counts the attempt. What is returned carries the new count and `until`. No notice is taken by two callers,
    /// and nobody waits for another who is taking some.
    async fn lease(&mut self, limit: u32, now: Timestamp, until: Timestamp) -> Result<Vec<LogoutNotice>, StoreError>;

    /// Sets when one is tried next. Nothing happens if it is gone.
    async fn put_off(&mut self, id: NoticeId, due_at: Timestamp) -> Result<(), StoreError>;

    /// Forgets one: it was delivered, or given up. `false` if it is gone.
    async fn delete(&mut self, id: NoticeId) -> Result<bool, StoreError>;
}
