//! Counters of attempts.

use application::ports::{AttemptKey, Attempts, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::lockout::Tally;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::at_most;

#[async_trait]
impl Attempts for MemoryTransaction {
    async fn hold(&mut self, key: &AttemptKey) -> Result<Tally, StoreError> {
        Ok(self
            .edit("hold a counter")?
            .attempts
            .get(key)
            .copied()
            .unwrap_or_default())
    }

    async fn record(&mut self, key: &AttemptKey, tally: Tally) -> Result<(), StoreError> {
        self.edit("record an attempt")?.attempts.insert(key.clone(), tally);
        Ok(())
    }

    async fn clear(&mut self, key: &AttemptKey) -> Result<(), StoreError> {
        self.edit("clear a counter")?.attempts.remove(key);
        Ok(())
    }

    async fn clear_account(&mut self, account: UserId) -> Result<(), StoreError> {
        self.edit("clear the counters of an account")?
            .attempts
            .retain(|key, _| key.account != account);
        Ok(())
    }

    async fn of_account(&mut self, account: UserId) -> Result<Vec<(AttemptKey, Tally)>, StoreError> {
        let attempts = &self.view("list the counters of an account")?.attempts;
        let own = attempts
            .iter()
            .filter(|(key, tally)| key.account == account && **tally != Tally::default());
        Ok(own.map(|(key, tally)| (key.clone(), *tally)).collect())
    }

    async fn purge(&mut self, cutoff: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let state = self.edit("purge counters")?;
        let goes = |key: &AttemptKey, tally: &Tally| {
            let may_go = !key.network.is_empty() || !state.users.contains_key(&key.account);
            may_go && tally.last_admitted.is_some_and(|last| last < cutoff)
        };
        let gone: Vec<AttemptKey> = state
            .attempts
            .iter()
            .filter(|(key, tally)| goes(key, tally))
            .map(|(key, _)| key.clone())
            .take(at_most(limit))
            .collect();
        for key in &gone {
            state.attempts.remove(key);
        }
        Ok(gone.len() as u64)
    }
}
