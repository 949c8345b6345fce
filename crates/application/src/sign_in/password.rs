//! Steps 1 to 3: the password.

use domain::factor::{Enrolled, FactorType, Proved};
use domain::id::UserId;
use domain::lockout::Budget;
use domain::secret::Password;
use domain::session::{AuthPurpose, AuthSession};
use domain::time::Timestamp;
use domain::user::{Enrolment, User};

use super::account::{attempts_from, attempts_of};
use super::factors::{StoredFactors, policy_for};
use super::proof::{self, Against, Authentication, PasswordProof, SecondFactorProof};
use super::second_factor::Call;
use super::{Account, LoginError, LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor, SignIn, pending};
use crate::hashing::HashingPlace;
use crate::ports::{AttemptKey, StoreError, Transaction};

/// What was sent, and the place to compare it in.
struct Attempt {
    password: Password,
    second: Option<SecondFactor>,
    hashing: HashingPlace,
}

impl SignIn {
    /// Logs in with a password, and with a second factor if one was sent.
    pub async fn with_password(&self, login: PasswordLogin) -> Result<LoginOutcome, LoginError> {
        let PasswordLogin {
            name,
            password,
            second,
            terms,
        } = login;
        let core = &self.core;
        let stand_in = match &name {
            LoginName::Username(username) => core.stand_in(username),
            LoginName::Email(email) => core.stand_in_for_email(email),
        };
        let _place = self.gate.enter(stand_in, &terms.network).await?;
        // Before the charge: whom a busy service turns away has made no attempt.
        let hashing = core.hashing.place()?;

        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = match &name {
            LoginName::Username(username) => tx.users().find_by_username(username).await?,
            LoginName::Email(email) => tx.users().find_by_email(email).await?,
        };
        let id = user.as_ref().map_or(stand_in, |user| user.id);
        let account = Account { id, user };
        let charge = proof::charge(core, tx.as_mut(), attempts_of(id, Budget::Password), now).await?;
        let stored = stored_for(tx.as_mut(), id, second.as_ref(), now).await?;
        let Ok(charge) = charge else {
            drop(tx);
            let attempt = Attempt {
                password,
                second,
                hashing,
            };
            return self.during_hold(account, attempt, &stored, &terms).await;
        };
        let charged = charge.committed(tx).await?;

        let known = account.known_id();
        let Some(user) = account.usable() else {
            PasswordProof::pretend(hashing, password).await?;
            return Err(self.refuse(known, &terms, "no_such_active_account").await);
        };
        let spare = Password::new(password.expose());
        let Some(proof) = PasswordProof::compare(hashing, &charged, &user, password).await? else {
            return Err(self.refuse(known, &terms, "password").await);
        };
        if let (true, Some(spare)) = (proof.is_outdated(), spare) {
            self.rehash(&user, spare).await?;
        }
        match second {
            None => self.await_second_factor(&user, &terms).await,
            Some(second) => {
                let policy = core.policies.factors.of(user.role, Enrolled::No);
                let conclude = |factor, now| Authentication::at_once(&policy, &proof, factor, now);
                let against = Against::active(&stored);
                self.with_second_factor(&user, &second, against, Call::WithPassword, &terms, conclude)
                    .await
            }
        }
    }

    /// Step 3. The answer names the factors that the account has: whoever proved the password may know.
    async fn await_second_factor(&self, user: &User, terms: &LoginTerms) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let now = core.now();
        let lifetime = terms.form.auth_session_lifetime(&core.policies.lifetimes);
        let mut tx = core.ports.store.begin().await?;
        let current = tx.users().hold(user.id).await?;
        let Some(current) = current.filter(|current| current.honours(user.epoch)) else {
            drop(tx);
            return Err(self.refuse(Some(user.id), terms, "account_changed").await);
        };
        let purpose = match current.enrolment {
            Enrolment::Open => AuthPurpose::Enrolment,
            Enrolment::Required | Enrolment::Done => AuthPurpose::Login,
        };
        tx.attempts().clear(&attempts_of(user.id, Budget::Password)).await?;
        let stored = StoredFactors::of(tx.as_mut(), user.id, now).await?;
        let auth_session = AuthSession {
            user: user.id,
            epoch: user.epoch,
            purpose,
            proved: Proved::new(vec![FactorType::Password], now),
            expires_at: now.after(lifetime),
            request: terms.client.as_ref().map(|client| client.request.clone()),
        };
        let handle = pending::open(core, tx.as_mut(), auth_session, terms.form, &terms.origin).await?;
        tx.commit().await?;
        Ok(match purpose {
            AuthPurpose::Enrolment => LoginOutcome::EnrolmentNeeded {
                user: user.id,
                auth_session: handle,
                lifetime,
            },
            AuthPurpose::Login => LoginOutcome::SecondFactorNeeded {
                user: user.id,
                auth_session: handle,
                lifetime,
                factors: self.offered(&current, &stored),
            },
        })
    }

    /// The factor types that may complete a login of this account, of those that it has.
    fn offered(&self, user: &User, stored: &StoredFactors) -> Vec<FactorType> {
        let policy = policy_for(&self.core, user, stored.enrolled());
        let offered = policy.second_factors().iter().copied();
        offered.filter(|factor| stored.has(*factor)).collect()
    }

    /// The password's budget is held. Who proves something first that cannot be guessed may still try the password, on a
    /// budget that nobody without it can use up; so a flood of wrong passwords does not keep the owner out.
    ///
    /// A one-time code can be guessed, and the budget here is one for each network: it is not even compared.
    async fn during_hold(
        &self,
        account: Account,
        attempt: Attempt,
        stored: &StoredFactors,
        terms: &LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let Attempt {
            password,
            second,
            hashing,
        } = attempt;
        let known = account.known_id();
        let key_budget = attempts_from(account.id, Budget::KeyDuringHold, &terms.network);
        let second_proof = match second.filter(SecondFactor::is_unguessable) {
            Some(second) => self.key_during_hold(&key_budget, &second, stored, terms).await?,
            None => None,
        };
        let password_budget = attempts_of(account.id, Budget::PasswordWithKey);
        let now = core.now();
        let charged = match (&second_proof, account.is_usable()) {
            (Some(_), true) => {
                let mut tx = core.ports.store.begin().await?;
                match proof::charge(core, tx.as_mut(), password_budget.clone(), now).await? {
                    Ok(charge) => Some(charge.committed(tx).await?),
                    Err(_) => None,
                }
            }
            _ => None,
        };
        let (Some(second_proof), Some(charged), Some(user)) = (second_proof, charged, account.usable()) else {
            PasswordProof::pretend(hashing, password).await?;
            return Err(self.refuse(known, terms, "held").await);
        };
        let Some(proof) = PasswordProof::compare(hashing, &charged, &user, password).await? else {
            return Err(self.refuse(known, terms, "password").await);
        };
        let policy = core.policies.factors.of(user.role, Enrolled::No);
        let complete = Authentication::at_once(&policy, &proof, second_proof, core.now());
        let Some(authentication) = complete else {
            return Err(self.refuse(known, terms, "policy").await);
        };
        let others = [
            attempts_of(user.id, Budget::Password),
            attempts_of(user.id, Budget::SecondFactor),
            password_budget,
            key_budget,
        ];
        self.grant(authentication, None, &others, terms).await
    }

    /// Compares a secret key or a recovery code while the password's budget is held. The second factor's own hold is
    /// respected.
    async fn key_during_hold(
        &self,
        budget: &AttemptKey,
        second: &SecondFactor,
        stored: &StoredFactors,
        terms: &LoginTerms,
    ) -> Result<Option<SecondFactorProof>, LoginError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let second_factor = tx
            .attempts()
            .hold(&attempts_of(budget.account, Budget::SecondFactor))
            .await?;
        if core.policies.lockout.verdict(second_factor, now).is_err() {
            return Ok(None);
        }
        let Ok(charge) = proof::charge(core, tx.as_mut(), budget.clone(), now).await? else {
            return Ok(None);
        };
        let charged = charge.committed(tx).await?;
        let against = Against::active(stored).under(terms.otp.as_ref());
        Ok(SecondFactorProof::compare(core, &charged, second, against, now)?)
    }

    /// Stores the password under today's parameters. Only if the stored hash is still the one that was compared.
    async fn rehash(&self, user: &User, password: Password) -> Result<(), LoginError> {
        // A busy service does it another time.
        let Ok(place) = self.core.hashing.place() else {
            return Ok(());
        };
        let Ok(hash) = place.hash(password).await else {
            return Ok(());
        };
        let mut tx = self.core.ports.store.begin().await?;
        tx.users().rehash_password(user.id, &user.password_hash, &hash).await?;
        Ok(tx.commit().await?)
    }
}

async fn stored_for(
    tx: &mut dyn Transaction,
    account: UserId,
    second: Option<&SecondFactor>,
    now: Timestamp,
) -> Result<StoredFactors, StoreError> {
    match second {
        None => Ok(StoredFactors::default()),
        Some(second) => StoredFactors::for_proof(tx, account, second, now).await,
    }
}
