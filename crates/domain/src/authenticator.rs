//! Authenticators: enrolled instances of a factor type. Pending until confirmed, named by their owner, several for each
//! account (NIST SP 800-63B-4 section 4.1).

use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use crate::factor::FactorType;
use crate::hotp::{self, LookAhead};
use crate::id::{AuthenticatorId, UserId};
use crate::one_time_code::{Digits, HashAlgorithm, OneTimeCode, Position};
use crate::otp_secret::OtpSecret;
use crate::secret::Sealed;
use crate::time::Timestamp;
use crate::totp::{self, Period, Window};
use crate::username::is_invisible;

/// How many authenticators an account may have, pending ones included.
pub const AUTHENTICATORS_MAX: usize = 10;
/// How long a new authenticator may wait for its confirmation.
pub const PENDING_FOR: Duration = Duration::from_mins(10);
/// The longest name, in characters.
pub const NAME_MAX: usize = 64;

/// What the owner calls an authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorName(String);

/// The text cannot be the name of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 64 characters, none of them a control or invisible character, and must not be blank")]
pub struct NotAName;

impl AuthenticatorName {
    /// Takes a name, in normalisation form C and without white space around it.
    pub fn new(text: &str) -> Result<Self, NotAName> {
        // A character has four bytes at most, and normalisation makes three of one at most.
        if text.len() > NAME_MAX * 12 {
            return Err(NotAName);
        }
        let name: String = text.trim().nfc().collect();
        let is_hidden = |character: char| character.is_control() || is_invisible(character);
        let is_name = !name.is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(is_hidden);
        if is_name { Ok(Self(name)) } else { Err(NotAName) }
    }

    /// What an app is called until its owner says otherwise.
    pub fn of_an_app() -> Self {
        Self(String::from("Authenticator app"))
    }

    /// Wraps a name that is stored.
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two names are one to a person who reads a list.
    pub fn resembles(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

/// What moves the codes of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtpKind {
    /// Time (RFC 6238).
    Totp(Period),
    /// A counter (RFC 4226).
    Hotp,
}

/// How the codes of an authenticator are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtpParameters {
    /// What moves them.
    pub kind: OtpKind,
    /// The hash.
    pub algorithm: HashAlgorithm,
    /// Their length.
    pub digits: Digits,
}

impl OtpParameters {
    /// What every app knows: TOTP with SHA-1, 6 digits, 30 seconds.
    pub const TOTP: Self = Self {
        kind: OtpKind::Totp(Period::Thirty),
        algorithm: HashAlgorithm::Sha1,
        digits: Digits::Six,
    };
    /// HOTP with SHA-1 and 6 digits.
    pub const HOTP: Self = Self {
        kind: OtpKind::Hotp,
        algorithm: HashAlgorithm::Sha1,
        digits: Digits::Six,
    };

    /// The factor type that a code proves.
    pub const fn factor(&self) -> FactorType {
        match self.kind {
            OtpKind::Totp(_) => FactorType::Totp,
            OtpKind::Hotp => FactorType::Hotp,
        }
    }
}

/// Whether an authenticator can prove anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticatorState {
    /// It waits for its confirmation; until then it changes nothing.
    Pending {
        /// When it stops waiting.
        expires_at: Timestamp,
    },
    /// It proves a factor.
    Active {
        /// Since when.
        confirmed_at: Timestamp,
    },
}

/// An authenticator of an account, its secret sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// Its identity.
    pub id: AuthenticatorId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: AuthenticatorName,
    /// How its codes are made.
    pub parameters: OtpParameters,
    /// The shared secret, sealed under [`Authenticator::seal_identity`].
    pub secret: Sealed,
    /// Whether it was confirmed.
    pub state: AuthenticatorState,
    /// The position of the last accepted code; only later ones are accepted.
    pub position: Position,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last proved something.
    pub used_at: Option<Timestamp>,
    /// The authenticator that it takes the place of when it is confirmed.
    pub replaces: Option<AuthenticatorId>,
}

impl Authenticator {
    /// The name under which a secret is sealed: bytes moved to another row open no more.
    pub fn seal_identity(user: UserId, id: AuthenticatorId) -> String {
        format!("authenticators.secret.{user}.{id}")
    }

    /// Whether it proves a factor.
    pub const fn is_active(&self) -> bool {
        matches!(self.state, AuthenticatorState::Active { .. })
    }

    /// Whether it waits for its confirmation at `now`.
    pub fn is_pending(&self, now: Timestamp) -> bool {
        matches!(self.state, AuthenticatorState::Pending { expires_at } if now < expires_at)
    }

    /// Whether it counts at `now`: a pending one that expired is as good as gone.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.is_active() || self.is_pending(now)
    }

    /// The position whose code was sent, if it may be accepted. `secret` is the opened [`Authenticator::secret`].
    pub fn matching_position(
        &self,
        secret: &OtpSecret,
        sent: &SentCode,
        rule: &OtpRule,
        now: Timestamp,
    ) -> Option<Position> {
        let OtpParameters {
            kind,
            algorithm,
            digits,
        } = self.parameters;
        match kind {
            OtpKind::Totp(period) => {
                let terms = totp::Terms {
                    secret,
                    algorithm,
                    digits,
                    period,
                    now,
                };
                rule.window.matching_step(&terms, self.position, &sent.code)
            }
            OtpKind::Hotp => {
                let terms = hotp::Terms {
                    secret,
                    algorithm,
                    digits,
                };
                match &sent.next {
                    None => rule.look_ahead.matching_counter(&terms, self.position, &sent.code),
                    Some(next) => rule.look_ahead.matching_pair(&terms, self.position, (&sent.code, next)),
                }
            }
        }
    }
}

/// A one-time code as it was sent, with the one after it when a counter is to be found again.
pub struct SentCode {
    /// The code.
    pub code: OneTimeCode,
    /// The code after it, of an HOTP token that ran ahead; means nothing to a TOTP.
    pub next: Option<OneTimeCode>,
}

/// Which codes of an authenticator are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OtpRule {
    /// For TOTP.
    pub window: Window,
    /// For HOTP.
    pub look_ahead: LookAhead,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_and_bounded() {
        let name = |text: &str| AuthenticatorName::new(text).map(|name| name.as_str().to_owned());
        assert_eq!(name("  My phone "), Ok("My phone".to_owned()));
        assert_eq!(name("u\u{308}"), Ok("\u{fc}".to_owned()));
        for bad in [
            "",
            "   ",
            "a\u{7}b",
            "a\nb",
            "a\u{202e}b",
            "\u{200b}",
            &"x".repeat(65),
            &"x".repeat(100_000),
        ] {
            assert_eq!(name(bad), Err(NotAName));
        }
        let resemble = |one: &str, other: &str| {
            AuthenticatorName::from_stored(one.to_owned()).resembles(&AuthenticatorName::from_stored(other.to_owned()))
        };
        assert!(resemble("Phone", "phone") && !resemble("Phone", "Phone 2"));
    }
}
