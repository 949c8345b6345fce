//! The audit log.

use async_trait::async_trait;
use domain::event::{EventHead, EventKind, StoredEvent};
use domain::id::UserId;

use super::StoreError;

/// Which entries a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Those of this kind.
    pub kind: Option<EventKind>,
    /// Those about this account.
    pub subject: Option<UserId>,
    /// Those before this place.
    pub before: Option<i64>,
}

/// The audit log. There is no way to change or to delete an entry.
#[async_trait]
pub trait Events: Send {
    /// The end of the log, held: appends of other transactions MUST wait until this one ends.
    async fn hold_head(&mut self) -> Result<EventHead, StoreError>;

    /// Appends the entry that follows the held head, and moves the head.
    async fn append(&mut self, event: &StoredEvent) -> Result<(), StoreError>;

    /// The end of the log, not held.
    async fn head(&mut self) -> Result<EventHead, StoreError>;

    /// Up to `limit` entries that match, newest first.
    async fn list(&mut self, filter: &EventFilter, limit: u32) -> Result<Vec<StoredEvent>, StoreError>;

    /// Up to `limit` entries after `position`, oldest first; for verification.
    async fn after(&mut self, position: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError>;
}
