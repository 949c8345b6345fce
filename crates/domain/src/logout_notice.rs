//! Telling clients that a session ended (OpenID Connect Back-Channel Logout).

use std::time::Duration;

use crate::client_id::ClientId;
use crate::id::{NoticeId, SessionId, UserId};
use crate::time::Timestamp;

/// How often delivery of a notice is tried.
pub const NOTICE_ATTEMPTS_MAX: u32 = 6;

/// A notice that waits for its delivery. The logout token is signed when it is sent, because it lives for two minutes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutNotice {
    /// Its identity.
    pub id: NoticeId,
    /// Whom to tell.
    pub client: ClientId,
    /// Where.
    pub endpoint: String,
    /// Whose session ended.
    pub user: UserId,
    /// Which one: the `sid` of its tokens.
    pub session: SessionId,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub due_at: Timestamp,
}

impl LogoutNotice {
    /// How long to wait after the given number of failures: 5 s, and four times as long each time.
    pub fn pause_after(attempts: u32) -> Duration {
        Duration::from_secs(5).saturating_mul(4_u32.saturating_pow(attempts.saturating_sub(1).min(6)))
    }
}
