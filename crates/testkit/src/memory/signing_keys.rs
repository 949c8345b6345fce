//! The key ring.

use std::cmp::Reverse;

use application::ports::{Addition, Consumption, SigningKeys, StoreError};
use async_trait::async_trait;
use domain::signing_key::{KeyPurpose, KeyState, Kid, SigningKey};
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{State, add, at_most};

fn is_occupied(state: &State, purpose: KeyPurpose, place: KeyState) -> bool {
    let mut keys = state.signing_keys.values();
    matches!(place, KeyState::Next | KeyState::Active) && keys.any(|key| key.purpose == purpose && key.state == place)
}

#[async_trait]
impl SigningKeys for MemoryTransaction {
    async fn insert(&mut self, key: &SigningKey) -> Result<Addition, StoreError> {
        let action = "add a signing key";
        let state = self.edit(action)?;
        if is_occupied(state, key.purpose, key.state) {
            return Ok(Addition::Occupied);
        }
        add(&mut state.signing_keys, key.kid.clone(), key.clone(), action).map(|()| Addition::Done)
    }

    async fn published(&mut self) -> Result<Vec<SigningKey>, StoreError> {
        let keys = self.view("list the published signing keys")?.signing_keys.values();
        let mut published: Vec<_> = keys.filter(|key| key.state.is_published()).cloned().collect();
        published.sort_by_key(|key| key.created_at);
        Ok(published)
    }

    async fn list(&mut self, limit: u32) -> Result<Vec<SigningKey>, StoreError> {
        let mut keys: Vec<_> = self
            .view("list the signing keys")?
            .signing_keys
            .values()
            .cloned()
            .collect();
        keys.sort_by_key(|key| Reverse(key.created_at));
        keys.truncate(at_most(limit));
        Ok(keys)
    }

    async fn advance(
        &mut self,
        kid: &Kid,
        from: KeyState,
        to: KeyState,
        now: Timestamp,
    ) -> Result<Consumption, StoreError> {
        let action = "advance a signing key";
        let state = self.edit(action)?;
        let found = state.signing_keys.get(kid).filter(|key| key.state == from);
        let Some(mut key) = found.cloned() else {
            return Ok(Consumption::Spent);
        };
        if is_occupied(state, key.purpose, to) {
            return Err(StoreError::new(action, "there is a key in that state already"));
        }
        (key.state, key.state_since) = (to, now);
        state.signing_keys.insert(kid.clone(), key);
        Ok(Consumption::First)
    }
}
