//! One-use access tokens that were used.

use application::ports::{Consumption, SpentTokens, StoreError};
use async_trait::async_trait;
use domain::id::TokenId;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::forget;

#[async_trait]
impl SpentTokens for MemoryTransaction {
    async fn spend(&mut self, token: TokenId, expires_at: Timestamp) -> Result<Consumption, StoreError> {
        let rows = &mut self.edit("spend a token")?.spent_tokens;
        if rows.contains_key(&token) {
            return Ok(Consumption::Spent);
        }
        rows.insert(token, expires_at);
        Ok(Consumption::First)
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        Ok(forget(
            &mut self.edit("purge spent tokens")?.spent_tokens,
            |expires_at| *expires_at >= cutoff,
        ))
    }
}
