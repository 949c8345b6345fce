//! Authenticators.

use async_trait::async_trait;
use domain::authenticator::{Authenticator, AuthenticatorName};
use domain::id::{AuthenticatorId, UserId};
use domain::one_time_code::Position;
use domain::time::Timestamp;

use super::{Consumption, StoreError};

/// Authenticators of accounts.
///
/// How many an account has and what they are called is for the use cases, which hold the account; the position of an
/// authenticator is guarded here, whoever holds what.
#[async_trait]
pub trait Authenticators: Send {
    /// Adds one.
    async fn insert(&mut self, authenticator: &Authenticator) -> Result<(), StoreError>;

    /// Those of an account, pending and active, also pending ones that expired: oldest first.
    async fn of_user(&mut self, user: UserId) -> Result<Vec<Authenticator>, StoreError>;

    /// Makes a pending one active at `now`, with the position of the code that confirmed it. One atomic conditional
    /// statement: `First` for exactly one caller, and only while it is pending, has not expired at `now`, and its position is
    /// before `position`.
    async fn confirm(
        &mut self,
        id: AuthenticatorId,
        position: Position,
        now: Timestamp,
    ) -> Result<Consumption, StoreError>;

    /// Moves an active one to the position of an accepted code, and notes its use at `now`. One atomic conditional statement:
    /// `First` for exactly one caller, and only if `position` is later than the one it has.
    async fn advance(
        &mut self,
        id: AuthenticatorId,
        position: Position,
        now: Timestamp,
    ) -> Result<Consumption, StoreError>;

    /// Gives one of an account another name. `false` if the account has no such authenticator.
    async fn rename(&mut self, user: UserId, id: AuthenticatorId, name: &AuthenticatorName)
    -> Result<bool, StoreError>;

    /// Removes one of an account. `false` if the account has no such authenticator.
    async fn delete(&mut self, user: UserId, id: AuthenticatorId) -> Result<bool, StoreError>;

    /// Forgets pending ones that have expired at `now`.
    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
