//! The second factor that a `User` document asks for: an authenticator that comes with its secret, or none any more.

use domain::aidbox::user::{AUTHENTICATOR_NAME, TwoFactor};
use domain::authenticator::{Authenticator, AuthenticatorName, OtpParameters};
use domain::event::EventKind;
use domain::id::AuthenticatorId;
use domain::one_time_code::Position;
use domain::otp_secret::OtpSecret;
use domain::session::Session;
use domain::user::{Enrolment, User};

use super::resources::{Call, ResourceError};
use crate::accounts::authenticators::{remove_within, take_back_pending};
use crate::accounts::sessions::void_sessions;
use crate::admin::import::{self, ImportError, ImportedAuthenticator};
use crate::audit::{self, Act};
use crate::core::Core;
use crate::ports::{StoreError, Transaction};

/// What was done, and what is still to be done for it at the end of the transaction.
#[derive(Default)]
pub(super) struct Settled {
    /// Sessions that ended. Their tokens are still to be voided.
    pub ended: Vec<Session>,
    /// What is to be put on record, of which authenticator.
    pub acts: Vec<(EventKind, AuthenticatorId)>,
}

impl Settled {
    /// Voids the tokens of the sessions that ended.
    pub async fn void(&self, call: &Call<'_>, tx: &mut dyn Transaction) -> Result<(), StoreError> {
        void_sessions(call.core, tx, &self.ended).await
    }

    /// Puts on record what was done.
    pub async fn record(self, call: &Call<'_>, tx: &mut dyn Transaction, user: &User) -> Result<(), StoreError> {
        for (kind, id) in self.acts {
            let act = Act {
                kind,
                actor: call.actor,
                subject: user.id,
            };
            let id = id.to_string();
            audit::record_act(call.core, tx, act, call.origin, &[("authenticator", id.as_str())]).await?;
        }
        Ok(())
    }
}

/// Does what a document asks for, to an account that is held.
pub(super) async fn settle(
    call: &Call<'_>,
    tx: &mut dyn Transaction,
    user: &User,
    wanted: &TwoFactor,
) -> Result<Settled, ResourceError> {
    let present = tx.authenticators().of_user(user.id).await?;
    let has_one = present.iter().any(Authenticator::is_active);
    match (wanted.enabled, &wanted.secret) {
        (None, None) => Ok(Settled::default()),
        (None, Some(_)) => Err(ResourceError::fault("twoFactor.enabled", "is needed beside secretKey")),
        (Some(false), _) => remove_all(call, tx, user, &present).await,
        (Some(true), None) if has_one => Ok(Settled::default()),
        (Some(true), None) => {
            let detail = "cannot be true: the account has no authenticator, and no secretKey is sent";
            Err(ResourceError::fault("twoFactor.enabled", detail))
        }
        (Some(true), Some(secret)) => bring(call, tx, user, &present, secret).await,
    }
}

/// Removes what the account has, as an administrator may with the factors of others.
async fn remove_all(
    call: &Call<'_>,
    tx: &mut dyn Transaction,
    user: &User,
    present: &[Authenticator],
) -> Result<Settled, ResourceError> {
    let mut settled = Settled::default();
    if !present.iter().any(Authenticator::is_active) {
        return Ok(settled);
    }
    if call.actor.is(user.id) {
        return Err(ResourceError::OwnAccount);
    }
    for (place, one) in present.iter().enumerate() {
        let rest = present.get(place..).unwrap_or_default();
        remove(call, tx, user, rest, one, &mut settled).await?;
    }
    Ok(settled)
}

async fn remove(
    call: &Call<'_>,
    tx: &mut dyn Transaction,
    user: &User,
    present: &[Authenticator],
    one: &Authenticator,
    settled: &mut Settled,
) -> Result<(), StoreError> {
    let ended = remove_within(tx, user.id, present, one.id, call.core.now()).await?;
    settled.ended.extend(ended.unwrap_or_default());
    settled.acts.push((EventKind::AuthenticatorRemoved, one.id));
    Ok(())
}

/// Brings an authenticator by its secret. It takes the place of the one that a document brought before; the same again changes
/// nothing.
async fn bring(
    call: &Call<'_>,
    tx: &mut dyn Transaction,
    user: &User,
    present: &[Authenticator],
    secret: &OtpSecret,
) -> Result<Settled, ResourceError> {
    let core = call.core;
    for one in present.iter().filter(|one| one.is_active()) {
        if is_same(core, one, secret)? {
            return Ok(Settled::default());
        }
    }
    if call.actor.is(user.id) {
        return Err(ResourceError::OwnAccount);
    }
    let name = AuthenticatorName::new(AUTHENTICATOR_NAME);
    let name = name.map_err(|cause| StoreError::new("name an authenticator", cause))?;
    let mut settled = Settled::default();
    let old = present.iter().find(|one| one.is_active() && one.name.resembles(&name));
    if let Some(old) = old {
        remove(call, tx, user, present, old, &mut settled).await?;
    }
    // What was begun with less than a code may not be confirmed beside it.
    take_back_pending(tx, user.id).await?;
    let left = tx.authenticators().of_user(user.id).await?;
    let new = ImportedAuthenticator {
        name,
        parameters: OtpParameters::TOTP,
        position: Position::NONE,
        secret: OtpSecret::from_bytes(secret.expose().to_vec().into()),
    };
    let added = import::add(core, tx, user.id, &left, new, core.now()).await;
    let added = added.map_err(|error| match error {
        ImportError::TooManyAuthenticators => ResourceError::TooManyAuthenticators,
        ImportError::Busy(busy) => busy.into(),
        ImportError::Store(error) => error.into(),
        // Neither is possible here: the account is held, and the one of that name was removed.
        ImportError::NotFound
        | ImportError::OwnAccount
        | ImportError::UsernameTaken
        | ImportError::EmailTaken
        | ImportError::NameTaken => ResourceError::Changed,
    })?;
    if user.enrolment != Enrolment::Done {
        tx.users().set_enrolment(user.id, Enrolment::Done).await?;
    }
    if user.enrolment == Enrolment::Open {
        // A login that began while the account had nothing may not enrol any more.
        tx.auth_sessions().delete_all_of(user.id).await?;
    }
    settled.acts.push((EventKind::AuthenticatorImported, added.id));
    Ok(settled)
}

fn is_same(core: &Core, one: &Authenticator, secret: &OtpSecret) -> Result<bool, StoreError> {
    let opened = core.open_otp_secret(one)?;
    Ok(one.parameters == OtpParameters::TOTP && opened.is(secret))
}
