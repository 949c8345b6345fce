//! Secret keys as they are stored, and how long the old one lives when a new one is made.

use std::time::Duration;

use crate::id::{SecretKeyId, UserId};
use crate::secret::Digest;
use crate::time::Timestamp;

/// The longest time for which the old key may live on beside its successor.
pub const OVERLAP_MAX: Duration = Duration::from_hours(7 * 24);

/// A secret key of an account, by the digest of its text.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSecretKey {
    /// Its identity.
    pub id: SecretKeyId,
    /// Whose it is.
    pub user: UserId,
    /// The keyed digest of the text.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When a successor was made. Such a key may still prove a login until it expires; it may not make a further successor.
    pub superseded_at: Option<Timestamp>,
}

impl StoredSecretKey {
    /// Whether it can prove a login at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// When it ends if a successor is made at `now` and the owner asks for `overlap`: never later than it would have anyway.
    pub fn end_after(&self, now: Timestamp, overlap: Duration) -> Timestamp {
        let end = now.after(overlap.min(OVERLAP_MAX));
        self.expires_at.map_or(end, |own| own.min(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(expires_at: Option<Timestamp>) -> StoredSecretKey {
        StoredSecretKey {
            id: SecretKeyId::from_random([1; 16]),
            user: UserId::from_random([2; 16]),
            digest: Digest::from_bytes([3; 32]),
            created_at: Timestamp::from_seconds(0),
            expires_at,
            superseded_at: None,
        }
    }

    #[test]
    fn an_overlap_never_prolongs_a_key() {
        let now = Timestamp::from_seconds(100);
        let soon = Timestamp::from_seconds(110);
        assert_eq!(key(Some(soon)).end_after(now, OVERLAP_MAX), soon);
        assert_eq!(key(None).end_after(now, Duration::ZERO), now);
        assert_eq!(key(None).end_after(now, Duration::MAX), now.after(OVERLAP_MAX));
    }

    #[test]
    fn a_key_ends_at_its_expiry() {
        let end = Timestamp::from_seconds(5);
        assert!(key(Some(end)).is_live(Timestamp::from_seconds(4)));
        assert!(!key(Some(end)).is_live(end));
        assert!(key(None).is_live(end));
    }
}
