//! Refresh tokens as they are stored: one row per token, so that a used one is remembered and its reuse is seen.

use crate::id::SessionId;
use crate::secret::Digest;
use crate::time::Timestamp;

/// A refresh token, by the digest of its text.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRefreshToken {
    /// The keyed digest of the text.
    pub digest: Digest,
    /// The session it belongs to, which is the family that a reuse revokes (RFC 9700 section 4.14.2).
    pub session: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires unused.
    pub expires_at: Timestamp,
}
