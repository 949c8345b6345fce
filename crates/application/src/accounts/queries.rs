//! Reading: accounts, sessions, keys and the audit log, without changing anything.

use std::sync::Arc;

use domain::event::StoredEvent;
use domain::id::UserId;
use domain::lockout::{Budget, Held, Tally};
use domain::secret_key::StoredSecretKey;
use domain::session::Session;
use domain::user::User;

use crate::actor::Actor;
use crate::core::Core;
use crate::ports::{EventFilter, StoreError, UserFilter};
use crate::tokens::Caller;

/// An account with what surrounds it.
pub struct UserView {
    /// The account.
    pub user: User,
    /// Its live secret keys, newest first. They hold digests only.
    pub secret_keys: Vec<StoredSecretKey>,
    /// What is held back at the moment, and since how many failures.
    pub held: Vec<(Budget, Tally, Held)>,
}

/// Reads.
pub struct Queries {
    core: Arc<Core>,
}

impl Queries {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The caller's account.
    pub async fn me(&self, caller: &Caller) -> Result<Option<UserView>, StoreError> {
        self.view(caller.subject).await
    }

    /// The caller's sessions, newest first.
    pub async fn my_sessions(&self, caller: &Caller) -> Result<Vec<Session>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.sessions().live_of(caller.subject, self.core.now()).await
    }

    /// An account, for those who administer.
    pub async fn user(&self, _: &Actor, id: UserId) -> Result<Option<UserView>, StoreError> {
        self.view(id).await
    }

    /// Accounts, for those who administer: up to `limit`, ordered by user name.
    pub async fn users(&self, _: &Actor, filter: &UserFilter, limit: u32) -> Result<Vec<User>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.users().list(filter, limit).await
    }

    /// The audit log, for those who administer: up to `limit` entries, newest first.
    pub async fn events(&self, _: &Actor, filter: &EventFilter, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.events().list(filter, limit).await
    }

    async fn view(&self, id: UserId) -> Result<Option<UserView>, StoreError> {
        let now = self.core.now();
        let mut tx = self.core.ports.store.read().await?;
        let Some(user) = tx.users().find(id).await? else {
            return Ok(None);
        };
        let tallies = tx.attempts().of_account(id).await?;
        let secret_keys = tx.secret_keys().live_of(id, now).await?;
        let held = tallies
            .into_iter()
            .filter_map(|(key, tally)| {
                self.core
                    .policies
                    .lockout
                    .verdict(tally, now)
                    .err()
                    .map(|held| (key.budget, tally, held))
            })
            .collect();
        Ok(Some(UserView {
            user,
            secret_keys,
            held,
        }))
    }
}
