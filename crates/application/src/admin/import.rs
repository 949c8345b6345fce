//! Bringing accounts and authenticators from other services, with the passwords and the secrets that they have.

use std::sync::Arc;

use domain::authenticator::{AUTHENTICATORS_MAX, Authenticator, AuthenticatorName, AuthenticatorState, OtpParameters};
use domain::email::Email;
use domain::event::EventKind;
use domain::id::{AuthenticatorId, UserId};
use domain::one_time_code::Position;
use domain::otp_secret::OtpSecret;
use domain::password;
use domain::secret::{Password, PasswordHash};
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::{Enrolment, Epoch, Role, User, UserState};
use domain::username::Username;

use crate::accounts::authenticators::take_back_pending;
use crate::actor::Actor;
use crate::audit::{self, Act};
use crate::core::Core;
use crate::ports::{HasherBusy, Insertion, StoreError, Transaction};

/// A password as another service has it.
pub enum ImportedPassword {
    /// In the clear. It is taken whatever it is; a weak one is marked, and its owner told to change it.
    Plain(Password),
    /// An Argon2 hash in the PHC string format. It is renewed at the next login.
    Hash(PasswordHash),
}

/// An authenticator as another service has it. It is active at once: its owner has been using it.
pub struct ImportedAuthenticator {
    /// What to call it.
    pub name: AuthenticatorName,
    /// How its codes are made.
    pub parameters: OtpParameters,
    /// The last position that was accepted elsewhere; [`Position::NONE`] if that is not known.
    pub position: Position,
    /// The shared secret.
    pub secret: OtpSecret,
}

/// An account as another service has it.
pub struct ImportedUser {
    /// The user name.
    pub username: Username,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The display name.
    pub display_name: Option<String>,
    /// The role.
    pub role: Role,
    /// The password.
    pub password: ImportedPassword,
    /// The authenticators. Without one, the account enrols its first at the next login.
    pub authenticators: Vec<ImportedAuthenticator>,
}

/// An account that was brought.
pub struct ImportOutcome {
    /// The account.
    pub user: User,
    /// How many authenticators came with it.
    pub authenticators: usize,
}

/// Why something was not brought.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// It is the administrator's own account, whose factors take a fresh proof.
    #[error("this is the administrator's own account")]
    OwnAccount,
    /// The user name is taken.
    #[error("the user name is taken")]
    UsernameTaken,
    /// The e-mail address belongs to another account.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The account would have too many authenticators.
    #[error("an account has at most {AUTHENTICATORS_MAX} authenticators")]
    TooManyAuthenticators,
    /// Two authenticators of an account would have one name.
    #[error("another authenticator of the account has this name")]
    NameTaken,
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings accounts and authenticators.
pub struct Import {
    core: Arc<Core>,
}

impl Import {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Brings an account with its authenticators, or nothing of it.
    pub async fn user(&self, actor: &Actor, new: ImportedUser, origin: &Origin) -> Result<ImportOutcome, ImportError> {
        let core = &self.core;
        let (password_hash, password_is_weak) = match new.password {
            ImportedPassword::Plain(password) => {
                let is_weak = !password::faults(&password, &new.username).is_empty();
                (core.hashing.place()?.hash(password).await?, is_weak)
            }
            ImportedPassword::Hash(hash) => (hash, false),
        };
        let now = core.now();
        let user = User {
            id: UserId::from_random(core.random_id()),
            username: new.username,
            email: new.email,
            display_name: new.display_name,
            role: new.role,
            state: UserState::Active,
            password_hash,
            password_is_weak,
            enrolment: if new.authenticators.is_empty() {
                Enrolment::Open
            } else {
                Enrolment::Done
            },
            epoch: Epoch::FIRST,
            created_at: now,
            password_changed_at: now,
        };
        let authenticators = new.authenticators.len();
        let mut tx = core.ports.store.begin().await?;
        match tx.users().insert(&user).await? {
            Insertion::Done => {}
            Insertion::UsernameTaken => return Err(ImportError::UsernameTaken),
            Insertion::EmailTaken => return Err(ImportError::EmailTaken),
        }
        let mut present = Vec::new();
        for authenticator in new.authenticators {
            present.push(add(core, tx.as_mut(), user.id, &present, authenticator, now).await?);
        }
        let count = authenticators.to_string();
        let details = [
            ("role", user.role.name()),
            ("authenticators", count.as_str()),
            ("password", if password_is_weak { "weak" } else { "taken" }),
        ];
        let act = Act {
            kind: EventKind::UserImported,
            actor,
            subject: user.id,
        };
        audit::record_act(core, tx.as_mut(), act, origin, &details).await?;
        tx.commit().await?;
        Ok(ImportOutcome { user, authenticators })
    }

    /// Brings an authenticator to an account that exists. Its enrolment is then done.
    pub async fn authenticator(
        &self,
        actor: &Actor,
        user: UserId,
        new: ImportedAuthenticator,
        origin: &Origin,
    ) -> Result<Authenticator, ImportError> {
        if actor.is(user) {
            return Err(ImportError::OwnAccount);
        }
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let held = tx.users().hold(user).await?.ok_or(ImportError::NotFound)?;
        if held.enrolment != Enrolment::Done {
            tx.users().set_enrolment(user, Enrolment::Done).await?;
        }
        let mut present = tx.authenticators().of_user(user).await?;
        if !present.iter().any(Authenticator::is_active) {
            // What was begun with less than a code, or with a password alone, may not be confirmed beside it.
            take_back_pending(tx.as_mut(), user).await?;
            present.clear();
        }
        present.retain(|one| one.is_live(now));
        let added = add(core, tx.as_mut(), user, &present, new, now).await?;
        // A login that began while the account had nothing may not enrol any more.
        if held.enrolment == Enrolment::Open {
            tx.auth_sessions().delete_all_of(user).await?;
        }
        let id = added.id.to_string();
        let details = [
            ("authenticator", id.as_str()),
            ("type", added.parameters.factor().name()),
        ];
        let act = Act {
            kind: EventKind::AuthenticatorImported,
            actor,
            subject: user,
        };
        audit::record_act(core, tx.as_mut(), act, origin, &details).await?;
        tx.commit().await?;
        Ok(added)
    }
}

/// Adds one, active at once, to an account that is held and has those that are `present`.
pub(crate) async fn add(
    core: &Core,
    tx: &mut dyn Transaction,
    user: UserId,
    present: &[Authenticator],
    new: ImportedAuthenticator,
    now: Timestamp,
) -> Result<Authenticator, ImportError> {
    if present.len() >= AUTHENTICATORS_MAX {
        return Err(ImportError::TooManyAuthenticators);
    }
    if present.iter().any(|one| one.name.resembles(&new.name)) {
        return Err(ImportError::NameTaken);
    }
    let id = AuthenticatorId::from_random(core.random_id());
    let authenticator = Authenticator {
        id,
        user,
        name: new.name,
        parameters: new.parameters,
        secret: core.seal_otp_secret(user, id, &new.secret),
        state: AuthenticatorState::Active { confirmed_at: now },
        position: new.position,
        created_at: now,
        used_at: None,
        replaces: None,
    };
    tx.authenticators().insert(&authenticator).await?;
    Ok(authenticator)
}
