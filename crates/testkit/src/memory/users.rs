//! Accounts.

use application::ports::{Insertion, StoreError, UserFilter, UserProfile, Users};
use async_trait::async_trait;
use domain::email::Email;
use domain::id::UserId;
use domain::secret::PasswordHash;
use domain::time::Timestamp;
use domain::user::{Enrolment, Epoch, Role, User, UserState};
use domain::username::Username;

use super::MemoryTransaction;
use super::state::{State, add, at_most};

fn email_is_taken(state: &State, email: Option<&Email>, except: UserId) -> bool {
    let key = email.map(Email::key);
    key.is_some()
        && state
            .users
            .values()
            .any(|user| user.id != except && user.email.as_ref().map(Email::key) == key)
}

fn matches(filter: &UserFilter, user: &User) -> bool {
    let found = filter.search.as_deref().is_none_or(|text| {
        user.username.as_str().contains(text)
            || user.email.as_ref().is_some_and(|email| email.key().contains(text))
            || user
                .display_name
                .as_ref()
                .is_some_and(|name| name.to_lowercase().contains(text))
    });
    found
        && filter.state.is_none_or(|state| user.state == state)
        && filter
            .after
            .as_ref()
            .is_none_or(|after| user.username.as_str() > after.as_str())
}

#[async_trait]
impl Users for MemoryTransaction {
    async fn insert(&mut self, user: &User) -> Result<Insertion, StoreError> {
        let action = "add an account";
        let state = self.edit(action)?;
        if state.users.values().any(|other| other.username == user.username) {
            return Ok(Insertion::UsernameTaken);
        }
        if email_is_taken(state, user.email.as_ref(), user.id) {
            return Ok(Insertion::EmailTaken);
        }
        add(&mut state.users, user.id, user.clone(), action).map(|()| Insertion::Done)
    }

    async fn find(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.view("find an account")?.users.get(&id).cloned())
    }

    async fn find_by_username(&mut self, username: &Username) -> Result<Option<User>, StoreError> {
        let state = self.view("find an account by name")?;
        Ok(state.users.values().find(|user| user.username == *username).cloned())
    }

    async fn find_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError> {
        let state = self.view("find an account by address")?;
        let key = Some(email.key());
        let has_it = |user: &&User| user.email.as_ref().map(Email::key) == key;
        Ok(state.users.values().find(has_it).cloned())
    }

    async fn hold(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.edit("hold an account")?.users.get(&id).cloned())
    }

    async fn set_password(&mut self, id: UserId, hash: &PasswordHash, now: Timestamp) -> Result<bool, StoreError> {
        let user = self.edit("set a password")?.users.get_mut(&id);
        Ok(user
            .map(|user| {
                (user.password_hash, user.password_changed_at) = (hash.clone(), now);
                user.password_is_weak = false;
            })
            .is_some())
    }

    async fn rehash_password(
        &mut self,
        id: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let user = self
            .edit("renew a password hash")?
            .users
            .get_mut(&id)
            .filter(|user| user.password_hash == *old);
        Ok(user.map(|user| user.password_hash = new.clone()).is_some())
    }

    async fn set_profile(&mut self, id: UserId, profile: &UserProfile) -> Result<Insertion, StoreError> {
        let state = self.edit("set a profile")?;
        if email_is_taken(state, profile.email.as_ref(), id) {
            return Ok(Insertion::EmailTaken);
        }
        if let Some(user) = state.users.get_mut(&id) {
            user.email.clone_from(&profile.email);
            user.display_name.clone_from(&profile.display_name);
            user.role = profile.role;
        }
        Ok(Insertion::Done)
    }

    async fn set_state(&mut self, id: UserId, state: UserState) -> Result<bool, StoreError> {
        let user = self.edit("set the state of an account")?.users.get_mut(&id);
        Ok(user.map(|user| user.state = state).is_some())
    }

    async fn set_enrolment(&mut self, id: UserId, enrolment: Enrolment) -> Result<bool, StoreError> {
        let user = self.edit("set what an account owes")?.users.get_mut(&id);
        Ok(user.map(|user| user.enrolment = enrolment).is_some())
    }

    async fn advance_epoch(&mut self, id: UserId) -> Result<Option<Epoch>, StoreError> {
        let user = self.edit("advance an epoch")?.users.get_mut(&id);
        Ok(user.map(|user| {
            user.epoch = Epoch(user.epoch.0.saturating_add(1));
            user.epoch
        }))
    }

    async fn delete(&mut self, id: UserId) -> Result<bool, StoreError> {
        let state = self.edit("delete an account")?;
        state.drop_account(id);
        Ok(state.users.remove(&id).is_some())
    }

    async fn list(&mut self, filter: &UserFilter, limit: u32) -> Result<Vec<User>, StoreError> {
        let state = self.view("list accounts")?;
        let mut users: Vec<User> = state
            .users
            .values()
            .filter(|user| matches(filter, user))
            .cloned()
            .collect();
        users.sort_by(|one, other| one.username.cmp(&other.username));
        users.truncate(at_most(limit));
        Ok(users)
    }

    async fn hold_active_admins(&mut self) -> Result<Vec<UserId>, StoreError> {
        let state = self.edit("hold the administrators")?;
        let admins = state
            .users
            .values()
            .filter(|user| user.role == Role::Admin && user.state == UserState::Active);
        Ok(admins.map(|user| user.id).collect())
    }

    async fn count(&mut self) -> Result<u64, StoreError> {
        Ok(self.view("count accounts")?.users.len() as u64)
    }
}
