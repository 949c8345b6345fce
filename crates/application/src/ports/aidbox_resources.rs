//! Documents of the Aidbox profile.

use async_trait::async_trait;
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::id::UserId;

use super::StoreError;

/// Documents of the Aidbox profile. One that describes an account is forgotten with it.
#[async_trait]
pub trait AidboxResources: Send {
    /// Writes one: adds it, or replaces document, account, version and `updated_at` of the one of that kind and identity.
    async fn put(&mut self, resource: &AidboxResource) -> Result<(), StoreError>;

    /// The one of that kind and identity, held: until this transaction ends, no other writes or deletes it.
    async fn hold(&mut self, kind: ResourceKind, id: &str) -> Result<Option<AidboxResource>, StoreError>;

    /// The one of that kind and identity.
    async fn find(&mut self, kind: ResourceKind, id: &str) -> Result<Option<AidboxResource>, StoreError>;

    /// The `User` that describes an account.
    async fn of_account(&mut self, user: UserId) -> Result<Option<AidboxResource>, StoreError>;

    /// Up to `limit` of a kind whose identity sorts (by bytes) after `after`, in that order.
    async fn list(
        &mut self,
        kind: ResourceKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AidboxResource>, StoreError>;

    /// Deletes one. `false` if there is none.
    async fn delete(&mut self, kind: ResourceKind, id: &str) -> Result<bool, StoreError>;
}
