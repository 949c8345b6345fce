//! A browser that is logged in to the pages of this service.

use std::time::Duration;

use crate::id::SessionId;
use crate::secret::Digest;
use crate::session::Session;
use crate::time::Timestamp;

/// The `client_id` of sessions that belong to the pages themselves.
pub const PAGES_CLIENT: &str = "countersign-pages";

/// The cookie of a browser's session, as it is stored. The session is one of the table of sessions.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredBrowser {
    /// The keyed digest of the cookie.
    pub digest: Digest,
    /// The session.
    pub session: SessionId,
}

/// How long a browser stays logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserLifetimes {
    /// Without use (NIST SP 800-63B-4 section 2.2.3).
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

impl BrowserLifetimes {
    /// Whether the session goes on at `now`.
    pub fn admits(&self, session: &Session, now: Timestamp) -> bool {
        now < session.expires_at
            && now < session.used_at.after(self.idle)
            && now < session.opened_at.after(self.absolute)
    }
}
