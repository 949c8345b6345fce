//! Steps 4 to 7: the second factor, in the same call or in a later one.

use domain::lockout::Budget;
use domain::secret_key::StoredSecretKey;
use domain::time::Timestamp;
use domain::user::User;

use super::account::attempts_of;
use super::proof::{self, Authentication, SecondFactorProof};
use super::{ContinuedLogin, LoginError, LoginOutcome, LoginTerms, SecondFactor, SignIn};

impl SignIn {
    /// Completes a login that proved its password in an earlier call.
    pub async fn with_auth_session(&self, login: ContinuedLogin) -> Result<LoginOutcome, LoginError> {
        let ContinuedLogin {
            auth_session,
            second,
            terms,
        } = login;
        let core = &self.core;
        let digest = core.digest_auth_session(&auth_session);
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let pending = tx.auth_sessions().find(&digest, now).await?;
        let Some(pending) = pending else {
            // Nobody's account is concerned, and whoever makes handles up must not fill the log.
            return Err(LoginError::Refused);
        };
        let user = tx
            .users()
            .find(pending.user)
            .await?
            .filter(|user| user.honours(pending.epoch));
        drop(tx);
        let Some(user) = user else {
            return Err(self.refuse(Some(pending.user), &terms, "account_changed").await);
        };
        let _place = self.gate.enter(core.stand_in(&user.username), &terms.network).await?;
        let mut tx = core.ports.store.read().await?;
        let keys = tx.secret_keys().live_of(user.id, core.now()).await?;
        // Looked at again: of a crowd with one authentication session, those behind the winner must not be charged for a
        // guess that they did not make, or the owner is held back for a double click.
        let still = tx.auth_sessions().find(&digest, core.now()).await?;
        drop(tx);
        if still.is_none() {
            return Err(self.refuse(Some(user.id), &terms, "auth_session").await);
        }
        self.with_second_factor(&user, &second, &keys, &terms, |factor, now| {
            Authentication::continued(&core.policies.factors.user, (digest, &pending), factor, now)
        })
        .await
    }

    /// Steps 4 to 7, with what the first factor left to conclude.
    pub(super) async fn with_second_factor(
        &self,
        user: &User,
        second: &SecondFactor,
        keys: &[StoredSecretKey],
        terms: &LoginTerms,
        conclude: impl FnOnce(&SecondFactorProof, Timestamp) -> Option<Authentication>,
    ) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let budget = attempts_of(user.id, Budget::SecondFactor);
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        // The password was proved: it is no failure, whatever comes of the second factor.
        tx.attempts().clear(&attempts_of(user.id, Budget::Password)).await?;
        let Ok(charge) = proof::charge(core, tx.as_mut(), budget.clone(), now).await? else {
            tx.commit().await?;
            return Err(self.refuse(Some(user.id), terms, "held").await);
        };
        let charged = charge.committed(tx).await?;
        let Some(factor) = SecondFactorProof::compare(core, &charged, second, keys, now) else {
            return Err(self.refuse(Some(user.id), terms, "second_factor").await);
        };
        let Some(authentication) = conclude(&factor, now) else {
            return Err(self.refuse(Some(user.id), terms, "policy").await);
        };
        self.grant(authentication, &[budget], terms).await
    }
}
