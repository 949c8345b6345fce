//! Updating, disabling, unlocking, deleting accounts, and giving them a new secret key.

use std::sync::Arc;

use domain::email::Email;
use domain::event::EventKind;
use domain::id::UserId;
use domain::lockout::Budget;
use domain::password::{self, PasswordFault};
use domain::revocation::{Revocation, Revoked};
use domain::secret::{Password, SecretKey};
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::{Enrolment, Epoch, Role, User, UserState};

use crate::accounts::register::give_secret_key;
use crate::accounts::sessions::void_everything;
use crate::actor::Actor;
use crate::audit::{self, Act};
use crate::core::Core;
use crate::ports::{HasherBusy, Insertion, StoreError, Transaction, UserProfile};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::attempts_of;

/// What to change of an account; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The e-mail address.
    pub email: Option<Option<Email>>,
    /// The display name.
    pub display_name: Option<Option<String>>,
    /// The role.
    pub role: Option<Role>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// It would leave nobody who can administer.
    #[error("this is the last active administrator")]
    LastAdmin,
    /// The e-mail address belongs to another account.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// It is the administrator's own account, whose factors take a fresh proof.
    #[error("this is the administrator's own account")]
    OwnAccount,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The password is not good enough.
    #[error("the password cannot be used")]
    Password(Vec<PasswordFault>),
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The account cannot be changed.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

impl From<StoreError> for SetPasswordError {
    fn from(error: StoreError) -> Self {
        Self::Admin(error.into())
    }
}

/// Administers accounts.
pub struct ManageUsers {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl ManageUsers {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Changes e-mail address, display name and role. A change of role voids what the account was issued.
    pub async fn update(
        &self,
        actor: &Actor,
        id: UserId,
        change: UserChange,
        origin: &Origin,
    ) -> Result<User, AdminError> {
        let mut tx = self.core.ports.store.begin().await?;
        let admins = tx.users().hold_active_admins().await?;
        let mut user = tx.users().hold(id).await?.ok_or(AdminError::NotFound)?;
        let role_changes = change.role.is_some_and(|role| role != user.role);
        if role_changes && change.role == Some(Role::User) {
            refuse_last_admin(&admins, id)?;
        }
        let profile = UserProfile {
            email: change.email.unwrap_or(user.email),
            display_name: change.display_name.unwrap_or(user.display_name),
            role: change.role.unwrap_or(user.role),
        };
        match tx.users().set_profile(id, &profile).await? {
            Insertion::Done | Insertion::UsernameTaken => {}
            Insertion::EmailTaken => return Err(AdminError::EmailTaken),
        }
        if role_changes {
            void_everything(&self.core, tx.as_mut(), id).await?;
        }
        let details = [("role", profile.role.name())];
        self.note(tx.as_mut(), EventKind::UserUpdated, actor, id, origin, &details)
            .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        (user.email, user.display_name, user.role) = (profile.email, profile.display_name, profile.role);
        Ok(user)
    }

    /// Disables an account: it cannot log in, and nothing that it was issued is accepted.
    pub async fn disable(&self, actor: &Actor, id: UserId, origin: &Origin) -> Result<User, AdminError> {
        let mut tx = self.core.ports.store.begin().await?;
        let admins = tx.users().hold_active_admins().await?;
        let user = tx.users().hold(id).await?.ok_or(AdminError::NotFound)?;
        refuse_last_admin(&admins, id)?;
        tx.users().set_state(id, UserState::Disabled).await?;
        void_everything(&self.core, tx.as_mut(), id).await?;
        self.note(tx.as_mut(), EventKind::UserDisabled, actor, id, origin, &[])
            .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(User {
            state: UserState::Disabled,
            ..user
        })
    }

    /// Enables an account. What it was issued before stays void.
    pub async fn enable(&self, actor: &Actor, id: UserId, origin: &Origin) -> Result<User, AdminError> {
        let mut tx = self.core.ports.store.begin().await?;
        let user = tx.users().hold(id).await?.ok_or(AdminError::NotFound)?;
        tx.users().set_state(id, UserState::Active).await?;
        self.note(tx.as_mut(), EventKind::UserEnabled, actor, id, origin, &[])
            .await?;
        tx.commit().await?;
        Ok(User {
            state: UserState::Active,
            ..user
        })
    }

    /// Sets every counter of failures of an account back to nothing.
    pub async fn unlock(&self, actor: &Actor, id: UserId, origin: &Origin) -> Result<(), AdminError> {
        let mut tx = self.core.ports.store.begin().await?;
        tx.users().hold(id).await?.ok_or(AdminError::NotFound)?;
        tx.attempts().clear_account(id).await?;
        self.note(tx.as_mut(), EventKind::UserUnlocked, actor, id, origin, &[])
            .await?;
        Ok(tx.commit().await?)
    }

    /// Deletes an account with everything that belongs to it. The audit log keeps its identity.
    pub async fn delete(&self, actor: &Actor, id: UserId, origin: &Origin) -> Result<(), AdminError> {
        let mut tx = self.core.ports.store.begin().await?;
        let admins = tx.users().hold_active_admins().await?;
        tx.users().hold(id).await?.ok_or(AdminError::NotFound)?;
        refuse_last_admin(&admins, id)?;
        tx.users().delete(id).await?;
        tx.revocations()
            .append(Revocation::from_now(Revoked::Before(id, Epoch::END), self.core.now()))
            .await?;
        self.note(tx.as_mut(), EventKind::UserDeleted, actor, id, origin, &[])
            .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// Gives an account a new secret key and voids the old ones, and everything that was issued with them.
    pub async fn reset_secret_key(
        &self,
        actor: &Actor,
        id: UserId,
        origin: &Origin,
    ) -> Result<(SecretKey, Option<Timestamp>), AdminError> {
        let core = &self.core;
        let now = core.now();
        let expires_at = core.policies.secret_key_lifetime.map(|lifetime| now.after(lifetime));
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().hold(id).await?.ok_or(AdminError::NotFound)?;
        if user.enrolment == Enrolment::Open {
            // It has a second factor from now on, which a password alone must not be able to add another to.
            tx.users().set_enrolment(id, Enrolment::Done).await?;
        }
        tx.attempts().clear_account(id).await?;
        tx.secret_keys().end_all_of(id, now).await?;
        let secret_key = give_secret_key(core, tx.as_mut(), id, now, expires_at).await?;
        void_everything(core, tx.as_mut(), id).await?;
        self.note(tx.as_mut(), EventKind::SecretKeyReset, actor, id, origin, &[])
            .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok((secret_key, expires_at))
    }

    /// Sets a password that its owner has lost. The second factor stays what it is; everything that was issued is void.
    pub async fn set_password(
        &self,
        actor: &Actor,
        id: UserId,
        password: Password,
        origin: &Origin,
    ) -> Result<(), SetPasswordError> {
        let core = &self.core;
        let mut tx = core.ports.store.read().await?;
        let user = tx.users().find(id).await?.ok_or(AdminError::NotFound)?;
        drop(tx);
        let faults = password::faults(&password, &user.username);
        if !faults.is_empty() {
            return Err(SetPasswordError::Password(faults));
        }
        let hash = core.hashing.place()?.hash(password).await?;
        let mut tx = core.ports.store.begin().await?;
        tx.users().hold(id).await?.ok_or(AdminError::NotFound)?;
        tx.users().set_password(id, &hash, core.now()).await?;
        tx.attempts().clear(&attempts_of(id, Budget::Password)).await?;
        void_everything(core, tx.as_mut(), id).await?;
        self.note(tx.as_mut(), EventKind::PasswordReset, actor, id, origin, &[])
            .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut dyn Transaction,
        kind: EventKind,
        actor: &Actor,
        subject: UserId,
        origin: &Origin,
        more: &[(&str, &str)],
    ) -> Result<(), StoreError> {
        let act = Act { kind, actor, subject };
        audit::record_act(&self.core, tx, act, origin, more).await
    }
}

fn refuse_last_admin(admins: &[UserId], id: UserId) -> Result<(), AdminError> {
    if admins == [id] {
        Err(AdminError::LastAdmin)
    } else {
        Ok(())
    }
}
