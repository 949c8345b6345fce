//! Completed logins.

use async_trait::async_trait;
use domain::factor::Proved;
use domain::id::{AuthenticatorId, SessionId, UserId};
use domain::session::Session;
use domain::time::Timestamp;

use super::StoreError;

/// Sessions. When a browser's session is deleted, those that came from it stay, without a parent: ending them is the use case's
/// choice. What goes with a session, whatever ends it: its refresh tokens, opaque tokens and browsers, and the codes and approved
/// requests of devices whose login has it as parent. An ended session is not kept; the audit log and the revocations are what
/// remains of it.
#[async_trait]
pub trait Sessions: Send {
    /// Adds one. Its account MUST be there, and its parent.
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError>;

    /// The one of that identity, if it has not expired at `now`.
    async fn find(&mut self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Those of an account that have not expired at `now`, newest first.
    async fn live_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Those that came from a browser's session and have not expired at `now`, newest first.
    async fn children_of(&mut self, parent: SessionId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Gives the sessions that came from one browser's session to another of the same account, with which they end from then on.
    async fn adopt(&mut self, from: SessionId, to: SessionId) -> Result<(), StoreError>;

    /// Those of a client that have not expired at `now`, newest first.
    async fn live_of_client(&mut self, client: &str, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Notes that it issued a token at `now`. `false` if it is gone.
    async fn touch(&mut self, id: SessionId, now: Timestamp) -> Result<bool, StoreError>;

    /// Sets what one has proved, and by which authenticator. `false` if it is gone.
    async fn set_proved(
        &mut self,
        id: SessionId,
        proved: &Proved,
        authenticator: Option<AuthenticatorId>,
    ) -> Result<bool, StoreError>;

    /// Ends one, with its refresh tokens. `false` if it is gone already.
    async fn end(&mut self, id: SessionId) -> Result<bool, StoreError>;

    /// Ends all of an account, with their refresh tokens. Returns how many there were.
    async fn end_all_of(&mut self, user: UserId) -> Result<u64, StoreError>;

    /// Forgets those that have expired at `now`, with their refresh tokens.
    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
