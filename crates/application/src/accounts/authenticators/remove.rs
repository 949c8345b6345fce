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
    if !is_last(present, id) {
        return Ok(false);
    }
    let key_counts = core
        .policies
        .factors
        .of(user.role, Enrolled::No)
        .knows(FactorType::SecretKey);
    Ok(!key_counts || tx.secret_keys().live_of(user.id, now).await?.is_empty())
}
