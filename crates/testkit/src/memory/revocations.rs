//! The sequence of revocations.

use application::ports::{Revocations, StoreError};
use async_trait::async_trait;
use domain::revocation::Revocation;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{at_most, forget};

#[async_trait]
impl Revocations for MemoryTransaction {
    async fn append(&mut self, revocation: Revocation) -> Result<i64, StoreError> {
        let state = self.edit("append a revocation")?;
        state.revocation_position += 1;
        state.revocations.insert(state.revocation_position, revocation);
        Ok(state.revocation_position)
    }

    async fn after(&mut self, position: i64, now: Timestamp, limit: u32) -> Result<Vec<(i64, Revocation)>, StoreError> {
        let rows = self
            .view("read the revocations")?
            .revocations
            .range(position.saturating_add(1)..);
        let live = rows
            .filter(|(_, row)| now < row.expires_at)
            .map(|(position, row)| (*position, *row));
        Ok(live.take(at_most(limit)).collect())
    }

    async fn position(&mut self) -> Result<i64, StoreError> {
        Ok(self.view("read the place of the last revocation")?.revocation_position)
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        Ok(forget(&mut self.edit("purge revocations")?.revocations, |row| {
            row.expires_at >= cutoff
        }))
    }
}
