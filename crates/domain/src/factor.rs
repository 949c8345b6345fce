//! Factor types, what a login has proved with them, and what that is worth.

use std::time::Duration;

use crate::time::Timestamp;
use crate::user::Role;

/// How long a proof counts as fresh, for changes of what an account proves itself with.
pub const FRESH_FOR: Duration = Duration::from_mins(5);

/// A way to prove who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactorType {
    /// Something known.
    Password,
    /// A generated second secret, sent with the request. Replayable, so it is worth less than a one-time code.
    SecretKey,
    /// A look-up secret from the owner's list, good once.
    RecoveryCode,
    /// A code of an authenticator that moves with time (RFC 6238).
    Totp,
    /// A code of an authenticator that moves with a counter (RFC 4226).
    Hotp,
}

impl FactorType {
    /// Every factor type.
    pub const ALL: [Self; 5] = [
        Self::Password,
        Self::SecretKey,
        Self::RecoveryCode,
        Self::Totp,
        Self::Hotp,
    ];

    /// Every factor type that can complete a login after the password, in the order in which they are offered.
    pub const SECOND: [Self; 4] = [Self::Totp, Self::Hotp, Self::SecretKey, Self::RecoveryCode];

    /// The name in requests, answers and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SecretKey => "secret_key",
            Self::RecoveryCode => "recovery_code",
            Self::Totp => "totp",
            Self::Hotp => "hotp",
        }
    }

    /// The factor type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.name() == name)
    }

    /// The value in `amr` (RFC 8176). A secret key has no registered value: it is no proof of possession of a key (`swk`) and
    /// two known secrets are no `mfa`, so it goes by its own name; so does a recovery code.
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::SecretKey => "secret_key",
            Self::RecoveryCode => "recovery_code",
            Self::Totp | Self::Hotp => "otp",
        }
    }

    /// The factor type with that `amr` value. `otp` stands for two that are worth the same; it is read as TOTP.
    pub fn from_amr(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.amr() == value)
    }

    /// Whether it has so much entropy that a guess cannot be right. What can be guessed is never compared on a budget of its
    /// own.
    pub const fn is_unguessable(self) -> bool {
        match self {
            Self::SecretKey | Self::RecoveryCode => true,
            Self::Password | Self::Totp | Self::Hotp => false,
        }
    }
}

/// How much a login has proved: derived from its factors by [`Assurance::of`] and nowhere else. Later ones are worth more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// A one-time code and no password.
    CodeOnly,
    /// One factor only.
    SingleFactor,
    /// Password and secret key.
    PasswordAndKey,
    /// Password and recovery code.
    PasswordAndRecoveryCode,
    /// Password and one-time code.
    PasswordAndOtp,
}

impl Assurance {
    /// Every level, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::CodeOnly,
        Self::SingleFactor,
        Self::PasswordAndKey,
        Self::PasswordAndRecoveryCode,
        Self::PasswordAndOtp,
    ];

    /// What these factors are worth together.
    pub fn of(factors: &[FactorType]) -> Self {
        let has = |factor| factors.contains(&factor);
        let has_code = has(FactorType::Totp) || has(FactorType::Hotp);
        match (has(FactorType::Password), has_code) {
            (true, true) => Self::PasswordAndOtp,
            (true, false) if has(FactorType::RecoveryCode) => Self::PasswordAndRecoveryCode,
            (true, false) if has(FactorType::SecretKey) => Self::PasswordAndKey,
            (false, true) => Self::CodeOnly,
            (true | false, false) => Self::SingleFactor,
        }
    }

    /// The value of the `acr` claim (OpenID Connect Core section 2).
    pub const fn acr(self) -> &'static str {
        match self {
            Self::CodeOnly => "urn:countersign:acr:otp",
            Self::SingleFactor => "urn:countersign:acr:pwd",
            Self::PasswordAndKey => "urn:countersign:acr:pwd+key",
            Self::PasswordAndRecoveryCode => "urn:countersign:acr:pwd+recovery",
            Self::PasswordAndOtp => "urn:countersign:acr:pwd+otp",
        }
    }
}

/// What a login proved, and when it proved the last of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    factors: Vec<FactorType>,
    at: Timestamp,
}

impl Proved {
    /// The factors, sorted and without repetition, and the instant at which the last was proved.
    pub fn new(mut factors: Vec<FactorType>, at: Timestamp) -> Self {
        factors.sort_unstable();
        factors.dedup();
        Self { factors, at }
    }

    /// The same and one more factor, proved now.
    #[must_use]
    pub fn and(&self, factor: FactorType, at: Timestamp) -> Self {
        let mut factors = self.factors.clone();
        factors.push(factor);
        Self::new(factors, at)
    }

    /// The same after one factor was proved again, now. What is worth less than it goes on to count; what is worth more is left
    /// out, because it would look as if it had been proved now, too.
    #[must_use]
    pub fn renewed(&self, factor: FactorType, at: Timestamp) -> Self {
        let worth = |factor| Assurance::of(&[FactorType::Password, factor]);
        let mut factors = self.factors.clone();
        factors.retain(|proved| worth(*proved) <= worth(factor));
        factors.push(factor);
        Self::new(factors, at)
    }

    /// The factors.
    pub fn factors(&self) -> &[FactorType] {
        &self.factors
    }

    /// The `auth_time`.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What they are worth.
    pub fn assurance(&self) -> Assurance {
        Assurance::of(&self.factors)
    }

    /// The values of the `amr` claim, each once.
    pub fn amr(&self) -> Vec<&'static str> {
        let mut values: Vec<_> = self.factors.iter().map(|factor| factor.amr()).collect();
        values.dedup();
        values
    }

    /// Whether at least `assurance` was proved, no longer ago than [`FRESH_FOR`].
    pub fn is_fresh(&self, assurance: Assurance, now: Timestamp) -> bool {
        self.assurance() >= assurance && now.since(self.at) <= FRESH_FOR
    }
}

/// Which factors a login must prove: the password, and one of the second factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicy {
    second: Vec<FactorType>,
}

impl Default for FactorPolicy {
    fn default() -> Self {
        Self::new(&FactorType::SECOND)
    }
}

impl FactorPolicy {
    /// With these second factors; what cannot be one is left out.
    pub fn new(second: &[FactorType]) -> Self {
        let is_named = |factor: &FactorType| second.contains(factor);
        Self {
            second: FactorType::SECOND.into_iter().filter(is_named).collect(),
        }
    }

    /// Whether these factors satisfy the policy.
    pub fn admits(&self, proved: &Proved) -> bool {
        proved.factors.contains(&FactorType::Password) && proved.factors.iter().any(|factor| self.knows(*factor))
    }

    /// Whether a factor of this type can complete a login.
    pub fn knows(&self, factor: FactorType) -> bool {
        self.second.contains(&factor)
    }

    /// The same, but for one factor type.
    #[must_use]
    pub fn without(mut self, factor: FactorType) -> Self {
        self.second.retain(|known| *known != factor);
        self
    }

    /// The factor types that may complete a login whose password is proved.
    pub fn second_factors(&self) -> &[FactorType] {
        &self.second
    }
}

/// Whether an account has an authenticator that was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolled {
    /// It has one.
    Yes,
    /// It has none.
    No,
}

impl Enrolled {
    /// From a fact.
    pub const fn if_so(has_authenticator: bool) -> Self {
        if has_authenticator { Self::Yes } else { Self::No }
    }

    /// What must have been proved to change what the account proves itself with: as much as the account can prove (NIST SP
    /// 800-63B-4 section 4.1.2.1), or a recovery code, which is for when it cannot.
    pub const fn to_change(self) -> Assurance {
        match self {
            Self::Yes => Assurance::PasswordAndRecoveryCode,
            Self::No => Assurance::PasswordAndKey,
        }
    }
}

/// Which factor policy holds for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicies {
    /// For accounts with the role `user`.
    pub user: FactorPolicy,
    /// For accounts with the role `admin`.
    pub admin: FactorPolicy,
    /// The roles in which the secret key of an account completes no login once it has an authenticator.
    pub better_than_key: Vec<Role>,
}

impl Default for FactorPolicies {
    fn default() -> Self {
        Self {
            user: FactorPolicy::default(),
            admin: FactorPolicy::default(),
            better_than_key: vec![Role::Admin],
        }
    }
}

impl FactorPolicies {
    /// The policy for an account.
    pub fn of(&self, role: Role, enrolled: Enrolled) -> FactorPolicy {
        let policy = match role {
            Role::User => self.user.clone(),
            Role::Admin => self.admin.clone(),
        };
        if enrolled == Enrolled::Yes && self.heeds_enrolment(role) {
            return policy.without(FactorType::SecretKey);
        }
        policy
    }

    /// Whether it makes a difference for this role if an account has an authenticator.
    pub fn heeds_enrolment(&self, role: Role) -> bool {
        self.better_than_key.contains(&role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn proved(factors: &[FactorType]) -> Proved {
        Proved::new(factors.to_vec(), NOW)
    }

    #[test]
    fn one_factor_is_never_enough() {
        let policy = FactorPolicy::default();
        for factor in FactorType::ALL {
            assert!(!policy.admits(&proved(&[factor])));
            assert!(!policy.admits(&proved(&[factor, factor])));
            assert_eq!(
                policy.admits(&proved(&[factor, FactorType::Password])),
                factor != FactorType::Password
            );
        }
        assert!(
            !policy.admits(&proved(&[FactorType::SecretKey, FactorType::Totp])),
            "a password must be among them"
        );
    }

    #[test]
    fn amr_lists_what_was_proved_and_acr_follows_from_it() {
        let key = proved(&[FactorType::SecretKey, FactorType::Password]);
        assert_eq!(key.amr(), ["pwd", "secret_key"]);
        assert_eq!(key.assurance().acr(), "urn:countersign:acr:pwd+key");
        let both = proved(&[FactorType::Hotp, FactorType::Totp, FactorType::Password]);
        assert_eq!(both.amr(), ["pwd", "otp"]);
        assert_eq!(both.assurance().acr(), "urn:countersign:acr:pwd+otp");
    }

    #[test]
    fn a_level_is_above_those_that_prove_less() {
        let worth = |factors: &[FactorType]| Assurance::of(factors);
        let in_order = [
            worth(&[FactorType::Totp]),
            worth(&[FactorType::SecretKey]),
            worth(&[FactorType::Password, FactorType::SecretKey]),
            worth(&[FactorType::Password, FactorType::SecretKey, FactorType::RecoveryCode]),
            worth(&[FactorType::Password, FactorType::SecretKey, FactorType::Hotp]),
        ];
        assert!(in_order.is_sorted());
        assert_eq!(in_order, Assurance::ALL);
        let acrs: std::collections::HashSet<_> = Assurance::ALL.iter().map(|level| level.acr()).collect();
        assert_eq!(acrs.len(), Assurance::ALL.len());
    }

    #[test]
    fn a_key_is_not_enough_for_an_enrolled_administrator() {
        let policies = FactorPolicies::default();
        let key = proved(&[FactorType::Password, FactorType::SecretKey]);
        assert!(policies.of(Role::User, Enrolled::Yes).admits(&key));
        assert!(policies.of(Role::Admin, Enrolled::No).admits(&key));
        assert!(!policies.of(Role::Admin, Enrolled::Yes).admits(&key));
        for factor in [FactorType::Totp, FactorType::Hotp, FactorType::RecoveryCode] {
            assert!(
                policies
                    .of(Role::Admin, Enrolled::Yes)
                    .admits(&proved(&[FactorType::Password, factor]))
            );
        }
    }

    #[test]
    fn a_proof_is_fresh_for_five_minutes() {
        let otp = proved(&[FactorType::Password, FactorType::Totp]);
        assert!(otp.is_fresh(Assurance::PasswordAndOtp, NOW.after(FRESH_FOR)));
        assert!(!otp.is_fresh(
            Assurance::PasswordAndOtp,
            NOW.after(FRESH_FOR).after(Duration::from_micros(1))
        ));
        let key = proved(&[FactorType::Password, FactorType::SecretKey]);
        assert!(key.is_fresh(Enrolled::No.to_change(), NOW));
        assert!(
            !key.is_fresh(Enrolled::Yes.to_change(), NOW),
            "a key adds no authenticator beside another"
        );
    }

    #[test]
    fn a_factor_proved_again_does_not_renew_a_better_one() {
        let later = NOW.after(FRESH_FOR);
        let both = proved(&[FactorType::Password, FactorType::SecretKey, FactorType::Totp]);
        let by_key = both.renewed(FactorType::SecretKey, later);
        assert_eq!(by_key.factors(), [FactorType::Password, FactorType::SecretKey]);
        assert_eq!(by_key.at(), later);
        let by_code = by_key.renewed(FactorType::Hotp, later);
        assert_eq!(by_code.assurance(), Assurance::PasswordAndOtp);
        let by_recovery = both.renewed(FactorType::RecoveryCode, later);
        assert_eq!(by_recovery.assurance(), Assurance::PasswordAndRecoveryCode);
        let alone = proved(&[FactorType::Totp]).renewed(FactorType::Totp, later);
        assert_eq!(alone.assurance(), Assurance::CodeOnly, "no password comes from nowhere");
    }

    #[test]
    fn names_and_values_read_back() {
        for factor in FactorType::ALL {
            assert_eq!(FactorType::from_name(factor.name()), Some(factor));
            assert_eq!(
                FactorType::from_amr(factor.amr()).map(FactorType::amr),
                Some(factor.amr())
            );
        }
    }
}
