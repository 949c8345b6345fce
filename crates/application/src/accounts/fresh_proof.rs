//! Proving a factor again: a fresh proof that comes with a token, and what follows when somebody with a token fails at it.

use domain::event::EventKind;
use domain::factor::{Assurance, Enrolled};
use domain::lockout::Budget;
use domain::session::Origin;
use domain::time::Timestamp;

use super::sessions::end_with_tokens;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::factors::StoredFactors;
use crate::sign_in::proof::{self, Against, SecondFactorProof};
use crate::sign_in::{SecondFactor, attempts_of};
use crate::tokens::Caller;

/// The token does not prove enough, or not freshly enough: the caller must step up first (RFC 9470).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fresh proof is needed")]
pub struct ProofNeeded(pub Assurance);

/// Whether a caller's token proves enough to change what the account proves itself with.
pub(crate) fn demand(caller: &Caller, enrolled: Enrolled, now: Timestamp) -> Result<(), ProofNeeded> {
    let needed = enrolled.to_change();
    if caller.proved.is_fresh(needed, now) {
        Ok(())
    } else {
        Err(ProofNeeded(needed))
    }
}

/// Compares a second factor that was sent with a token. The attempt is charged and committed first, to the budget of callers
/// with a token.
pub(crate) async fn prove(
    core: &Core,
    caller: &Caller,
    second: &SecondFactor,
) -> Result<Result<SecondFactorProof, Refusal>, StoreError> {
    let now = core.now();
    let mut tx = core.ports.store.begin().await?;
    let budget = attempts_of(caller.subject, Budget::SecondFactorWithToken);
    let Ok(charge) = proof::charge(core, tx.as_mut(), budget, now).await? else {
        return Ok(Err(Refusal::Held));
    };
    let stored = StoredFactors::for_proof(tx.as_mut(), caller.subject, second, now).await?;
    let charged = charge.committed(tx).await?;
    let proved = SecondFactorProof::compare(core, &charged, second, Against::active(&stored), now)?;
    Ok(proved.ok_or(Refusal::Wrong))
}

/// Why a fresh proof was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was compared, and is wrong; or it was right and spent before.
    Wrong,
    /// Too many wrong ones came before it.
    Held,
}

impl Refusal {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Held => "held",
        }
    }
}

/// Writes the refusal down. Whoever goes on guessing with a token stole it, or looks like it: the session is ended, so that
/// the thief is out and the owner, who logs in anew, can change what he came to change.
pub(crate) async fn refuse(
    core: &Core,
    feed: &RevocationFeed,
    caller: &Caller,
    kind: EventKind,
    refusal: Refusal,
    origin: &Origin,
) -> Result<(), StoreError> {
    let session = caller.session.to_string();
    let details = [("reason", refusal.name()), ("session", session.as_str())];
    let entry = |kind| Entry::by_owner(kind, caller.subject, origin, &details);
    let mut tx = core.ports.store.begin().await?;
    let ended = refusal == Refusal::Held && end_with_tokens(core, tx.as_mut(), caller.session).await?;
    audit::record(core, tx.as_mut(), entry(kind)).await?;
    if ended {
        audit::record(core, tx.as_mut(), entry(EventKind::SessionEnded)).await?;
    }
    tx.commit().await?;
    if ended {
        feed.catch_up().await;
    }
    Ok(())
}
