//! Making an account, with its secret key.

use std::sync::Arc;

use domain::email::Email;
use domain::event::EventKind;
use domain::id::{SecretKeyId, UserId};
use domain::password::{self, PasswordFault};
use domain::secret::{Password, SecretKey};
use domain::secret_key::StoredSecretKey;
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::{Enrolment, Epoch, Role, User, UserState};
use domain::username::Username;

use crate::actor::Actor;
use crate::audit::{self, Entry};
use crate::core::{Core, FirstFactor, Registration};
use crate::ports::{HasherBusy, Insertion, StoreError, Transaction};

/// What an account is made of.
pub struct NewUser {
    /// The user name.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The display name.
    pub display_name: Option<String>,
    /// The role; only an actor may ask for another than `User`.
    pub role: Role,
    /// What it gets as its first second factor; `None` for what is configured.
    pub first_factor: Option<FirstFactor>,
}

/// A new account, with the secret key that is shown this once.
pub struct Registered {
    /// The account.
    pub user: User,
    /// Its secret key; none for an account that enrols an authenticator instead.
    pub secret_key: Option<SecretKey>,
    /// When the key stops working.
    pub secret_key_expires_at: Option<Timestamp>,
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Registration is for administrators here.
    #[error("registration is for administrators")]
    NotOpen,
    /// The password is not good enough.
    #[error("the password cannot be used")]
    Password(Vec<PasswordFault>),
    /// The user name is taken.
    #[error("the user name is taken")]
    UsernameTaken,
    /// The e-mail address belongs to another account.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes accounts.
pub struct Register {
    core: Arc<Core>,
}

impl Register {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes an account. `actor` is who does it; nobody, when a stranger registers.
    pub async fn execute(
        &self,
        actor: Option<&Actor>,
        new: NewUser,
        origin: &Origin,
    ) -> Result<Registered, RegisterError> {
        let core = &self.core;
        if actor.is_none() && (core.policies.registration == Registration::Admin || new.role != Role::User) {
            return Err(RegisterError::NotOpen);
        }
        let faults = password::faults(&new.password, &new.username);
        if !faults.is_empty() {
            return Err(RegisterError::Password(faults));
        }
        let password_hash = core.hashing.place()?.hash(new.password).await?;
        let now = core.now();
        let first_factor = new.first_factor.unwrap_or(core.policies.first_factor);
        let user = User {
            id: UserId::from_random(core.random_id()),
            username: new.username,
            email: new.email,
            display_name: new.display_name,
            role: new.role,
            state: UserState::Active,
            password_hash,
            password_is_weak: false,
            enrolment: match first_factor {
                FirstFactor::SecretKey => Enrolment::Done,
                FirstFactor::Enrolment => Enrolment::Open,
            },
            epoch: Epoch::FIRST,
            created_at: now,
            password_changed_at: now,
        };
        let mut tx = core.ports.store.begin().await?;
        match tx.users().insert(&user).await? {
            Insertion::Done => {}
            Insertion::UsernameTaken => return Err(RegisterError::UsernameTaken),
            Insertion::EmailTaken => return Err(RegisterError::EmailTaken),
        }
        let lifetime = core.policies.secret_key_lifetime;
        let (secret_key, expires_at) = match first_factor {
            FirstFactor::SecretKey => {
                let expires_at = lifetime.map(|lifetime| now.after(lifetime));
                let key = give_secret_key(core, tx.as_mut(), user.id, now, expires_at).await?;
                (Some(key), expires_at)
            }
            FirstFactor::Enrolment => (None, None),
        };
        let details = [("by", actor.map_or("self", Actor::name)), ("role", user.role.name())];
        let entry = Entry {
            kind: EventKind::UserCreated,
            actor: actor.map_or(Some(user.id), Actor::user),
            subject: Some(user.id),
            origin,
            details: &details,
        };
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        Ok(Registered {
            user,
            secret_key,
            secret_key_expires_at: expires_at,
        })
    }
}

/// Adds a new secret key to an account.
pub(crate) async fn give_secret_key(
    core: &Core,
    tx: &mut dyn Transaction,
    user: UserId,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<SecretKey, StoreError> {
    let (secret_key, digest) = core.new_secret_key();
    let id = SecretKeyId::from_random(core.random_id());
    let stored = StoredSecretKey {
        id,
        user,
        digest,
        created_at: now,
        expires_at,
        superseded_at: None,
    };
    tx.secret_keys().insert(&stored).await?;
    Ok(secret_key)
}
