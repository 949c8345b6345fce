//! Links with which an account gets a new password. They never take the place of the second factor.

use std::time::Duration;

use crate::id::UserId;
use crate::secret::Digest;
use crate::time::Timestamp;
use crate::user::Epoch;

/// How long a link is good.
pub const RESET_LINK_LIFETIME: Duration = Duration::from_mins(15);
/// How long a new password may be set after the second factor was proved.
pub const RESET_PROVED_LIFETIME: Duration = Duration::from_mins(5);

/// How far a reset has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetStage {
    /// The link was made, and whoever has it must prove the second factor of the account, if it has one.
    Link,
    /// The second factor was proved, or there is none: a new password may be set.
    Proved,
}

impl ResetStage {
    /// The name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Proved => "proved",
        }
    }

    /// The stage of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Link, Self::Proved]
            .into_iter()
            .find(|stage| stage.name() == name)
    }
}

/// A reset as it is stored. An account has one at most: the next replaces it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPasswordReset {
    /// The keyed digest of the token.
    pub digest: Digest,
    /// The account.
    pub user: UserId,
    /// Its epoch when the link was made: any change of the account voids the link.
    pub epoch: Epoch,
    /// How far it has come.
    pub stage: ResetStage,
    /// When it ends.
    pub expires_at: Timestamp,
}
