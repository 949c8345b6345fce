//! Accounts of persons and machines.

use crate::email::Email;
use crate::id::UserId;
use crate::secret::PasswordHash;
use crate::time::Timestamp;
use crate::username::Username;

/// The longest display name, in characters.
pub const DISPLAY_NAME_MAX: usize = 128;

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Look after itself.
    User,
    /// Look after every account, the keys and the audit log.
    Admin,
}

impl Role {
    /// The name in requests, answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserState {
    /// It can log in.
    Active,
    /// It cannot, and nothing that it was issued is accepted.
    Disabled,
}

impl UserState {
    /// The name in requests, answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Counts the moments at which everything issued to an account became void: disabling, a new password, an administrator
/// ending its sessions. Tokens and sessions carry the epoch in which they were issued.
///
/// It exists beside instants because two things in one second, or on two nodes with two clocks, must still be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub i64);

impl Epoch {
    /// The epoch of a new account.
    pub const FIRST: Self = Self(0);
    /// Later than every epoch an account can reach; voids everything a deleted account was ever issued.
    pub const END: Self = Self(i64::MAX);
}

/// What an account owes before a login can end in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Enrolment {
    /// It has no second factor yet, and never had one: the first may be enrolled with the password. Only accounts that the
    /// configuration allows to be made so are in this state.
    Open,
    /// An administrator demands an authenticator: a login that proves what is left of the old factors may enrol one.
    Required,
    /// Nothing.
    Done,
}

impl Enrolment {
    /// The name in answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Required => "required",
            Self::Done => "done",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Required, Self::Done]
            .into_iter()
            .find(|enrolment| enrolment.name() == name)
    }
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its stable, opaque identity.
    pub id: UserId,
    /// The name it logs in with.
    pub username: Username,
    /// Where its owner can be reached.
    pub email: Option<Email>,
    /// What to call it on screens.
    pub display_name: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Whether it can be used.
    pub state: UserState,
    /// Its password, hashed.
    pub password_hash: PasswordHash,
    /// Whether its password came with it from elsewhere and would be refused today; its owner is told to change it.
    pub password_is_weak: bool,
    /// What it owes before a login can end in tokens.
    pub enrolment: Enrolment,
    /// How often everything issued to it was voided.
    pub epoch: Epoch,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its password was last set.
    pub password_changed_at: Timestamp,
}

impl User {
    /// Whether it may log in, and whether what it was issued in `epoch` still counts.
    pub fn honours(&self, epoch: Epoch) -> bool {
        self.state == UserState::Active && self.epoch == epoch
    }
}

/// Checks a display name: at most [`DISPLAY_NAME_MAX`] characters, no control characters, not blank.
pub fn is_display_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= DISPLAY_NAME_MAX && !text.chars().any(char::is_control)
}
