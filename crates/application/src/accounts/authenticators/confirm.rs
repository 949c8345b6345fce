//! Confirming an authenticator of one's own with a token. (An enrolment within a login is confirmed by the login.)

use domain::authenticator::{Authenticator, AuthenticatorState, OtpRule, SentCode};
use domain::event::EventKind;
use domain::id::AuthenticatorId;
use domain::lockout::Budget;
use domain::session::{Origin, Session};
use domain::time::Timestamp;
use domain::user::User;

use super::Confirmed;
use crate::accounts::fresh_proof::Refusal;
use crate::accounts::sessions::{end_proved_by, void_sessions};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{StoreError, Transaction};
use crate::sign_in::factors::StoredFactors;
use crate::sign_in::proof::{self, Against, Candidates, SecondFactorProof};
use crate::sign_in::spending::{self, Codes, Spent};
use crate::sign_in::{SecondFactor, attempts_of};
use crate::tokens::Caller;

/// Why an authenticator was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// There is no such authenticator, or it no longer waits.
    #[error("there is no such pending authenticator")]
    NotFound,
    /// The code is wrong, or too many wrong ones were sent; nobody is told which.
    #[error("the code was not accepted")]
    Refused,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) async fn confirm(
    core: &Core,
    caller: &Caller,
    id: AuthenticatorId,
    sent: SentCode,
    otp: Option<&OtpRule>,
    origin: &Origin,
) -> Result<Confirmed, ConfirmError> {
    let second = SecondFactor::OneTimeCode {
        sent,
        authenticator: Some(id),
    };
    let now = core.now();
    let mut tx = core.ports.store.begin().await?;
    let budget = attempts_of(caller.subject, Budget::Confirmation);
    let stored = StoredFactors::for_proof(tx.as_mut(), caller.subject, &second, now).await?;
    if !stored
        .authenticators
        .iter()
        .any(|one| one.id == id && one.is_pending(now))
    {
        return Err(ConfirmError::NotFound);
    }
    let Ok(charge) = proof::charge(core, tx.as_mut(), budget.clone(), now).await? else {
        drop(tx);
        return Err(refuse(core, caller, id, Refusal::Held, origin).await);
    };
    let charged = charge.committed(tx).await?;
    let against = Against {
        candidates: Candidates::Pending,
        ..Against::active(&stored).under(otp)
    };
    let proved = SecondFactorProof::compare(core, &charged, &second, against, now)?;
    let Some(proved) = proved else {
        return Err(refuse(core, caller, id, Refusal::Wrong, origin).await);
    };

    let now = core.now();
    let mut tx = core.ports.store.begin().await?;
    let user = caller.hold_account(tx.as_mut()).await?;
    let user = user.ok_or(ConfirmError::AccountChanged)?;
    tx.attempts().clear(&budget).await?;
    let evidence = proved.into_evidence();
    let spent = spending::spend(core, tx.as_mut(), &user, evidence, Codes::Shown, now).await?;
    let Some(spent) = spent else {
        // Confirmed, replaced or expired by another call meanwhile.
        return Err(ConfirmError::NotFound);
    };
    let Some(authenticator) = spent.confirmed.clone() else {
        return Err(ConfirmError::NotFound);
    };
    let ended = settle_sessions(tx.as_mut(), caller, &user, &spent, authenticator.id, now).await?;
    void_sessions(core, tx.as_mut(), &ended).await?;
    spending::note(core, tx.as_mut(), &user, &spent, origin).await?;
    tx.commit().await?;
    Ok(Confirmed {
        authenticator: Authenticator {
            state: AuthenticatorState::Active { confirmed_at: now },
            ..authenticator
        },
        recovery_codes: spent.codes,
    })
}

/// Sessions that were proved by an authenticator that gave way end, except the caller's own, which has just proved its
/// successor.
async fn settle_sessions(
    tx: &mut dyn Transaction,
    caller: &Caller,
    user: &User,
    spent: &Spent,
    successor: AuthenticatorId,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    if spent.removed.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(session) = tx.sessions().find(caller.session, now).await?
        && session.authenticator.is_some_and(|id| spent.removed.contains(&id))
    {
        tx.sessions()
            .set_proved(session.id, &session.proved, Some(successor))
            .await?;
    }
    end_proved_by(tx, user.id, &spent.removed, now).await
}

async fn refuse(core: &Core, caller: &Caller, id: AuthenticatorId, refusal: Refusal, origin: &Origin) -> ConfirmError {
    let id = id.to_string();
    let details = [("reason", refusal.name()), ("authenticator", id.as_str())];
    let kind = EventKind::AuthenticatorConfirmationRefused;
    let entry = Entry::by_owner(kind, caller.subject, origin, &details);
    match audit::record_alone(core, entry).await {
        Ok(()) => ConfirmError::Refused,
        Err(error) => ConfirmError::Store(error),
    }
}
