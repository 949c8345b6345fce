//! Authorization codes.

use async_trait::async_trait;
use domain::authorization::StoredCode;
use domain::id::SessionId;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::StoreError;

/// The outcome of spending a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only `First` may go on, and `Spent` must end the session that came of it"]
pub enum CodeSpending {
    /// This call spent it.
    First,
    /// It was spent before, for this session: it may have been stolen (RFC 6749 section 4.1.2).
    Spent(SessionId),
    /// It does not exist, or has expired.
    Unknown,
}

/// Authorization codes.
#[async_trait]
pub trait Codes: Send {
    /// Adds one. Its client and account MUST be there, and its parent session, with which it is forgotten.
    async fn insert(&mut self, code: &StoredCode) -> Result<(), StoreError>;

    /// The one with that digest, spent or not, if it has not expired at `now`. Does not spend it.
    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredCode>, StoreError>;

    /// Spends the one with that digest for `session`, if it has not expired at `now`. One atomic conditional statement: exactly
    /// one caller ever gets `First`. A spent code MUST be answered with `Spent` until it is purged, also after its end.
    async fn spend(&mut self, digest: &Digest, session: SessionId, now: Timestamp) -> Result<CodeSpending, StoreError>;

    /// Forgets those that expired before `before`.
    async fn purge(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}
