//! Refresh tokens.

use application::ports::{RefreshTokens, Rotation, StoreError};
use async_trait::async_trait;
use domain::id::SessionId;
use domain::refresh_token::StoredRefreshToken;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{RefreshTokenRow, add};

#[async_trait]
impl RefreshTokens for MemoryTransaction {
    async fn insert(&mut self, token: &StoredRefreshToken) -> Result<(), StoreError> {
        let action = "add a refresh token";
        let state = self.edit(action)?;
        if !state.sessions.contains_key(&token.session) {
            return Err(StoreError::new(action, "there is no such session"));
        }
        let row = RefreshTokenRow {
            token: token.clone(),
            is_used: false,
        };
        add(&mut state.refresh_tokens, *token.digest.as_bytes(), row, action)
    }

    async fn rotate(&mut self, digest: &Digest, now: Timestamp) -> Result<Rotation, StoreError> {
        let row = self
            .edit("rotate a refresh token")?
            .refresh_tokens
            .get_mut(digest.as_bytes());
        Ok(match row {
            Some(row) if row.is_used => Rotation::Reused(row.token.session),
            Some(row) if now < row.token.expires_at => {
                row.is_used = true;
                Rotation::Rotated(row.token.session)
            }
            _ => Rotation::Unknown,
        })
    }

    async fn retire_all_of(&mut self, session: SessionId, _now: Timestamp) -> Result<(), StoreError> {
        let rows = self
            .edit("retire the refresh tokens of a session")?
            .refresh_tokens
            .values_mut();
        for row in rows.filter(|row| row.token.session == session) {
            row.is_used = true;
        }
        Ok(())
    }

    async fn session_of(&mut self, digest: &Digest) -> Result<Option<SessionId>, StoreError> {
        let row = self
            .view("find the session of a refresh token")?
            .refresh_tokens
            .get(digest.as_bytes());
        Ok(row.map(|row| row.token.session))
    }
}
