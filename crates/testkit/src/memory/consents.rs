//! What people allowed clients.

use application::ports::{Consents, StoreError};
use async_trait::async_trait;
use domain::client::ClientId;
use domain::consent::Consent;
use domain::id::UserId;

use super::MemoryTransaction;

#[async_trait]
impl Consents for MemoryTransaction {
    async fn find(&mut self, user: UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let consents = &self.view("find a consent")?.consents;
        Ok(consents.get(&(user, client.clone())).cloned())
    }

    async fn put(&mut self, consent: &Consent) -> Result<(), StoreError> {
        let action = "write a consent";
        let state = self.edit(action)?;
        state.owned_by(consent.user, action)?;
        state.of_client(&consent.client, action)?;
        state
            .consents
            .insert((consent.user, consent.client.clone()), consent.clone());
        Ok(())
    }

    async fn of_user(&mut self, user: UserId) -> Result<Vec<Consent>, StoreError> {
        let consents = self.view("list the consents of an account")?.consents.values();
        Ok(consents.filter(|consent| consent.user == user).cloned().collect())
    }

    async fn delete(&mut self, user: UserId, client: &ClientId) -> Result<bool, StoreError> {
        let consents = &mut self.edit("withdraw a consent")?.consents;
        Ok(consents.remove(&(user, client.clone())).is_some())
    }
}
