//! What has been proved, as types: whoever holds one of these values holds a proof, because nothing outside this file can make
//! one, and what is in this file makes one only by comparing.

use domain::factor::{FactorPolicy, FactorType, Proved};
use domain::id::{SecretKeyId, UserId};
use domain::lockout::Held;
use domain::secret::{Digest, Password, SecretKey};
use domain::secret_key::StoredSecretKey;
use domain::session::Session;
use domain::time::Timestamp;
use domain::user::{Epoch, User};

use super::SecondFactor;
use crate::core::Core;
use crate::hashing::HashingPlace;
use crate::ports::{AttemptKey, HasherBusy, PasswordCheck, StoreError, Transaction};

/// Permission to evaluate one guess: it is charged and committed (invariant 2). Consumed by the comparison.
#[must_use = "a charge was paid for it"]
pub(crate) struct Charged {
    account: UserId,
}

/// Charges one attempt within `tx`. The permission counts once the transaction is committed, see [`Charge::committed`].
pub(crate) async fn charge(
    core: &Core,
    tx: &mut dyn Transaction,
    key: AttemptKey,
    now: Timestamp,
) -> Result<Result<Charge, Held>, StoreError> {
    let tally = tx.attempts().hold(&key).await?;
    match core.policies.lockout.charge(tally, now) {
        Ok(charged) => {
            tx.attempts().record(&key, charged).await?;
            Ok(Ok(Charge(Charged { account: key.account })))
        }
        Err(held) => Ok(Err(held)),
    }
}

/// A charge that is written and not yet committed.
#[must_use = "commit, then turn it into a permission"]
pub(crate) struct Charge(Charged);

impl Charge {
    /// Commits the transaction with the charge in it, and gives the permission.
    pub async fn committed(self, tx: Box<dyn Transaction>) -> Result<Charged, StoreError> {
        tx.commit().await?;
        Ok(self.0)
    }
}

/// The password of an account was proved.
pub(crate) struct PasswordProof {
    user: UserId,
    epoch: Epoch,
    outdated: bool,
}

impl PasswordProof {
    /// Compares a password with that of `user`.
    pub async fn compare(
        place: HashingPlace,
        charged: &Charged,
        user: &User,
        password: Password,
    ) -> Result<Option<Self>, HasherBusy> {
        let check = place.check(password, Some(user.password_hash.clone())).await?;
        let proof = |outdated| Self {
            user: user.id,
            epoch: user.epoch,
            outdated,
        };
        Ok(match check {
            _ if charged.account != user.id => None,
            PasswordCheck::Right => Some(proof(false)),
            PasswordCheck::RightOutdated => Some(proof(true)),
            PasswordCheck::Wrong => None,
        })
    }

    /// Does the work of a comparison when there is nothing to compare with.
    pub async fn pretend(place: HashingPlace, password: Password) -> Result<(), HasherBusy> {
        match place.check(password, None).await? {
            PasswordCheck::Right | PasswordCheck::RightOutdated | PasswordCheck::Wrong => Ok(()),
        }
    }

    /// Whether the stored hash has other parameters than those of today.
    pub const fn is_outdated(&self) -> bool {
        self.outdated
    }
}

/// A second factor of an account was proved.
pub(crate) struct SecondFactorProof {
    user: UserId,
    factor: FactorType,
    key: SecretKeyId,
}

impl SecondFactorProof {
    /// Compares a second factor with what is stored of it. Every stored value is compared, whatever the outcome.
    pub fn compare(
        core: &Core,
        charged: &Charged,
        second: &SecondFactor,
        keys: &[StoredSecretKey],
        now: Timestamp,
    ) -> Option<Self> {
        match second {
            SecondFactor::SecretKey(key) => Self::compare_key(core, charged.account, key, keys, now),
        }
    }

    fn compare_key(
        core: &Core,
        account: UserId,
        key: &SecretKey,
        keys: &[StoredSecretKey],
        now: Timestamp,
    ) -> Option<Self> {
        let digest: Digest = core.digest_secret_key(key);
        let mut found = None;
        for stored in keys {
            let same = stored.digest == digest;
            if same && stored.user == account && stored.is_live(now) {
                found = Some(Self {
                    user: account,
                    factor: FactorType::SecretKey,
                    key: stored.id,
                });
            }
        }
        found
    }

    /// Which secret key was proved.
    pub const fn secret_key(&self) -> SecretKeyId {
        self.key
    }
}

/// Every factor that the policy asks for was proved. The only thing that tokens are issued for.
pub struct Authentication {
    user: UserId,
    epoch: Epoch,
    proved: Proved,
    pending: Option<Digest>,
}

impl Authentication {
    /// Both proofs were made in one call.
    pub(super) fn at_once(
        policy: &FactorPolicy,
        password: &PasswordProof,
        second: &SecondFactorProof,
        now: Timestamp,
    ) -> Option<Self> {
        let proved = Proved::new(vec![FactorType::Password, second.factor], now);
        (password.user == second.user && policy.admits(&proved)).then_some(Self {
            user: password.user,
            epoch: password.epoch,
            proved,
            pending: None,
        })
    }

    /// The password was proved in an earlier call. `pending` is the digest of the authentication session, which
    /// [`crate::tokens::issue::open_session`] must spend, and whose account and epoch it must find to be these.
    pub(super) fn continued(
        policy: &FactorPolicy,
        pending: (Digest, &domain::session::AuthSession),
        second: &SecondFactorProof,
        now: Timestamp,
    ) -> Option<Self> {
        let (digest, auth_session) = pending;
        let proved = Proved::new(vec![FactorType::Password, second.factor], now);
        (auth_session.user == second.user && policy.admits(&proved)).then_some(Self {
            user: auth_session.user,
            epoch: auth_session.epoch,
            proved,
            pending: Some(digest),
        })
    }

    /// Whose.
    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    /// The account's epoch when the password was compared.
    pub(crate) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The authentication session to spend.
    pub(crate) const fn pending(&self) -> Option<&Digest> {
        self.pending.as_ref()
    }

    /// What was proved.
    pub(crate) fn into_proved(self) -> Proved {
        self.proved
    }
}

/// Whether what a session was opened with still satisfies the policy; asked at each refresh.
pub(crate) fn still_admitted(policy: &FactorPolicy, session: &Session) -> bool {
    policy.admits(&session.proved)
}
