//! The sequence of revocations that every node follows.

use async_trait::async_trait;
use domain::revocation::Revocation;
use domain::time::Timestamp;

use super::StoreError;

/// Revocations, in one sequence over all nodes.
#[async_trait]
pub trait Revocations: Send {
    /// Appends one and returns its place: 1, 2, 3, ..
    ///
    /// Places MUST become visible in order: a reader that has seen place `n` MUST never find one below `n` later. A plain
    /// database sequence does not give this; a counter row that stays locked until the commit does.
    async fn append(&mut self, revocation: Revocation) -> Result<i64, StoreError>;

    /// Up to `limit` entries after `position` that have not expired at `now`, in order, each with its place.
    async fn after(&mut self, position: i64, now: Timestamp, limit: u32) -> Result<Vec<(i64, Revocation)>, StoreError>;

    /// The place of the newest entry ever appended; zero when there was none. Purging does not change it.
    async fn position(&mut self) -> Result<i64, StoreError>;

    /// Forgets those that expired before `cutoff`.
    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError>;
}
