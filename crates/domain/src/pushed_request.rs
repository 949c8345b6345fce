//! Authorization requests that a client pushed beforehand (RFC 9126).

use crate::client_id::ClientId;
use crate::secret::Digest;
use crate::time::Timestamp;

/// What `request_uri` begins with (RFC 9126 section 2.2).
pub const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// A pushed request as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPushedRequest {
    /// The keyed digest of the reference.
    pub digest: Digest,
    /// The client that pushed it.
    pub client: ClientId,
    /// Its parameters, form-encoded.
    pub parameters: String,
    /// When it ends.
    pub expires_at: Timestamp,
}
