//! Browsers that are logged in to the pages.

use async_trait::async_trait;
use domain::browser::StoredBrowser;
use domain::id::SessionId;
use domain::secret::Digest;

use super::StoreError;

/// Cookies of browsers, each for one session of the table of sessions, with which it is forgotten.
#[async_trait]
pub trait Browsers: Send {
    /// Adds one; its session MUST be there.
    async fn insert(&mut self, browser: &StoredBrowser) -> Result<(), StoreError>;

    /// The session of the cookie with that digest, expired or not.
    async fn session_of(&mut self, digest: &Digest) -> Result<Option<SessionId>, StoreError>;

    /// Gives the session of one cookie to another, in one atomic statement: the old one is good for nothing from then on. `false`
    /// if it was good for nothing before.
    async fn replace(&mut self, old: &Digest, new: &Digest) -> Result<bool, StoreError>;
}
