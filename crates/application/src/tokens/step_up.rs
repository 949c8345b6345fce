//! Step-up (RFC 9470): proving a second factor again within a session, for operations that ask for a better or a fresher
//! proof.

use std::sync::Arc;

use domain::claims::Use;
use domain::event::EventKind;
use domain::lockout::Budget;
use domain::secret::RefreshToken;
use domain::session::{Origin, Session};
use domain::time::Timestamp;
use domain::user::User;

use super::Caller;
use super::issue::{self, IssueError, IssuedTokens, Opened, Terms};
use crate::accounts::fresh_proof::{self, Refusal};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::factors::policy_of;
use crate::sign_in::proof::SecondFactorProof;
use crate::sign_in::settling::settle;
use crate::sign_in::spending::{self, Codes};
use crate::sign_in::{SecondFactor, attempts_of};

/// Why nothing was stepped up.
#[derive(Debug, thiserror::Error)]
pub enum StepUpError {
    /// The proof is wrong, or too many wrong ones were sent; nobody is told which.
    #[error("the proof was not accepted")]
    Refused,
    /// The account or the session changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The session belongs to a client, or to another profile: it is made better where it was opened.
    #[error("the session was not opened here")]
    NotHere,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tokens could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// Steps sessions up.
pub struct StepUp {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
}

impl StepUp {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, ring, feed }
    }

    /// Proves a second factor again. The session goes on with `auth_time` now; what it proved before still counts, unless it is
    /// worth more than what was proved now: a key does not make an old code a fresh one. Every refresh token of the session
    /// that was issued before is used up, so that none of them profits from the new proof.
    pub async fn execute(
        &self,
        caller: &Caller,
        second: SecondFactor,
        origin: &Origin,
    ) -> Result<IssuedTokens, StepUpError> {
        let core = &self.core;
        if caller.client_id != core.policies.client_id {
            // A client's tokens are made by the client's rules, and renewed by the client.
            return Err(StepUpError::NotHere);
        }
        let proved = fresh_proof::prove(core, caller, &second).await?;
        let proof = match proved {
            Ok(proof) => proof,
            Err(refusal) => return Err(self.refuse(caller, refusal, origin).await),
        };
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(StepUpError::AccountChanged)?;
        let charged = attempts_of(user.id, Budget::SecondFactorWithToken);
        settle(tx.as_mut(), user.id, proof.factor(), Some(&charged), &[]).await?;
        let outcome = self.step_up(tx.as_mut(), caller, &user, proof, now, origin).await?;
        match outcome {
            Outcome::Stepped(session, refresh_token) => {
                tx.commit().await?;
                let opened = Opened::continued(*session, user, Terms::for_use(core, caller.usage), refresh_token, now);
                Ok(issue::mint(core, &self.ring, opened)?)
            }
            Outcome::Spent => {
                drop(tx);
                Err(self.refuse(caller, Refusal::Wrong, origin).await)
            }
            Outcome::SessionGone => Err(StepUpError::AccountChanged),
        }
    }

    async fn step_up(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        user: &User,
        proof: SecondFactorProof,
        now: Timestamp,
        origin: &Origin,
    ) -> Result<Outcome, StoreError> {
        let core = &self.core;
        let session = match renew(core, tx, caller, user, proof, now).await? {
            Renewal::Renewed(session) => session,
            Renewal::Spent => return Ok(Outcome::Spent),
            Renewal::SessionGone => return Ok(Outcome::SessionGone),
        };
        let refresh_token = match caller.usage {
            Use::Once => None,
            Use::Many => {
                tx.refresh_tokens().retire_all_of(session.id, now).await?;
                let (token, digest) = core.new_refresh_token();
                let row = issue::refresh_token_of(core, &session, digest, now);
                tx.refresh_tokens().insert(&row).await?;
                Some(token)
            }
        };
        note(core, tx, &session, origin).await?;
        Ok(Outcome::Stepped(session, refresh_token))
    }

    async fn refuse(&self, caller: &Caller, refusal: Refusal, origin: &Origin) -> StepUpError {
        let kind = EventKind::StepUpRefused;
        match fresh_proof::refuse(&self.core, &self.feed, caller, kind, refusal, origin).await {
            Ok(()) => StepUpError::Refused,
            Err(error) => StepUpError::Store(error),
        }
    }
}

enum Outcome {
    Stepped(Box<Session>, Option<RefreshToken>),
    Spent,
    SessionGone,
}

/// What became of a session that proved a second factor again.
pub(crate) enum Renewal {
    /// It goes on with what it has proved now.
    Renewed(Box<Session>),
    /// The proof was spent before, or is not one that completes a login.
    Spent,
    /// It has ended.
    SessionGone,
}

/// Spends a proof for the caller's session. The account must be held; the counters are settled.
pub(crate) async fn renew(
    core: &Core,
    tx: &mut dyn Transaction,
    caller: &Caller,
    user: &User,
    proof: SecondFactorProof,
    now: Timestamp,
) -> Result<Renewal, StoreError> {
    let factor = proof.factor();
    let evidence = proof.into_evidence();
    let authenticator = evidence.authenticator();
    // What may not complete a login may not make one better either.
    let policy = policy_of(core, tx, user).await?;
    let spent = spending::spend(core, tx, user, evidence, Codes::NotShown, now).await?;
    if !policy.knows(factor) || spent.is_none() {
        return Ok(Renewal::Spent);
    }
    let Some(session) = tx.sessions().find(caller.session, now).await? else {
        return Ok(Renewal::SessionGone);
    };
    let session = Session {
        proved: session.proved.renewed(factor, now),
        authenticator: authenticator.or(session.authenticator),
        ..session
    };
    // The Orion profile may have opened the session for less than the policy asks.
    if !policy.admits(&session.proved) {
        return Ok(Renewal::Spent);
    }
    let is_there = tx
        .sessions()
        .set_proved(session.id, &session.proved, session.authenticator)
        .await?;
    if !is_there {
        return Ok(Renewal::SessionGone);
    }
    tx.sessions().touch(session.id, now).await?;
    Ok(Renewal::Renewed(Box::new(session)))
}

/// Writes down that a session proved a second factor again.
pub(crate) async fn note(
    core: &Core,
    tx: &mut dyn Transaction,
    session: &Session,
    origin: &Origin,
) -> Result<(), StoreError> {
    let (id, amr) = (session.id.to_string(), session.proved.amr().join(" "));
    let details = [
        ("session", id.as_str()),
        ("amr", amr.as_str()),
        ("acr", session.proved.assurance().acr()),
    ];
    let entry = Entry::by_owner(EventKind::StepUpSucceeded, session.user, origin, &details);
    audit::record(core, tx, entry).await
}
