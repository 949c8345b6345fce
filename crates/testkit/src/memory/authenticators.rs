//! Authenticators.

use application::ports::{Authenticators, Consumption, StoreError};
use async_trait::async_trait;
use domain::authenticator::{Authenticator, AuthenticatorName, AuthenticatorState};
use domain::id::{AuthenticatorId, UserId};
use domain::one_time_code::Position;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{add, forget};

#[async_trait]
impl Authenticators for MemoryTransaction {
    async fn insert(&mut self, authenticator: &Authenticator) -> Result<(), StoreError> {
        let action = "add an authenticator";
        let state = self.edit(action)?;
        state.owned_by(authenticator.user, action)?;
        add(
            &mut state.authenticators,
            authenticator.id,
            authenticator.clone(),
            action,
        )
    }

    async fn of_user(&mut self, user: UserId) -> Result<Vec<Authenticator>, StoreError> {
        let rows = self
            .view("find the authenticators of an account")?
            .authenticators
            .values();
        let mut own: Vec<_> = rows.filter(|row| row.user == user).cloned().collect();
        own.sort_by_key(|row| row.created_at);
        Ok(own)
    }

    async fn confirm(
        &mut self,
        id: AuthenticatorId,
        position: Position,
        now: Timestamp,
    ) -> Result<Consumption, StoreError> {
        let row = self.edit("confirm an authenticator")?.authenticators.get_mut(&id);
        Ok(match row.filter(|row| row.is_pending(now) && row.position < position) {
            Some(row) => {
                row.state = AuthenticatorState::Active { confirmed_at: now };
                row.position = position;
                Consumption::First
            }
            None => Consumption::Spent,
        })
    }

    async fn advance(
        &mut self,
        id: AuthenticatorId,
        position: Position,
        now: Timestamp,
    ) -> Result<Consumption, StoreError> {
        let row = self.edit("advance an authenticator")?.authenticators.get_mut(&id);
        Ok(match row.filter(|row| row.is_active() && row.position < position) {
            Some(row) => {
                (row.position, row.used_at) = (position, Some(now));
                Consumption::First
            }
            None => Consumption::Spent,
        })
    }

    async fn rename(
        &mut self,
        user: UserId,
        id: AuthenticatorId,
        name: &AuthenticatorName,
    ) -> Result<bool, StoreError> {
        let row = self.edit("rename an authenticator")?.authenticators.get_mut(&id);
        let own = row.filter(|row| row.user == user);
        Ok(own.map(|row| row.name = name.clone()).is_some())
    }

    async fn delete(&mut self, user: UserId, id: AuthenticatorId) -> Result<bool, StoreError> {
        let rows = &mut self.edit("delete an authenticator")?.authenticators;
        let is_own = rows.get(&id).is_some_and(|row| row.user == user);
        Ok(is_own && rows.remove(&id).is_some())
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let rows = &mut self.edit("purge pending authenticators")?.authenticators;
        Ok(forget(rows, |row| row.is_live(now)))
    }
}
