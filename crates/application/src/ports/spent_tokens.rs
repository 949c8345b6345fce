//! One-use access tokens that were used.

use async_trait::async_trait;
use domain::id::TokenId;
use domain::time::Timestamp;

use super::{Consumption, StoreError};

/// One-use access tokens that were used.
#[async_trait]
pub trait SpentTokens: Send {
    /// Spends a token that expires at `expires_at`. One atomic statement: `First` for exactly one caller, on any node.
    async fn spend(&mut self, token: TokenId, expires_at: Timestamp) -> Result<Consumption, StoreError>;

    /// Forgets those that expired before `cutoff`.
    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError>;
}
