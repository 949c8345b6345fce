//! Refresh tokens.

use async_trait::async_trait;
use domain::id::SessionId;
use domain::refresh_token::StoredRefreshToken;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::StoreError;

/// The outcome of using a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only `Rotated` may go on, and `Reused` must revoke the family"]
pub enum Rotation {
    /// This call used it.
    Rotated(SessionId),
    /// It was used before: two parties hold it, and one of them stole it (RFC 9700 section 4.14.2).
    Reused(SessionId),
    /// It does not exist, or has expired.
    Unknown,
}

/// Refresh tokens.
#[async_trait]
pub trait RefreshTokens: Send {
    /// Adds one.
    async fn insert(&mut self, token: &StoredRefreshToken) -> Result<(), StoreError>;

    /// Uses the token with that digest, if it has not expired at `now`. One atomic conditional statement decides: exactly
    /// one caller ever gets `Rotated`. A used token MUST be answered with `Reused` for as long as its session exists, even
    /// after the time at which it would have expired.
    async fn rotate(&mut self, digest: &Digest, now: Timestamp) -> Result<Rotation, StoreError>;

    /// Marks every unused token of a session as used at `now`: whoever sends one of them from then on reuses it.
    async fn retire_all_of(&mut self, session: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// The session of the token with that digest, used or not; for revocation (RFC 7009).
    async fn session_of(&mut self, digest: &Digest) -> Result<Option<SessionId>, StoreError>;
}
