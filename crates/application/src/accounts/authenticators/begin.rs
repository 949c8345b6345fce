//! Beginning an authenticator: a secret is made and shown, and nothing else changes.

use domain::authenticator::{
    AUTHENTICATORS_MAX, Authenticator, AuthenticatorName, AuthenticatorState, OtpParameters, PENDING_FOR,
};
use domain::event::EventKind;
use domain::factor::Enrolled;
use domain::id::AuthenticatorId;
use domain::key_uri::{self, Label};
use domain::one_time_code::Position;
use domain::otp_secret::OtpSecret;
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::{Enrolment, User};
use zeroize::Zeroizing;

use crate::accounts::fresh_proof::ProofNeeded;
use crate::aidbox::auth_config::totp_issuer;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{StoreError, Transaction};

/// What somebody wants to enrol.
pub struct NewAuthenticator {
    /// What to call it.
    pub name: AuthenticatorName,
    /// How its codes are made.
    pub parameters: OtpParameters,
    /// The authenticator that it shall take the place of.
    pub replaces: Option<AuthenticatorId>,
}

/// A pending authenticator, with what its owner must bring into an app. Shown while it is pending.
pub struct Begun {
    /// The authenticator.
    pub authenticator: Authenticator,
    /// Its secret.
    pub secret: OtpSecret,
    /// The same as a key URI.
    pub key_uri: Zeroizing<String>,
}

/// Why an authenticator was not begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The token does not prove enough, or not freshly enough.
    #[error(transparent)]
    ProofNeeded(#[from] ProofNeeded),
    /// The authentication session is none for an enrolment.
    #[error("this is no authentication session for an enrolment")]
    NoAuthSession,
    /// The policy does not let such codes complete a login of this account.
    #[error("such codes may not complete a login of this account")]
    NotOffered,
    /// The account has as many as it may have.
    #[error("an account has at most {AUTHENTICATORS_MAX} authenticators")]
    TooMany,
    /// An active authenticator of the account has the name.
    #[error("another authenticator has this name")]
    NameTaken,
    /// The authenticator to be replaced does not exist, or is pending itself.
    #[error("there is no such authenticator to replace")]
    NothingToReplace,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins one for an account that is held, after whatever proof that takes.
pub(crate) async fn begin_within(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    new: NewAuthenticator,
    origin: &Origin,
) -> Result<Begun, BeginError> {
    let now = core.now();
    let policy = core.policies.factors.of(user.role, Enrolled::Yes);
    if !policy.knows(new.parameters.factor()) {
        return Err(BeginError::NotOffered);
    }
    make_room(tx, user, &new, now).await?;
    let bytes = new.parameters.algorithm.output_bytes();
    let mut random = Zeroizing::new(vec![0; bytes]);
    core.ports.entropy.fill(&mut random);
    let secret = OtpSecret::from_bytes(random);
    let id = AuthenticatorId::from_random(core.random_id());
    let authenticator = Authenticator {
        id,
        user: user.id,
        name: new.name,
        parameters: new.parameters,
        secret: core.seal_otp_secret(user.id, id, &secret),
        state: AuthenticatorState::Pending {
            expires_at: now.after(PENDING_FOR),
        },
        position: Position::NONE,
        created_at: now,
        used_at: None,
        replaces: new.replaces,
    };
    tx.authenticators().insert(&authenticator).await?;
    let text = id.to_string();
    let details = [
        ("authenticator", text.as_str()),
        ("type", authenticator.parameters.factor().name()),
    ];
    let entry = Entry::by_owner(EventKind::AuthenticatorBegun, user.id, origin, &details);
    audit::record(core, tx, entry).await?;
    let issuer = totp_issuer(core, tx).await?;
    let key_uri = write_key_uri(&issuer, user, &authenticator, &secret);
    Ok(Begun {
        authenticator,
        secret,
        key_uri,
    })
}

/// Takes away an older pending one of the same name, and what has expired; refuses what there is no place for.
async fn make_room(
    tx: &mut dyn Transaction,
    user: &User,
    new: &NewAuthenticator,
    now: Timestamp,
) -> Result<(), BeginError> {
    let present = tx.authenticators().of_user(user.id).await?;
    if let Some(old) = new.replaces {
        let is_there = present.iter().any(|one| one.id == old && one.is_active());
        if !is_there {
            return Err(BeginError::NothingToReplace);
        }
    }
    let (mut stays, mut goes) = (0, Vec::new());
    for one in &present {
        // After a required enrolment every older one gives way.
        let is_replaced = new.replaces == Some(one.id) || user.enrolment == Enrolment::Required;
        if one.is_active() {
            if one.name.resembles(&new.name) && !is_replaced {
                return Err(BeginError::NameTaken);
            }
            // The one to be replaced keeps no place from its successor.
            stays += usize::from(!is_replaced);
        } else if one.name.resembles(&new.name) || !one.is_pending(now) {
            goes.push(one.id);
        } else {
            stays += 1;
        }
    }
    if stays >= AUTHENTICATORS_MAX {
        return Err(BeginError::TooMany);
    }
    for id in goes {
        tx.authenticators().delete(user.id, id).await?;
    }
    Ok(())
}

fn write_key_uri(issuer: &str, user: &User, authenticator: &Authenticator, secret: &OtpSecret) -> Zeroizing<String> {
    let label = Label {
        issuer,
        account: user.username.as_str(),
    };
    let next = authenticator.position.later(1);
    key_uri::write(label, &authenticator.parameters, next, secret)
}

/// The key URI of an authenticator, of which apps show `issuer`.
pub(crate) fn key_uri_of(
    core: &Core,
    issuer: &str,
    user: &User,
    authenticator: &Authenticator,
) -> Result<Zeroizing<String>, StoreError> {
    let secret = core.open_otp_secret(authenticator)?;
    Ok(write_key_uri(issuer, user, authenticator, &secret))
}
