//! What the Orion profile does differently: the second call of a login names the account instead of a handle, and a QR code is
//! given for a password.
//!
//! Both end in the same steps as every other login. A code without a password is good for five minutes after this account's
//! password was proved, and once.

use domain::email::Email;
use domain::factor::{Assurance, FactorType};
use domain::id::UserId;
use domain::lockout::Budget;
use domain::user::{Enrolment, User};

use super::account::{Account, attempts_of};
use super::factors::{StoredFactors, enrolled};
use super::proof::{self, Against, Authentication, Candidates, SecondFactorProof};
use super::second_factor::Continuation;
use super::settling::settle;
use super::spending::{self, Codes};
use super::{LoginError, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor, SignIn};
use crate::accounts::authenticators::begin::begin_within;
use crate::accounts::{BeginError, Begun, NewAuthenticator};
use crate::core::{CodeOnly, OrionPolicy};
use crate::ports::StoreError;

/// Why no authenticator was begun.
#[derive(Debug, thiserror::Error)]
pub enum OrionEnrolError {
    /// The account has a second factor, which must be proved too.
    #[error("the account has a second factor, which must be proved too")]
    SecondFactorNeeded,
    /// Name, password or second factor is not right.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The account can have no further authenticator.
    #[error(transparent)]
    Begin(BeginError),
}

impl From<StoreError> for OrionEnrolError {
    fn from(error: StoreError) -> Self {
        Self::Login(error.into())
    }
}

impl SignIn {
    /// Proves a password and, if the account has one, a second factor; then begins an authenticator, which takes the place of
    /// the one whose code was sent. The next code of the old or of the new one completes a login.
    pub async fn orion_enrolment(&self, login: PasswordLogin, new: NewAuthenticator) -> Result<Begun, OrionEnrolError> {
        let PasswordLogin {
            name,
            password,
            second,
            terms,
        } = login;
        let again = LoginTerms {
            scopes: None,
            ..terms.clone()
        };
        let first = PasswordLogin {
            name,
            password,
            second: None,
            terms: again,
        };
        let (id, needs_second) = match self.with_password(first).await? {
            LoginOutcome::EnrolmentNeeded { user, .. } => (user, false),
            LoginOutcome::SecondFactorNeeded { user, .. } => (user, true),
            // A password alone is never granted anything.
            LoginOutcome::Granted(_) | LoginOutcome::Browser(_) | LoginOutcome::Code(_) => {
                return Err(LoginError::Refused.into());
            }
        };
        let core = &self.core;
        let mut tx = core.ports.store.read().await?;
        let user = tx.users().find(id).await?.ok_or(LoginError::Refused)?;
        drop(tx);
        let proved = match (needs_second, second) {
            (false, _) => None,
            (true, None) => return Err(OrionEnrolError::SecondFactorNeeded),
            (true, Some(second)) => Some(self.orion_second_factor(id, Some(id), &second, &terms).await?),
        };
        self.orion_begin(&user, proved, new, &terms).await
    }

    /// Steps 4 and 5, without a first factor in the same call. `account` may stand for an address that nobody has; `known` is
    /// it if somebody has it.
    async fn orion_second_factor(
        &self,
        account: UserId,
        known: Option<UserId>,
        second: &SecondFactor,
        terms: &LoginTerms,
    ) -> Result<SecondFactorProof, LoginError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let budget = attempts_of(account, Budget::SecondFactor);
        let Ok(charge) = proof::charge(core, tx.as_mut(), budget, now).await? else {
            drop(tx);
            return Err(self.refuse(known, terms, "held").await);
        };
        let stored = StoredFactors::for_proof(tx.as_mut(), account, second, now).await?;
        let charged = charge.committed(tx).await?;
        match SecondFactorProof::compare(core, &charged, second, Against::active(&stored), now)? {
            Some(proof) => Ok(proof),
            None => Err(self.refuse(known, terms, "second_factor").await),
        }
    }

    async fn orion_begin(
        &self,
        user: &User,
        proved: Option<SecondFactorProof>,
        new: NewAuthenticator,
        terms: &LoginTerms,
    ) -> Result<Begun, OrionEnrolError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let held = tx.users().hold(user.id).await?;
        let held = held.filter(|held| held.honours(user.epoch) && held.enrolment == user.enrolment);
        // Without a second factor only what has none yet; it may have got one since the password was compared.
        let held = held.filter(|held| proved.is_some() || held.enrolment == Enrolment::Open);
        let held = held.ok_or(LoginError::Refused)?;
        let mut replaces = None;
        if let Some(proof) = proved {
            let charged = attempts_of(user.id, Budget::SecondFactor);
            settle(tx.as_mut(), user.id, proof.factor(), Some(&charged), &[]).await?;
            // As much as the account can prove, as for every change of what it proves itself with.
            let needed = enrolled(tx.as_mut(), user.id).await?.to_change();
            let factors = [FactorType::Password, proof.factor()];
            if Assurance::of(&factors) < needed {
                return Err(OrionEnrolError::SecondFactorNeeded);
            }
            let evidence = proof.into_evidence();
            replaces = evidence.authenticator();
            let spent = spending::spend(core, tx.as_mut(), &held, evidence, Codes::NotShown, now).await?;
            if spent.is_none() {
                drop(tx);
                return Err(self.refuse(Some(user.id), terms, "spent").await.into());
            }
        }
        // Whoever proved something else than a code has lost the authenticator that goes by this name.
        let present = tx.authenticators().of_user(user.id).await?;
        let of_that_name = present
            .iter()
            .find(|one| one.is_active() && one.name.resembles(&new.name));
        let new = NewAuthenticator {
            replaces: replaces.or(of_that_name.map(|one| one.id)),
            ..new
        };
        let begun = begin_within(core, tx.as_mut(), &held, new, &terms.origin).await;
        let begun = begun.map_err(OrionEnrolError::Begin)?;
        tx.commit().await?;
        Ok(begun)
    }

    /// Completes a login at the Orion profile: with the password that was proved up to five minutes ago or, if the operator
    /// allows it, with the code alone. The first code of an authenticator that was begun there confirms it.
    pub async fn orion_second_call(
        &self,
        email: &Email,
        second: &SecondFactor,
        terms: &LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let mut tx = core.ports.store.read().await?;
        let user = tx.users().find_by_email(email).await?;
        let account = user
            .as_ref()
            .map_or_else(|| core.stand_in_for_email(email), |user| user.id);
        let digest = core.digest_orion_login(account);
        let window = tx.auth_sessions().find(&digest, core.now()).await?;
        drop(tx);
        match (&core.policies.orion, window) {
            (Some(policy), None) if policy.code_only == CodeOnly::Allowed => {
                self.orion_code_alone(policy, Account { id: account, user }, second, terms)
                    .await
            }
            // Without a window there is nothing to compare with: whoever has not proved the password must not use up the budget
            // of the second factor.
            _ => {
                let continuation = Continuation {
                    digest,
                    purpose: None,
                    candidates: Candidates::Any,
                };
                self.go_on(continuation, second, terms).await
            }
        }
    }

    /// The same is done for an address that nobody has as for one that somebody has: less would take less time, and tell.
    async fn orion_code_alone(
        &self,
        policy: &OrionPolicy,
        account: Account,
        second: &SecondFactor,
        terms: &LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let (id, known) = (account.id, account.known_id());
        let _place = self.gate.enter(id, &terms.network).await?;
        let now = core.now();
        let proof = self.orion_second_factor(id, known, second, terms).await?;
        let Some(user) = account.usable() else {
            return Err(self.refuse(known, terms, "no_such_active_account").await);
        };
        let Some(authentication) = Authentication::by_code_alone(policy, &user, proof, now) else {
            return Err(self.refuse(known, terms, "policy").await);
        };
        let charged = attempts_of(user.id, Budget::SecondFactor);
        self.grant(authentication, Some(&charged), &[], terms).await
    }
}
