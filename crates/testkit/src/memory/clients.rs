//! Client applications.

use application::ports::{ClientInsertion, Clients, StoreError};
use async_trait::async_trait;
use domain::client::{Client, ClientId};

use super::MemoryTransaction;
use super::state::{at_most, forget};

#[async_trait]
impl Clients for MemoryTransaction {
    async fn insert(&mut self, client: &Client) -> Result<ClientInsertion, StoreError> {
        let clients = &mut self.edit("add a client")?.clients;
        if clients.contains_key(&client.id) {
            return Ok(ClientInsertion::Taken);
        }
        clients.insert(client.id.clone(), client.clone());
        Ok(ClientInsertion::Done)
    }

    async fn find(&mut self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.view("find a client")?.clients.get(id).cloned())
    }

    async fn update(&mut self, client: &Client, version: i64) -> Result<bool, StoreError> {
        let row = self.edit("change a client")?.clients.get_mut(&client.id);
        Ok(row
            .filter(|row| row.version == version)
            .map(|row| {
                *row = Client {
                    created_at: row.created_at,
                    ..client.clone()
                };
            })
            .is_some())
    }

    async fn delete(&mut self, id: &ClientId) -> Result<bool, StoreError> {
        let state = self.edit("delete a client")?;
        forget(&mut state.consents, |consent| consent.client != *id);
        forget(&mut state.codes, |row| row.code.request.client != *id);
        forget(&mut state.devices, |device| device.request.client != *id);
        forget(&mut state.pushed_requests, |request| request.client != *id);
        forget(&mut state.opaque_tokens, |token| token.client != *id);
        Ok(state.clients.remove(id).is_some())
    }

    async fn list(&mut self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError> {
        let clients = self.view("list clients")?.clients.values();
        Ok(clients
            .filter(|client| after.is_none_or(|after| client.id > *after))
            .take(at_most(limit))
            .cloned()
            .collect())
    }
}
