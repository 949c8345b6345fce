//! Who acts on accounts that are not his own: a capability that must be held, instead of a check that can be forgotten.

use domain::id::UserId;
use domain::scope::Scope;

use crate::tokens::Caller;

/// Somebody who may administer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// An administrator who proved two factors and asked for the scope.
    Admin(AdminId),
    /// Whoever can run commands beside the database and holds the master key.
    Operator,
    /// The service itself.
    Service,
}

/// The identity of an administrator; made by [`Actor::admin`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminId(UserId);

impl Actor {
    /// The administrator behind an authenticated call; `None` if the token does not carry the scope. The scope is granted to
    /// administrators only, and a change of role voids every token of the account.
    pub fn admin(caller: &Caller) -> Option<Self> {
        caller
            .scopes
            .contains(&Scope::Admin)
            .then_some(Self::Admin(AdminId(caller.subject)))
    }

    /// The account of the actor.
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::Admin(AdminId(id)) => Some(*id),
            Self::Operator | Self::Service => None,
        }
    }

    /// Whether it is the account itself. What administrators do with the factors of others takes no fresh proof; with their own
    /// they do as everybody does.
    pub fn is(&self, account: UserId) -> bool {
        self.user() == Some(account)
    }

    /// What kind of actor it is, for the audit log.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Admin(_) => "admin",
            Self::Operator => "operator",
            Self::Service => "service",
        }
    }
}
