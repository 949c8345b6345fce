//! What people allowed clients.

use async_trait::async_trait;
use domain::client::ClientId;
use domain::consent::Consent;
use domain::id::UserId;

use super::StoreError;

/// Consents: one for each account and client.
#[async_trait]
pub trait Consents: Send {
    /// The consent of an account to a client.
    async fn find(&mut self, user: UserId, client: &ClientId) -> Result<Option<Consent>, StoreError>;

    /// Writes one in the place of the one before. Its client MUST be there, and the account MUST be held: scopes that were given
    /// before are the caller's to keep.
    async fn put(&mut self, consent: &Consent) -> Result<(), StoreError>;

    /// Those of an account, ordered by client.
    async fn of_user(&mut self, user: UserId) -> Result<Vec<Consent>, StoreError>;

    /// Withdraws one. `false` if there is none.
    async fn delete(&mut self, user: UserId, client: &ClientId) -> Result<bool, StoreError>;
}
