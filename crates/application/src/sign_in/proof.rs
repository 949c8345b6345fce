//! What has been proved, as types: whoever holds one of these values holds a proof, because nothing outside this file can make
//! one, and what is in this file makes one only by comparing.

use domain::authenticator::{Authenticator, OtpRule, SentCode};
use domain::factor::{FactorPolicy, FactorType, Proved};
use domain::id::{AuthenticatorId, SecretKeyId, UserId};
use domain::lockout::Held;
use domain::one_time_code::Position;
use domain::recovery_code::RecoveryCode;
use domain::secret::{Digest, Password, SecretKey};
use domain::session::{AuthPurpose, AuthSession};
use domain::time::Timestamp;
use domain::user::{Epoch, Role, User};

use super::SecondFactor;
use super::factors::StoredFactors;
use crate::core::{CodeOnly, Core, OrionPolicy};
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

/// What proved a second factor. Whatever is good once is spent from this, in the transaction that grants something for it.
pub(crate) enum Evidence {
    /// A secret key, which is good many times.
    SecretKey(SecretKeyId),
    /// A code of an active authenticator.
    Code {
        authenticator: AuthenticatorId,
        position: Position,
    },
    /// The first code of a pending authenticator.
    Confirmation {
        authenticator: Authenticator,
        position: Position,
    },
    /// A recovery code.
    RecoveryCode(Digest),
}

impl Evidence {
    /// The authenticator that made the code.
    pub const fn authenticator(&self) -> Option<AuthenticatorId> {
        match self {
            Self::SecretKey(_) | Self::RecoveryCode(_) => None,
            Self::Code { authenticator, .. } => Some(*authenticator),
            Self::Confirmation { authenticator, .. } => Some(authenticator.id),
        }
    }
}

/// Which authenticators a code is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Candidates {
    /// Those that were confirmed.
    Active,
    /// Those that wait for their confirmation; a match confirms one.
    Pending,
    /// Both.
    Any,
}

impl Candidates {
    fn include(self, authenticator: &Authenticator, now: Timestamp) -> bool {
        match self {
            Self::Active => authenticator.is_active(),
            Self::Pending => authenticator.is_pending(now),
            Self::Any => authenticator.is_live(now),
        }
    }
}

/// What a second factor is compared with.
#[derive(Clone, Copy)]
pub(crate) struct Against<'a> {
    /// What is stored of the account.
    pub stored: &'a StoredFactors,
    /// The authenticators among it whose codes count.
    pub candidates: Candidates,
    /// Which codes are accepted; `None` for those of the service.
    pub otp: Option<&'a OtpRule>,
}

impl<'a> Against<'a> {
    /// What was confirmed.
    pub const fn active(stored: &'a StoredFactors) -> Self {
        Self {
            stored,
            candidates: Candidates::Active,
            otp: None,
        }
    }

    /// The same under another rule of which codes are accepted.
    #[must_use]
    pub const fn under(self, otp: Option<&'a OtpRule>) -> Self {
        Self { otp, ..self }
    }
}

/// A second factor of an account was proved.
pub(crate) struct SecondFactorProof {
    user: UserId,
    factor: FactorType,
    evidence: Evidence,
}

impl SecondFactorProof {
    /// Compares a second factor with what is stored of it. Every stored value is compared, whatever the outcome. Fails only
    /// when a sealed secret cannot be opened.
    pub fn compare(
        core: &Core,
        charged: &Charged,
        second: &SecondFactor,
        against: Against<'_>,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let account = charged.account;
        let Against {
            stored,
            candidates,
            otp,
        } = against;
        Ok(match second {
            SecondFactor::SecretKey(key) => Self::compare_key(core, account, key, stored, now),
            SecondFactor::RecoveryCode(code) => Self::compare_recovery_code(core, account, code, stored),
            SecondFactor::OneTimeCode { sent, authenticator } => {
                let is_meant = |one: &&Authenticator| {
                    one.user == account
                        && candidates.include(one, now)
                        && authenticator.is_none_or(|named| named == one.id)
                };
                let meant = stored.authenticators.iter().filter(is_meant);
                Self::compare_code(core, sent, meant, otp.copied().unwrap_or(core.policies.otp), now)?
            }
        })
    }

    fn compare_key(
        core: &Core,
        account: UserId,
        key: &SecretKey,
        stored: &StoredFactors,
        now: Timestamp,
    ) -> Option<Self> {
        let digest: Digest = core.digest_secret_key(key);
        let mut found = None;
        for stored in &stored.keys {
            let same = stored.digest == digest;
            if same && stored.user == account && stored.is_live(now) {
                found = Some(Self {
                    user: account,
                    factor: FactorType::SecretKey,
                    evidence: Evidence::SecretKey(stored.id),
                });
            }
        }
        found
    }

    fn compare_recovery_code(
        core: &Core,
        account: UserId,
        code: &RecoveryCode,
        stored: &StoredFactors,
    ) -> Option<Self> {
        let digest = core.digest_recovery_code(account, code);
        let mut found = None;
        for stored in &stored.recovery_codes {
            let same = stored.digest == digest;
            if same && stored.user == account {
                found = Some(Self {
                    user: account,
                    factor: FactorType::RecoveryCode,
                    evidence: Evidence::RecoveryCode(digest),
                });
            }
        }
        found
    }

    fn compare_code<'a>(
        core: &Core,
        sent: &SentCode,
        authenticators: impl Iterator<Item = &'a Authenticator>,
        rule: OtpRule,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let mut found = None;
        for authenticator in authenticators {
            let secret = core.open_otp_secret(authenticator)?;
            let matched = authenticator.matching_position(&secret, sent, &rule, now);
            if let (Some(position), None) = (matched, &found) {
                found = Some(Self {
                    user: authenticator.user,
                    factor: authenticator.parameters.factor(),
                    evidence: if authenticator.is_active() {
                        Evidence::Code {
                            authenticator: authenticator.id,
                            position,
                        }
                    } else {
                        Evidence::Confirmation {
                            authenticator: authenticator.clone(),
                            position,
                        }
                    },
                });
            }
        }
        Ok(found)
    }

    /// The type of the factor.
    pub const fn factor(&self) -> FactorType {
        self.factor
    }

    /// What proved it, to be spent.
    pub fn into_evidence(self) -> Evidence {
        self.evidence
    }
}

/// What an authentication must satisfy, looked at again when it is turned into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The factor policy of the account.
    Policy,
    /// The operator's word that a code alone is enough at the Orion profile.
    CodeOnly,
}

/// Every factor was proved that is asked for: by the policy or, for a code alone at the Orion profile, by the operator. The
/// only thing that sessions are opened for.
pub struct Authentication {
    user: UserId,
    epoch: Epoch,
    proved: Proved,
    second: FactorType,
    admission: Admission,
    evidence: Evidence,
    pending: Option<Digest>,
}

impl Authentication {
    /// Both proofs were made in one call.
    pub(super) fn at_once(
        policy: &FactorPolicy,
        password: &PasswordProof,
        second: SecondFactorProof,
        now: Timestamp,
    ) -> Option<Self> {
        let proved = Proved::new(vec![FactorType::Password, second.factor], now);
        (password.user == second.user && policy.admits(&proved)).then_some(Self {
            user: password.user,
            epoch: password.epoch,
            proved,
            second: second.factor,
            admission: Admission::Policy,
            evidence: second.evidence,
            pending: None,
        })
    }

    /// The password was proved in an earlier call. `digest` is that of the authentication session, which
    /// [`crate::tokens::issue::open_session`] must spend, and whose account and epoch it must find to be these.
    pub(super) fn continued(
        policy: &FactorPolicy,
        digest: Digest,
        auth_session: &AuthSession,
        second: SecondFactorProof,
        now: Timestamp,
    ) -> Option<Self> {
        let proved = auth_session.proved.and(second.factor, now);
        let is_fit = match auth_session.purpose {
            AuthPurpose::Login => true,
            AuthPurpose::Enrolment => matches!(second.evidence, Evidence::Confirmation { .. }),
        };
        (is_fit && auth_session.user == second.user && policy.admits(&proved)).then_some(Self {
            user: auth_session.user,
            epoch: auth_session.epoch,
            proved,
            second: second.factor,
            admission: Admission::Policy,
            evidence: second.evidence,
            pending: Some(digest),
        })
    }

    /// A code of an active authenticator and nothing else, where the operator allows it.
    pub(super) fn by_code_alone(
        policy: &OrionPolicy,
        user: &User,
        second: SecondFactorProof,
        now: Timestamp,
    ) -> Option<Self> {
        let is_code = matches!(second.evidence, Evidence::Code { .. });
        (policy.code_only == CodeOnly::Allowed && is_code && user.id == second.user).then_some(Self {
            user: user.id,
            epoch: user.epoch,
            proved: Proved::new(vec![second.factor], now),
            second: second.factor,
            admission: Admission::CodeOnly,
            evidence: second.evidence,
            pending: None,
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

    /// Whether it confirms an authenticator on the way.
    pub(crate) const fn confirms(&self) -> bool {
        matches!(self.evidence, Evidence::Confirmation { .. })
    }

    /// The rights of which role it may open a session with, for an account of this role: one factor is not enough for more than
    /// one's own account, whatever the operator allows.
    pub(crate) const fn rights_of(&self, role: Role) -> Role {
        match self.admission {
            Admission::Policy => role,
            Admission::CodeOnly => Role::User,
        }
    }

    /// Whether a password is among what was proved.
    pub(crate) fn has_password(&self) -> bool {
        self.proved.factors().contains(&FactorType::Password)
    }

    /// The type of the second factor that was proved in this call.
    pub(crate) const fn second(&self) -> FactorType {
        self.second
    }

    /// Whether it still satisfies what it must, now that the account's policy is this one.
    pub(crate) fn is_admitted_by(&self, policy: &FactorPolicy) -> bool {
        match self.admission {
            Admission::Policy => policy.admits(&self.proved),
            Admission::CodeOnly => true,
        }
    }

    /// What proved it, to be spent, and what was proved.
    pub(crate) fn into_parts(self) -> (Evidence, Proved) {
        (self.evidence, self.proved)
    }
}
