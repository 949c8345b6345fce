//! Reading: accounts, sessions, keys and the audit log, without changing anything.

use std::sync::Arc;

use domain::authenticator::Authenticator;
use domain::email::Email;
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
    /// Its authenticators, active and pending, oldest first. Their secrets are sealed.
    pub authenticators: Vec<Authenticator>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
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

    /// What happened to the caller's account: up to `limit` entries of the audit log before a place, newest first.
    pub async fn my_events(
        &self,
        caller: &Caller,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let filter = EventFilter {
            subject: Some(caller.subject),
            before,
            ..EventFilter::default()
        };
        let mut tx = self.core.ports.store.read().await?;
        tx.events().list(&filter, limit).await
    }

    /// The account of an address, for those who administer.
    pub async fn user_by_email(&self, _: &Actor, email: &Email) -> Result<Option<User>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.users().find_by_email(email).await
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
        let mut authenticators = tx.authenticators().of_user(id).await?;
        authenticators.retain(|authenticator| authenticator.is_live(now));
        let recovery_codes = tx.recovery_codes().unused_of(id, now).await?.len();
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
            authenticators,
            recovery_codes,
            held,
        }))
    }
}
