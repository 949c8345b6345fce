//! Factor types, what a login has proved with them, and what that is worth.

use crate::time::Timestamp;

/// A way to prove who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactorType {
    /// Something known.
    Password,
    /// A generated second secret, sent with the request. Replayable, so it is worth less than a one-time code.
    SecretKey,
}

impl FactorType {
    /// Every factor type that can complete a login after the password.
    pub const SECOND: [Self; 1] = [Self::SecretKey];

    /// The name in requests and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SecretKey => "secret_key",
        }
    }

    /// The value in `amr` (RFC 8176). A secret key has no registered value: it is no proof of possession of a key (`swk`) and
    /// two known secrets are no `mfa`, so it goes by its own name.
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::SecretKey => "secret_key",
        }
    }

    /// The factor type with that `amr` value.
    pub fn from_amr(value: &str) -> Option<Self> {
        [Self::Password, Self::SecretKey]
            .into_iter()
            .find(|factor| factor.amr() == value)
    }
}

/// How much a login has proved: derived from its factors by [`Assurance::of`] and nowhere else. Later ones are worth more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// One factor only.
    SingleFactor,
    /// Password and secret key.
    PasswordAndKey,
}

impl Assurance {
    /// What these factors are worth together.
    pub fn of(factors: &[FactorType]) -> Self {
        if factors.contains(&FactorType::Password) && factors.contains(&FactorType::SecretKey) {
            Self::PasswordAndKey
        } else {
            Self::SingleFactor
        }
    }

    /// The value of the `acr` claim (OpenID Connect Core section 2).
    pub const fn acr(self) -> &'static str {
        match self {
            Self::SingleFactor => "urn:countersign:acr:pwd",
            Self::PasswordAndKey => "urn:countersign:acr:pwd+key",
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

    /// The values of the `amr` claim.
    pub fn amr(&self) -> Vec<&'static str> {
        self.factors.iter().map(|factor| factor.amr()).collect()
    }
}

/// Which factors a login must prove: the password, and one of the second factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicy {
    second: Vec<FactorType>,
}

impl Default for FactorPolicy {
    fn default() -> Self {
        Self {
            second: FactorType::SECOND.to_vec(),
        }
    }
}

impl FactorPolicy {
    /// Whether these factors satisfy the policy.
    pub fn admits(&self, proved: &Proved) -> bool {
        proved.factors.contains(&FactorType::Password)
            && self.second.iter().any(|factor| proved.factors.contains(factor))
    }

    /// The factor types that may complete a login whose password is proved.
    pub fn second_factors(&self) -> &[FactorType] {
        &self.second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1);

    #[test]
    fn one_factor_is_never_enough() {
        let policy = FactorPolicy::default();
        assert!(!policy.admits(&Proved::new(vec![FactorType::Password], NOW)));
        assert!(!policy.admits(&Proved::new(vec![FactorType::Password, FactorType::Password], NOW)));
        assert!(!policy.admits(&Proved::new(vec![FactorType::SecretKey], NOW)));
        assert!(policy.admits(&Proved::new(vec![FactorType::SecretKey, FactorType::Password], NOW)));
    }

    #[test]
    fn amr_lists_what_was_proved_and_acr_follows_from_it() {
        let proved = Proved::new(vec![FactorType::SecretKey, FactorType::Password], NOW);
        assert_eq!(proved.amr(), ["pwd", "secret_key"]);
        assert_eq!(proved.assurance().acr(), "urn:countersign:acr:pwd+key");
        assert!(Assurance::of(&[FactorType::SecretKey]) < proved.assurance());
    }
}
