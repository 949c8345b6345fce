//! Removing an authenticator, one's own or another's, with everything that depended on it.

use domain::authenticator::Authenticator;
use domain::event::EventKind;
use domain::factor::{Enrolled, FactorType};
use domain::id::{AuthenticatorId, UserId};
use domain::session::{Origin, Session};
use domain::time::Timestamp;
use domain::user::User;

use crate::accounts::fresh_proof::{self, ProofNeeded};
use crate::accounts::sessions::{end_proved_by, void_sessions};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{StoreError, Transaction};
use crate::tokens::Caller;

/// Why an authenticator was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// The token does not prove enough, or not freshly enough.
    #[error(transparent)]
    ProofNeeded(#[from] ProofNeeded),
    /// There is no such authenticator.
    #[error("there is no such authenticator")]
    NotFound,
    /// Nothing would be left that completes a login.
    #[error("nothing would be left that completes a login")]
    LastFactor,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) async fn remove(
    core: &Core,
    caller: &Caller,
    id: AuthenticatorId,
    origin: &Origin,
) -> Result<(), RemoveError> {
    let now = core.now();
    let mut tx = core.ports.store.begin().await?;
    let user = caller.hold_account(tx.as_mut()).await?;
    let user = user.ok_or(RemoveError::AccountChanged)?;
    let present = tx.authenticators().of_user(user.id).await?;
    let has_one = present.iter().any(Authenticator::is_active);
    fresh_proof::demand(caller, Enrolled::if_so(has_one), now)?;
    if leaves_nothing(core, tx.as_mut(), &user, &present, id, now).await? {
        return Err(RemoveError::LastFactor);
    }
    let ended = remove_within(tx.as_mut(), user.id, &present, id, now).await?;
    let ended = ended.ok_or(RemoveError::NotFound)?;
    void_sessions(core, tx.as_mut(), &ended).await?;
    let text = id.to_string();
    let details = [("authenticator", text.as_str()), ("by", "self")];
    let entry = Entry::by_owner(EventKind::AuthenticatorRemoved, user.id, origin, &details);
    audit::record(core, tx.as_mut(), entry).await?;
    Ok(tx.commit().await?)
}

/// Removes all of the caller's, with the recovery codes. The session that it is done in has just proved a second factor, and goes
/// on; others that were proved by one of them end.
pub(super) async fn remove_all(core: &Core, caller: &Caller, origin: &Origin) -> Result<(), RemoveError> {
    let now = core.now();
    let mut tx = core.ports.store.begin().await?;
    let user = caller.hold_account(tx.as_mut()).await?;
    let user = user.ok_or(RemoveError::AccountChanged)?;
    let present = tx.authenticators().of_user(user.id).await?;
    let has_one = present.iter().any(Authenticator::is_active);
    fresh_proof::demand(caller, Enrolled::if_so(has_one), now)?;
    if !has_one {
        return Err(RemoveError::NotFound);
    }
    if !key_completes(core, tx.as_mut(), &user, now).await? {
        return Err(RemoveError::LastFactor);
    }
    let removed: Vec<_> = present.iter().map(|one| one.id).collect();
    for id in &removed {
        tx.authenticators().delete(user.id, *id).await?;
    }
    tx.recovery_codes().delete_all_of(user.id).await?;
    tx.auth_sessions().delete_all_of(user.id).await?;
    if let Some(session) = tx.sessions().find(caller.session, now).await? {
        tx.sessions().set_proved(session.id, &session.proved, None).await?;
    }
    let ended = end_proved_by(tx.as_mut(), user.id, &removed, now).await?;
    void_sessions(core, tx.as_mut(), &ended).await?;
    for one in present.iter().filter(|one| one.is_active()) {
        let text = one.id.to_string();
        let details = [("authenticator", text.as_str()), ("by", "self")];
        let entry = Entry::by_owner(EventKind::AuthenticatorRemoved, user.id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether the caller's account could still log in without any authenticator.
pub(super) async fn may_remove_all(core: &Core, caller: &Caller) -> Result<bool, StoreError> {
    let mut tx = core.ports.store.read().await?;
    match tx.users().find(caller.subject).await? {
        Some(user) => key_completes(core, tx.as_mut(), &user, core.now()).await,
        None => Ok(false),
    }
}

/// Removes one of an account that is held and has those that are `present`. Recovery codes go with the last one: they are for
/// when it is lost. Logins that are not complete end if it was active. Gives the sessions that were ended, whose tokens are
/// still to be voided; `None` if there is no such authenticator.
pub(crate) async fn remove_within(
    tx: &mut dyn Transaction,
    user: UserId,
    present: &[Authenticator],
    id: AuthenticatorId,
    now: Timestamp,
) -> Result<Option<Vec<Session>>, StoreError> {
    if !tx.authenticators().delete(user, id).await? {
        return Ok(None);
    }
    if is_last(present, id) {
        tx.recovery_codes().delete_all_of(user).await?;
    }
    if present.iter().any(|one| one.id == id && one.is_active()) {
        // One of them may be about to enrol a new authenticator for a code of this one, which is why it is removed.
        tx.auth_sessions().delete_all_of(user).await?;
    }
    end_proved_by(tx, user, &[id], now).await.map(Some)
}

/// Takes back what was begun and not confirmed: whoever began it proved less, or something else, than it takes from now on. The
/// account must be held.
pub(crate) async fn take_back_pending(tx: &mut dyn Transaction, user: UserId) -> Result<(), StoreError> {
    for one in tx.authenticators().of_user(user).await? {
        if !one.is_active() {
            tx.authenticators().delete(user, one.id).await?;
        }
    }
    Ok(())
}

fn is_last(present: &[Authenticator], id: AuthenticatorId) -> bool {
    let mut active = present.iter().filter(|one| one.is_active());
    active.next().is_some_and(|one| one.id == id) && active.next().is_none()
}

/// Whether the account could not log in any more: an owner who would lock himself out is told so instead.
async fn leaves_nothing(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    present: &[Authenticator],
    id: AuthenticatorId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(is_last(present, id) && !key_completes(core, tx, user, now).await?)
}

/// Whether the account has a secret key that completes a login where there is no authenticator.
async fn key_completes(core: &Core, tx: &mut dyn Transaction, user: &User, now: Timestamp) -> Result<bool, StoreError> {
    let key_counts = core
        .policies
        .factors
        .of(user.role, Enrolled::No)
        .knows(FactorType::SecretKey);
    Ok(key_counts && !tx.secret_keys().live_of(user.id, now).await?.is_empty())
}
