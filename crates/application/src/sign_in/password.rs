//! Steps 1 to 3: the password.

use domain::event::EventKind;
use domain::factor::{FactorType, Proved};
use domain::lockout::Budget;
use domain::secret::Password;
use domain::secret_key::StoredSecretKey;
use domain::session::{AuthPurpose, AuthSession, StoredAuthSession};
use domain::user::User;

use super::account::{attempts_from, attempts_of};
use super::proof::{self, Authentication, PasswordProof, SecondFactorProof};
use super::{Account, LoginError, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor, SignIn};
use crate::audit::{self, Entry};
use crate::hashing::HashingPlace;
use crate::ports::AttemptKey;

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
            username,
            password,
            second,
            terms,
        } = login;
        let core = &self.core;
        let stand_in = core.stand_in(&username);
        let _place = self.gate.enter(stand_in, &terms.network).await?;
        // Before the charge: whom a busy service turns away has made no attempt.
        let hashing = core.hashing.place()?;

        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().find_by_username(&username).await?;
        let id = user.as_ref().map_or(stand_in, |user| user.id);
        let account = Account { id, user };
        let charge = proof::charge(core, tx.as_mut(), attempts_of(id, Budget::Password), now).await?;
        let Ok(charge) = charge else {
            let keys = tx.secret_keys().live_of(id, now).await?;
            drop(tx);
            let attempt = Attempt {
                password,
                second,
                hashing,
            };
            return self.during_hold(account, attempt, &keys, &terms).await;
        };
        let keys = if second.is_some() {
            tx.secret_keys().live_of(id, now).await?
        } else {
            Vec::new()
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
                let keys = &keys;
                self.with_second_factor(&user, &second, keys, &terms, |factor, now| {
                    Authentication::at_once(&core.policies.factors.user, &proof, factor, now)
                })
                .await
            }
        }
    }

    /// Step 3.
    async fn await_second_factor(&self, user: &User, terms: &LoginTerms) -> Result<LoginOutcome, LoginError> {
        let core = &self.core;
        let (auth_session, digest) = core.new_auth_session();
        let now = core.now();
        let lifetime = core.policies.lifetimes.auth_session;
        let pending = AuthSession {
            user: user.id,
            epoch: user.epoch,
            purpose: AuthPurpose::Login,
            proved: Proved::new(vec![FactorType::Password], now),
            expires_at: now.after(lifetime),
        };
        let mut tx = core.ports.store.begin().await?;
        match tx.users().hold(user.id).await? {
            Some(current) if current.honours(user.epoch) => {}
            _ => {
                drop(tx);
                return Err(self.refuse(Some(user.id), terms, "account_changed").await);
            }
        }
        tx.attempts().clear(&attempts_of(user.id, Budget::Password)).await?;
        tx.auth_sessions()
            .insert(&StoredAuthSession {
                digest,
                auth_session: pending,
            })
            .await?;
        let entry = Entry {
            kind: EventKind::LoginPending,
            actor: Some(user.id),
            subject: Some(user.id),
            origin: &terms.origin,
            details: &[],
        };
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        let factors: Vec<FactorType> = core.policies.factors.user.second_factors().to_vec();
        Ok(LoginOutcome::SecondFactorNeeded {
            auth_session,
            lifetime,
            factors,
        })
    }

    /// The password's budget is held. Who proves a secret key first may still try the password, on a budget that nobody
    /// without the key can use up; so a flood of wrong passwords does not keep the owner out.
    async fn during_hold(
        &self,
        account: Account,
        attempt: Attempt,
        keys: &[StoredSecretKey],
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
        let second_proof = match &second {
            Some(second) => self.key_during_hold(&key_budget, second, keys).await?,
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
        let complete = Authentication::at_once(&core.policies.factors.user, &proof, &second_proof, core.now());
        let Some(authentication) = complete else {
            return Err(self.refuse(known, terms, "policy").await);
        };
        let cleared = [
            attempts_of(user.id, Budget::Password),
            attempts_of(user.id, Budget::SecondFactor),
            password_budget,
            key_budget,
        ];
        self.grant(authentication, &cleared, terms).await
    }

    /// Compares a secret key while the password's budget is held. The second factor's own hold is respected.
    async fn key_during_hold(
        &self,
        budget: &AttemptKey,
        second: &SecondFactor,
        keys: &[StoredSecretKey],
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
        Ok(SecondFactorProof::compare(core, &charged, second, keys, now))
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
