//! Completed logins.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use application::ports::{Sessions, StoreError};
use async_trait::async_trait;
use domain::factor::Proved;
use domain::id::{AuthenticatorId, SessionId, UserId};
use domain::session::Session;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{add, forget};

/// Those that have not expired at `now`, newest first.
fn live(sessions: &BTreeMap<SessionId, Session>, now: Timestamp, is_meant: impl Fn(&Session) -> bool) -> Vec<Session> {
    let mut live: Vec<_> = sessions
        .values()
        .filter(|session| is_meant(session) && now < session.expires_at)
        .cloned()
        .collect();
    live.sort_by_key(|session| Reverse(session.opened_at));
    live
}

#[async_trait]
impl Sessions for MemoryTransaction {
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError> {
        let action = "add a session";
        let state = self.edit(action)?;
        state.owned_by(session.user, action)?;
        state.of_session(session.parent, action)?;
        add(&mut state.sessions, session.id, session.clone(), action)
    }

    async fn find(&mut self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        Ok(self
            .view("find a session")?
            .sessions
            .get(&id)
            .filter(|session| now < session.expires_at)
            .cloned())
    }

    async fn live_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let sessions = &self.view("list the sessions of an account")?.sessions;
        Ok(live(sessions, now, |session| session.user == user))
    }

    async fn children_of(&mut self, parent: SessionId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let sessions = &self.view("list the sessions of a browser")?.sessions;
        Ok(live(sessions, now, |session| session.parent == Some(parent)))
    }

    async fn adopt(&mut self, from: SessionId, to: SessionId) -> Result<(), StoreError> {
        let state = self.edit("give sessions to another browser's")?;
        let children = state
            .sessions
            .values_mut()
            .filter(|session| session.parent == Some(from));
        children.for_each(|session| session.parent = Some(to));
        Ok(())
    }

    async fn live_of_client(&mut self, client: &str, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let sessions = &self.view("list the sessions of a client")?.sessions;
        Ok(live(sessions, now, |session| session.client_id == client))
    }

    async fn touch(&mut self, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        let session = self.edit("touch a session")?.sessions.get_mut(&id);
        Ok(session.map(|session| session.used_at = now).is_some())
    }

    async fn set_proved(
        &mut self,
        id: SessionId,
        proved: &Proved,
        authenticator: Option<AuthenticatorId>,
    ) -> Result<bool, StoreError> {
        let session = self.edit("set what a session has proved")?.sessions.get_mut(&id);
        Ok(session
            .map(|session| (session.proved, session.authenticator) = (proved.clone(), authenticator))
            .is_some())
    }

    async fn end(&mut self, id: SessionId) -> Result<bool, StoreError> {
        let state = self.edit("end a session")?;
        let was_there = state.sessions.remove(&id).is_some();
        state.drop_orphans();
        Ok(was_there)
    }

    async fn end_all_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        let state = self.edit("end the sessions of an account")?;
        let ended = forget(&mut state.sessions, |session| session.user != user);
        state.drop_orphans();
        Ok(ended)
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let state = self.edit("purge sessions")?;
        let gone = forget(&mut state.sessions, |session| now < session.expires_at);
        state.drop_orphans();
        Ok(gone)
    }
}
