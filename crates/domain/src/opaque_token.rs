//! Access tokens that are references (RFC 6749 section 1.4), as they are stored.

use crate::client_id::ClientId;
use crate::id::{SessionId, TokenId};
use crate::scope::Scopes;
use crate::secret::Digest;
use crate::time::Timestamp;

/// An opaque access token. What it says of an account is read from its session.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredOpaqueToken {
    /// The keyed digest of the token.
    pub digest: Digest,
    /// Its identity, the `jti` of introspection.
    pub token: TokenId,
    /// The session; `None` for a token that a client got for itself.
    pub session: Option<SessionId>,
    /// The client.
    pub client: ClientId,
    /// What it may be used for.
    pub scopes: Scopes,
    /// The resources it is for.
    pub audience: Vec<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}
