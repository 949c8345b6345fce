//! Counters of attempts.

use async_trait::async_trait;
use domain::id::UserId;
use domain::lockout::{Budget, Tally};
use domain::time::Timestamp;

use super::StoreError;

/// Which counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptKey {
    /// The account; or the identity that stands for a user name nobody has, so that unknown names cost the same work and
    /// are held in the same way as known ones. There MUST NOT be a foreign key on it.
    pub account: UserId,
    /// The budget.
    pub budget: Budget,
    /// The network, for budgets that are kept per network; otherwise empty.
    pub network: String,
}

/// Counters of attempts. The rule lives in `domain::lockout`; the store keeps the facts and makes a charge exclusive.
#[async_trait]
pub trait Attempts: Send {
    /// The tally, held: until this transaction ends, no other transaction MUST see or hold it. A counter that does not exist
    /// yet is created as [`Tally::default`] and held too, so that the first attempts of a crowd are counted exactly.
    async fn hold(&mut self, key: &AttemptKey) -> Result<Tally, StoreError>;

    /// Writes a tally that this transaction holds.
    async fn record(&mut self, key: &AttemptKey, tally: Tally) -> Result<(), StoreError>;

    /// Sets a counter back to nothing, after a success.
    async fn clear(&mut self, key: &AttemptKey) -> Result<(), StoreError>;

    /// Sets all counters of an account back to nothing.
    async fn clear_account(&mut self, account: UserId) -> Result<(), StoreError>;

    /// The counters of an account that are not at nothing.
    async fn of_account(&mut self, account: UserId) -> Result<Vec<(AttemptKey, Tally)>, StoreError>;

    /// Forgets up to `limit` counters that belong to no account or to a network, and whose last attempt was admitted before
    /// `cutoff`. Counters of accounts that are not kept per network MUST stay: their cap never restarts by time.
    async fn purge(&mut self, cutoff: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
