//! Proving a second factor again within a browser's session, for changes of what the account proves itself with.

use domain::event::EventKind;
use domain::factor::FactorType;
use domain::lockout::Budget;
use domain::secret::BrowserHandle;
use domain::session::Origin;

use super::{BrowserSession, Browsers};
use crate::accounts::fresh_proof::{self, Refusal};
use crate::core::Core;
use crate::ports::StoreError;
use crate::sign_in::factors::{StoredFactors, policy_for};
use crate::sign_in::settling::settle;
use crate::sign_in::{SecondFactor, attempts_of};
use crate::tokens::Caller;
use crate::tokens::step_up::{Renewal, note, renew};

/// How a browser's session stands to a change of what the account proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshProof {
    /// Whether it proved enough, and a short time ago.
    pub is_there: bool,
    /// The types of which any is enough, of those that the account has: the best first.
    pub factors: Vec<FactorType>,
    /// How many digits a one-time code has.
    pub digits: u32,
}

/// Why nothing was stepped up.
#[derive(Debug, thiserror::Error)]
pub enum BrowserStepUpError {
    /// The proof is wrong, or too many wrong ones were sent; nobody is told which. After too many the session has ended.
    #[error("the proof was not accepted")]
    Refused,
    /// The account or the session changed or is gone.
    #[error("the session is not what it was")]
    Changed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Browsers {
    /// The owner as a caller of the use cases about his own account.
    pub fn caller(&self, browser: &BrowserSession) -> Caller {
        browser.caller(&self.core)
    }

    /// Whether a change may be made now, or what it takes.
    pub async fn fresh_proof(&self, browser: &BrowserSession) -> Result<FreshProof, StoreError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let user = browser.user();
        let stored = StoredFactors::of(tx.as_mut(), user.id, now).await?;
        let enrolled = stored.enrolled();
        Ok(FreshProof {
            is_there: browser.session().proved.is_fresh(enrolled.to_change(), now),
            factors: stored.for_change(&policy_for(core, user, enrolled)),
            digits: stored.digits(),
        })
    }

    /// Proves a second factor again. The session goes on under a new handle, so that nobody profits who knew the old one.
    pub async fn step_up(
        &self,
        browser: &BrowserSession,
        second: &SecondFactor,
        origin: &Origin,
    ) -> Result<(BrowserHandle, BrowserSession), BrowserStepUpError> {
        let core = &self.core;
        let caller = browser.caller(core);
        let proof = match fresh_proof::prove(core, &caller, second).await? {
            Ok(proof) => proof,
            Err(refusal) => return Err(self.refuse(&caller, refusal, origin).await),
        };
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(BrowserStepUpError::Changed)?;
        let charged = attempts_of(user.id, Budget::SecondFactorWithToken);
        settle(tx.as_mut(), user.id, proof.factor(), Some(&charged), &[]).await?;
        let session = match renew(core, tx.as_mut(), &caller, &user, proof, now).await? {
            Renewal::Renewed(session) => *session,
            Renewal::Spent => {
                drop(tx);
                return Err(self.refuse(&caller, Refusal::Wrong, origin).await);
            }
            Renewal::SessionGone => return Err(BrowserStepUpError::Changed),
        };
        let (handle, digest) = core.new_browser_handle();
        if !tx.browsers().replace(browser.digest(), &digest).await? {
            return Err(BrowserStepUpError::Changed);
        }
        note(core, tx.as_mut(), &session, origin).await?;
        tx.commit().await?;
        Ok((handle, browser.renewed(digest, session)))
    }

    async fn refuse(&self, caller: &Caller, refusal: Refusal, origin: &Origin) -> BrowserStepUpError {
        let core: &Core = &self.core;
        match fresh_proof::refuse(core, &self.feed, caller, EventKind::StepUpRefused, refusal, origin).await {
            Ok(()) => BrowserStepUpError::Refused,
            Err(error) => BrowserStepUpError::Store(error),
        }
    }
}
