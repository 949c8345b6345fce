//! Access tokens that are references.

use application::ports::{OpaqueTokens, StoreError};
use async_trait::async_trait;
use domain::opaque_token::StoredOpaqueToken;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{add, forget};

#[async_trait]
impl OpaqueTokens for MemoryTransaction {
    async fn insert(&mut self, token: &StoredOpaqueToken) -> Result<(), StoreError> {
        let action = "add an opaque token";
        let state = self.edit(action)?;
        state.of_client(&token.client, action)?;
        state.of_session(token.session, action)?;
        add(
            &mut state.opaque_tokens,
            *token.digest.as_bytes(),
            token.clone(),
            action,
        )
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredOpaqueToken>, StoreError> {
        let token = self.view("find an opaque token")?.opaque_tokens.get(digest.as_bytes());
        Ok(token.filter(|token| now < token.expires_at).cloned())
    }

    async fn delete(&mut self, digest: &Digest) -> Result<bool, StoreError> {
        let tokens = &mut self.edit("delete an opaque token")?.opaque_tokens;
        Ok(tokens.remove(digest.as_bytes()).is_some())
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let tokens = &mut self.edit("purge opaque tokens")?.opaque_tokens;
        Ok(forget(tokens, |token| now < token.expires_at))
    }
}
