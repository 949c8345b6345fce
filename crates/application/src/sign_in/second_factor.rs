//! Steps 4 to 7: the second factor, in the same call or in a later one.

use domain::factor::Enrolled;
use domain::lockout::Budget;
use domain::secret::Digest;
use domain::session::AuthPurpose;
use domain::time::Timestamp;
use domain::user::User;

use super::account::attempts_of;
use super::factors::StoredFactors;
use super::proof::{self, Against, Authentication, Candidates, SecondFactorProof};
use super::{ContinuedLogin, LoginError, LoginOutcome, LoginTerms, SecondFactor, SignIn};

/// Which authentication session a login goes on from, and with what it may be completed.
pub(super) struct Continuation {
    /// Its digest.
    pub digest: Digest,
    /// The purpose it must have; `None` for whichever.
    pub purpose: Option<AuthPurpose>,
    /// The authenticators whose codes count.
    pub candidates: Candidates,
}

/// When the password was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// In this call.
    WithPassword,
    /// In an earlier one. The counter of passwords was set back then; to do so again would give a stranger, who needs no
    /// handle at the Orion profile, new guesses at the password with each call.
    Later,
}

impl SignIn {
    /// Completes a login that proved its password in an earlier call.
    pub async fn with_auth_session(&self, login: ContinuedLogin) -> Result<LoginOutcome, LoginError> {
        let ContinuedLogin {
            auth_session,
            second,
            terms,
        } = login;
        let continuation = Continuation {
            digest: self.core.digest_auth_session(&auth_session),
            purpose: Some(AuthPurpose::Login),
            candidates: Candidates::Active,
        };
        self.go_on(continuation, &second, &terms).await
    }

    /// Steps 4 to 7, from an authentication session on.
    pub(super) async fn go_on(
        &self,
        continuation: Continuation,
        second: &SecondFactor,
        terms: &LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let Continuation {
            digest,
            purpose,
            candidates,
        } = continuation;
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let pending = tx.auth_sessions().find(&digest, now).await?;
        let pending = pending.filter(|pending| purpose.is_none_or(|purpose| purpose == pending.purpose));
        let resumed = pending.and_then(|pending| terms.resumed(&pending).map(|terms| (pending, terms)));
        let Some((pending, terms)) = resumed else {
            // Nobody's account is concerned, and whoever makes handles up must not fill the log.
            return Err(LoginError::Refused);
        };
        let terms = &terms;
        let user = tx
            .users()
            .find(pending.user)
            .await?
            .filter(|user| user.honours(pending.epoch));
        drop(tx);
        let Some(user) = user else {
            return Err(self.refuse(Some(pending.user), terms, "account_changed").await);
        };
        let _place = self.gate.enter(core.stand_in(&user.username), &terms.network).await?;
        let mut tx = core.ports.store.read().await?;
        let stored = StoredFactors::for_proof(tx.as_mut(), user.id, second, core.now()).await?;
        // Looked at again: of a crowd with one authentication session, those behind the winner must not be charged for a
        // guess that they did not make, or the owner is held back for a double click.
        let still = tx.auth_sessions().find(&digest, core.now()).await?;
        drop(tx);
        if still.is_none() {
            return Err(self.refuse(Some(user.id), terms, "auth_session").await);
        }
        let policy = core.policies.factors.of(user.role, Enrolled::No);
        let conclude = |factor, now| Authentication::continued(&policy, digest, &pending, factor, now);
        let against = Against {
            candidates,
            ..Against::active(&stored)
        };
        self.with_second_factor(&user, second, against, Call::Later, terms, conclude)
            .await
    }

    /// Steps 4 to 7, with what the first factor left to conclude.
    pub(super) async fn with_second_factor(
        &self,
        user: &User,
        second: &SecondFactor,
        against: Against<'_>,
        call: Call,
        terms: &LoginTerms,
        conclude: impl FnOnce(SecondFactorProof, Timestamp) -> Option<Authentication>,
    ) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let budget = attempts_of(user.id, Budget::SecondFactor);
        let password = attempts_of(user.id, Budget::Password);
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        if call == Call::WithPassword {
            // It is no failure, whatever comes of the second factor.
            tx.attempts().clear(&password).await?;
        }
        let Ok(charge) = proof::charge(core, tx.as_mut(), budget.clone(), now).await? else {
            tx.commit().await?;
            return Err(self.refuse(Some(user.id), terms, "held").await);
        };
        let charged = charge.committed(tx).await?;
        let against = against.under(terms.otp.as_ref());
        let Some(factor) = SecondFactorProof::compare(core, &charged, second, against, now)? else {
            return Err(self.refuse(Some(user.id), terms, "second_factor").await);
        };
        let Some(authentication) = conclude(factor, now) else {
            return Err(self.refuse(Some(user.id), terms, "policy").await);
        };
        self.grant(authentication, Some(&budget), &[password], terms).await
    }
}
