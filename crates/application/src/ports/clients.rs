//! Client applications.

use async_trait::async_trait;
use domain::client::{Client, ClientId};

use super::StoreError;

/// The outcome of adding a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "an identity that is taken is not an error of the store"]
pub enum ClientInsertion {
    /// It was added.
    Done,
    /// There is one of that identity. Nothing was added.
    Taken,
}

/// Client applications.
#[async_trait]
pub trait Clients: Send {
    /// Adds one. After `Taken` the transaction MUST still be usable.
    async fn insert(&mut self, client: &Client) -> Result<ClientInsertion, StoreError>;

    /// The one of that identity.
    async fn find(&mut self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// Replaces everything of one but its identity and `created_at`, only if its version is still `version`; what is written
    /// carries the new version. `false` if it is gone or was changed meanwhile.
    async fn update(&mut self, client: &Client, version: i64) -> Result<bool, StoreError>;

    /// Deletes one, with its consents, codes, devices, pushed requests and opaque tokens. Sessions are the caller's to end.
    /// `false` if there is none.
    async fn delete(&mut self, id: &ClientId) -> Result<bool, StoreError>;

    /// Up to `limit` clients whose identity sorts (by bytes) after `after`, in that order.
    async fn list(&mut self, after: Option<&ClientId>, limit: u32) -> Result<Vec<Client>, StoreError>;
}
