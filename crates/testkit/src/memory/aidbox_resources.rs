//! Documents of the Aidbox profile.

use application::ports::{AidboxResources, StoreError};
use async_trait::async_trait;
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::id::UserId;

use super::MemoryTransaction;
use super::state::{State, at_most};

fn get(state: &State, kind: ResourceKind, id: &str) -> Option<AidboxResource> {
    state.aidbox_resources.get(&(kind, id.to_owned())).cloned()
}

#[async_trait]
impl AidboxResources for MemoryTransaction {
    async fn put(&mut self, resource: &AidboxResource) -> Result<(), StoreError> {
        let action = "write a document";
        let state = self.edit(action)?;
        if let Some(account) = resource.account {
            state.owned_by(account, action)?;
        }
        let before = get(state, resource.kind, &resource.id);
        let row = AidboxResource {
            created_at: before.map_or(resource.created_at, |before| before.created_at),
            ..resource.clone()
        };
        state.aidbox_resources.insert((resource.kind, resource.id.clone()), row);
        Ok(())
    }

    async fn hold(&mut self, kind: ResourceKind, id: &str) -> Result<Option<AidboxResource>, StoreError> {
        Ok(get(self.edit("hold a document")?, kind, id))
    }

    async fn find(&mut self, kind: ResourceKind, id: &str) -> Result<Option<AidboxResource>, StoreError> {
        Ok(get(self.view("find a document")?, kind, id))
    }

    async fn of_account(&mut self, user: UserId) -> Result<Option<AidboxResource>, StoreError> {
        let mut rows = self.view("find the document of an account")?.aidbox_resources.values();
        Ok(rows
            .find(|row| row.kind == ResourceKind::User && row.account == Some(user))
            .cloned())
    }

    async fn list(
        &mut self,
        kind: ResourceKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AidboxResource>, StoreError> {
        let rows = self.view("list documents")?.aidbox_resources.values();
        Ok(rows
            .filter(|row| row.kind == kind && after.is_none_or(|after| row.id.as_str() > after))
            .take(at_most(limit))
            .cloned()
            .collect())
    }

    async fn delete(&mut self, kind: ResourceKind, id: &str) -> Result<bool, StoreError> {
        let rows = &mut self.edit("delete a document")?.aidbox_resources;
        Ok(rows.remove(&(kind, id.to_owned())).is_some())
    }
}
