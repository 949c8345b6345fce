//! What is stored of the factors of an account, read for one comparison, and which policy they are under.

use domain::authenticator::Authenticator;
use domain::factor::{Assurance, Enrolled, FactorPolicy, FactorType};
use domain::id::UserId;
use domain::one_time_code::Digits;
use domain::recovery_code::StoredRecoveryCode;
use domain::secret_key::StoredSecretKey;
use domain::time::Timestamp;
use domain::user::{Enrolment, User};

use super::SecondFactor;
use crate::core::Core;
use crate::ports::{StoreError, Transaction};

/// Second factors of an account: digests and sealed secrets.
#[derive(Default)]
pub(crate) struct StoredFactors {
    pub keys: Vec<StoredSecretKey>,
    pub authenticators: Vec<Authenticator>,
    pub recovery_codes: Vec<StoredRecoveryCode>,
}

impl StoredFactors {
    /// What is needed to compare this factor. The statements do not depend on whether the account exists.
    pub async fn for_proof(
        tx: &mut dyn Transaction,
        account: UserId,
        second: &SecondFactor,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut stored = Self::default();
        match second {
            SecondFactor::SecretKey(_) => stored.keys = tx.secret_keys().live_of(account, now).await?,
            SecondFactor::OneTimeCode { .. } => stored.authenticators = tx.authenticators().of_user(account).await?,
            SecondFactor::RecoveryCode(_) => {
                stored.recovery_codes = tx.recovery_codes().unused_of(account, now).await?;
            }
        }
        Ok(stored)
    }

    /// All of them.
    pub async fn of(tx: &mut dyn Transaction, account: UserId, now: Timestamp) -> Result<Self, StoreError> {
        Ok(Self {
            keys: tx.secret_keys().live_of(account, now).await?,
            authenticators: tx.authenticators().of_user(account).await?,
            recovery_codes: tx.recovery_codes().unused_of(account, now).await?,
        })
    }

    /// How many digits a one-time code has; the most, if the account's authenticators differ.
    pub fn digits(&self) -> u32 {
        most_digits(self.authenticators.iter())
    }

    /// Whether an authenticator was confirmed.
    pub fn enrolled(&self) -> Enrolled {
        enrolled_by(&self.authenticators)
    }

    /// Whether a factor of this type is there.
    pub fn has(&self, factor: FactorType) -> bool {
        match factor {
            FactorType::Password => false,
            FactorType::SecretKey => !self.keys.is_empty(),
            FactorType::RecoveryCode => !self.recovery_codes.is_empty(),
            FactorType::Totp | FactorType::Hotp => self
                .authenticators
                .iter()
                .any(|authenticator| authenticator.is_active() && authenticator.parameters.factor() == factor),
        }
    }
}

impl StoredFactors {
    /// The types that prove enough to change what the account proves itself with, of those that are there and that `policy` lets
    /// complete a login: the best first.
    pub fn for_change(&self, policy: &FactorPolicy) -> Vec<FactorType> {
        let needed = self.enrolled().to_change();
        let is_enough = |factor: &FactorType| Assurance::of(&[FactorType::Password, *factor]) >= needed;
        let known = policy.second_factors().iter().copied();
        known.filter(|factor| self.has(*factor) && is_enough(factor)).collect()
    }
}

/// The policy for an account as it is now. Reads only where it makes a difference.
pub(crate) async fn policy_of(core: &Core, tx: &mut dyn Transaction, user: &User) -> Result<FactorPolicy, StoreError> {
    let is_heeded = user.enrolment == Enrolment::Required || core.policies.factors.heeds_enrolment(user.role);
    let enrolled = if is_heeded {
        enrolled(tx, user.id).await?
    } else {
        Enrolled::No
    };
    Ok(policy_for(core, user, enrolled))
}

/// The policy for an account that has an authenticator or not. A login that ends in a required enrolment takes the place of
/// the authenticators that are there, so a key is not enough for it while there is one.
pub(crate) fn policy_for(core: &Core, user: &User, enrolled: Enrolled) -> FactorPolicy {
    let policy = core.policies.factors.of(user.role, enrolled);
    match (user.enrolment, enrolled) {
        (Enrolment::Required, Enrolled::Yes) => policy.without(FactorType::SecretKey),
        (Enrolment::Open | Enrolment::Required | Enrolment::Done, _) => policy,
    }
}

/// Whether an account has an authenticator that was confirmed.
pub(crate) async fn enrolled(tx: &mut dyn Transaction, user: UserId) -> Result<Enrolled, StoreError> {
    Ok(enrolled_by(&tx.authenticators().of_user(user).await?))
}

/// How many digits a code of these authenticators has, of those that were confirmed; the most, if they differ.
pub(crate) fn most_digits<'a>(authenticators: impl Iterator<Item = &'a Authenticator>) -> u32 {
    let active = authenticators.filter(|one| one.is_active());
    let most = active.map(|one| one.parameters.digits).max();
    u32::from(most.unwrap_or(Digits::Six).number())
}

/// Whether one of the authenticators of an account was confirmed.
pub(crate) fn enrolled_by(authenticators: &[Authenticator]) -> Enrolled {
    Enrolled::if_so(authenticators.iter().any(Authenticator::is_active))
}
