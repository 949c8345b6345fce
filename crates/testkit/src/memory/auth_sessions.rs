//! Logins that are not complete.

use application::ports::{AuthSessions, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::secret::Digest;
use domain::session::{AuthSession, StoredAuthSession};
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::forget;

#[async_trait]
impl AuthSessions for MemoryTransaction {
    async fn insert(&mut self, auth_session: &StoredAuthSession) -> Result<(), StoreError> {
        let action = "add an authentication session";
        let state = self.edit(action)?;
        state.owned_by(auth_session.auth_session.user, action)?;
        let row = auth_session.auth_session.clone();
        state.auth_sessions.insert(*auth_session.digest.as_bytes(), row);
        Ok(())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError> {
        let found = self
            .view("find an authentication session")?
            .auth_sessions
            .get(digest.as_bytes());
        Ok(found.filter(|found| now < found.expires_at).cloned())
    }

    async fn redeem(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError> {
        let rows = &mut self.edit("redeem an authentication session")?.auth_sessions;
        let is_alive = rows.get(digest.as_bytes()).is_some_and(|found| now < found.expires_at);
        Ok(if is_alive { rows.remove(digest.as_bytes()) } else { None })
    }

    async fn delete_all_of(&mut self, user: UserId) -> Result<(), StoreError> {
        let rows = &mut self
            .edit("delete the authentication sessions of an account")?
            .auth_sessions;
        forget(rows, |row| row.user != user);
        Ok(())
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(forget(
            &mut self.edit("purge authentication sessions")?.auth_sessions,
            |row| now < row.expires_at,
        ))
    }
}
