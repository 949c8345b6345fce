//! Password hashing, and its bounded queue.

use async_trait::async_trait;
use domain::secret::{Password, PasswordHash};

/// The outcome of comparing a password with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a wrong password must be refused"]
pub enum PasswordCheck {
    /// It fits.
    Right,
    /// It fits, and the hash was made with other parameters than those of today.
    RightOutdated,
    /// It does not fit, or there was nothing to compare with.
    Wrong,
}

/// Too many passwords are waiting to be hashed: try again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are waiting to be hashed")]
pub struct HasherBusy;

/// A slow, memory-hard hash. Work is bounded: an adapter MUST refuse with [`HasherBusy`] rather than queue without end.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// How many callers may be under way at once without one being refused as [`HasherBusy`].
    fn capacity(&self) -> usize;

    /// Hashes a new password with a fresh salt.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherBusy>;

    /// Compares. With `None` the same work MUST be done and the answer is `Wrong`: an unknown account must cost what a known
    /// one costs. A stored hash that cannot be read MUST cost the same too, and is `Wrong`.
    async fn check(&self, password: Password, hash: Option<PasswordHash>) -> Result<PasswordCheck, HasherBusy>;
}
