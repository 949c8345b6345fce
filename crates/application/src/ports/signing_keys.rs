//! The key ring.

use async_trait::async_trait;
use domain::signing_key::{KeyState, Kid, SigningKey};
use domain::time::Timestamp;

use super::{Consumption, StoreError};

/// The outcome of adding a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "another node may have been first"]
pub enum Addition {
    /// It was added.
    Done,
    /// There is a key of that purpose in that state already (at most one is `next`, and one `active`). Nothing was added.
    Occupied,
}

/// The keys that sign tokens.
#[async_trait]
pub trait SigningKeys: Send {
    /// Adds a key. There MUST never be two keys of one purpose in the state `next`, nor two in `active`, under any concurrency;
    /// after `Occupied` the transaction MUST still be usable.
    async fn insert(&mut self, key: &SigningKey) -> Result<Addition, StoreError>;

    /// All keys that are not retired, oldest first.
    async fn published(&mut self) -> Result<Vec<SigningKey>, StoreError>;

    /// All keys, newest first, at most `limit`.
    async fn list(&mut self, limit: u32) -> Result<Vec<SigningKey>, StoreError>;

    /// Moves a key from one state to another at `now`. One atomic conditional statement: `First` for exactly one caller. The
    /// caller vacates `active` before it fills it.
    async fn advance(
        &mut self,
        kid: &Kid,
        from: KeyState,
        to: KeyState,
        now: Timestamp,
    ) -> Result<Consumption, StoreError>;
}
