//! Secret keys.

use std::cmp::Reverse;

use application::ports::{Consumption, SecretKeys, StoreError};
use async_trait::async_trait;
use domain::id::{SecretKeyId, UserId};
use domain::secret_key::StoredSecretKey;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{add, forget};

#[async_trait]
impl SecretKeys for MemoryTransaction {
    async fn insert(&mut self, key: &StoredSecretKey) -> Result<(), StoreError> {
        let action = "add a secret key";
        let state = self.edit(action)?;
        state.owned_by(key.user, action)?;
        add(&mut state.secret_keys, key.id, key.clone(), action)
    }

    async fn live_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<StoredSecretKey>, StoreError> {
        let keys = self.view("find the secret keys of an account")?.secret_keys.values();
        let mut live: Vec<_> = keys
            .filter(|key| key.user == user && key.is_live(now))
            .cloned()
            .collect();
        live.sort_by_key(|key| Reverse(key.created_at));
        Ok(live)
    }

    async fn supersede(&mut self, id: SecretKeyId, now: Timestamp, end: Timestamp) -> Result<Consumption, StoreError> {
        let key = self.edit("supersede a secret key")?.secret_keys.get_mut(&id);
        Ok(match key.filter(|key| key.superseded_at.is_none()) {
            Some(key) => {
                (key.superseded_at, key.expires_at) = (Some(now), Some(end));
                Consumption::First
            }
            None => Consumption::Spent,
        })
    }

    async fn end_all_of(&mut self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        let keys = self.edit("end the secret keys of an account")?.secret_keys.values_mut();
        for key in keys.filter(|key| key.user == user && key.is_live(now)) {
            key.expires_at = Some(now);
        }
        Ok(())
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let keys = &mut self.edit("purge secret keys")?.secret_keys;
        Ok(forget(keys, |key| key.expires_at.is_none_or(|end| end >= cutoff)))
    }
}
