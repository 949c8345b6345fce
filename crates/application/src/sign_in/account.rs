//! The account that a login concerns, which may not exist.

use domain::id::UserId;
use domain::lockout::Budget;
use domain::user::{User, UserState};

use crate::ports::AttemptKey;

/// What stands behind a user name. An unknown name has an identity too, so that it is counted and held like a known one.
pub(crate) struct Account {
    pub id: UserId,
    pub user: Option<User>,
}

impl Account {
    /// The account, if it exists and is active.
    pub fn usable(self) -> Option<User> {
        self.user.filter(|user| user.state == UserState::Active)
    }

    pub fn is_usable(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.state == UserState::Active)
    }

    /// The account's identity, if it exists; for the audit log.
    pub fn known_id(&self) -> Option<UserId> {
        self.user.as_ref().map(|user| user.id)
    }
}

/// The counter of a budget of an account, over all networks.
pub(crate) fn attempts_of(account: UserId, budget: Budget) -> AttemptKey {
    AttemptKey {
        account,
        budget,
        network: String::new(),
    }
}

/// The counter of a budget of an account, for one network.
pub(crate) fn attempts_from(account: UserId, budget: Budget, network: &str) -> AttemptKey {
    AttemptKey {
        account,
        budget,
        network: network.to_owned(),
    }
}
