//! One-time codes (RFC 4226 section 5): how one is computed from a shared secret and a moving factor, and what was sent as
//! one.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::otp_secret::OtpSecret;

/// The hash below the HMAC (RFC 6238 section 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashAlgorithm {
    /// What every authenticator app knows.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name in key URIs, requests, answers and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// How many bytes it gives out, which is how long a secret should be (RFC 6238 section 5.1).
    pub const fn output_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// How many digits a code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digits {
    /// Six.
    Six,
    /// Eight.
    Eight,
}

impl Digits {
    /// As a number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Six => 6,
            Self::Eight => 8,
        }
    }

    /// From a number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            6 => Some(Self::Six),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    const fn modulus(self) -> u32 {
        match self {
            Self::Six => 1_000_000,
            Self::Eight => 100_000_000,
        }
    }
}

/// The moving factor: the time step of a TOTP (RFC 6238 section 4.2) or the counter of an HOTP (RFC 4226 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(i64);

impl Position {
    /// Before every position: nothing was accepted yet.
    pub const NONE: Self = Self(-1);

    /// Wraps a number; what is below [`Position::NONE`] becomes that.
    pub const fn new(number: i64) -> Self {
        if number < Self::NONE.0 {
            Self::NONE
        } else {
            Self(number)
        }
    }

    /// The number.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// So many positions later.
    #[must_use]
    pub const fn later(self, by: i64) -> Self {
        Self::new(self.0.saturating_add(by))
    }

    /// The last position of a counter whose next value this is: other services keep the next one.
    pub const fn before_counter(next: i64) -> Self {
        Self::new(next.saturating_sub(1))
    }
}

/// The text is not a one-time code. That is bad input, and no guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 6 or 8 digits, without spaces")]
pub struct NotACode;

/// A code as it was sent: exactly 6 or 8 ASCII digits. Nothing is trimmed, because two texts that count as one code would be
/// two guesses for a limiter and one for the comparison (CVE-2025-6014, CVE-2025-6015).
pub struct OneTimeCode(Zeroizing<String>);

impl OneTimeCode {
    /// Takes what was sent.
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        let is_code = matches!(text.len(), 6 | 8) && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_code {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(NotACode)
        }
    }

    /// The code of a secret at a position (RFC 4226 section 5.3); leading zeros are kept.
    pub fn compute(secret: &OtpSecret, position: Position, algorithm: HashAlgorithm, digits: Digits) -> Self {
        let number = truncated(secret.expose(), position, algorithm) % digits.modulus();
        let width = usize::from(digits.number());
        Self(Zeroizing::new(format!("{number:0width$}")))
    }

    /// The digits. Only for showing what a test or an authenticator computed.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether two codes are the same, in the same time for all codes of one length.
    pub fn equals(&self, other: &Self) -> Choice {
        self.0.as_bytes().ct_eq(other.0.as_bytes())
    }
}

/// Dynamic truncation (RFC 4226 section 5.3).
fn truncated(secret: &[u8], position: Position, algorithm: HashAlgorithm) -> u32 {
    let factor = position.number().max(0).to_be_bytes();
    let mac = match algorithm {
        HashAlgorithm::Sha1 => mac::<Hmac<Sha1>>(secret, &factor),
        HashAlgorithm::Sha256 => mac::<Hmac<Sha256>>(secret, &factor),
        HashAlgorithm::Sha512 => mac::<Hmac<Sha512>>(secret, &factor),
    };
    let offset = usize::from(mac.last().copied().unwrap_or(0) & 0x0f);
    let mut bytes = [0; 4];
    bytes
        .iter_mut()
        .zip(mac.iter().skip(offset))
        .for_each(|(target, source)| *target = *source);
    u32::from_be_bytes(bytes) & 0x7fff_ffff
}

fn mac<M: Mac + KeyInit>(secret: &[u8], factor: &[u8]) -> Zeroizing<Vec<u8>> {
    // HMAC takes a key of any length (RFC 2104 section 2), so there is no failure to speak of; an empty result matches no code
    // that anybody can send any better than another.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else {
        return Zeroizing::new(Vec::new());
    };
    mac.update(factor);
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret(bytes: &[u8]) -> OtpSecret {
        OtpSecret::from_bytes(Zeroizing::new(bytes.to_vec()))
    }

    /// RFC 4226 appendix D.
    #[test]
    fn hotp_gives_the_values_of_the_standard() {
        let secret = secret(b"12345678901234567890");
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ];
        for (counter, code) in (0..).zip(expected) {
            let computed = OneTimeCode::compute(&secret, Position::new(counter), HashAlgorithm::Sha1, Digits::Six);
            assert_eq!(computed.expose(), code, "{counter}");
        }
    }

    /// RFC 6238 appendix B; the secrets of the two longer hashes are the same digits, repeated to the length of the hash.
    #[test]
    fn totp_gives_the_values_of_the_standard() {
        let rows: [(i64, [&str; 3]); 6] = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (seconds, codes) in rows {
            for (algorithm, code) in HashAlgorithm::ALL.into_iter().zip(codes) {
                let bytes: Vec<u8> = b"1234567890"
                    .iter()
                    .copied()
                    .cycle()
                    .take(algorithm.output_bytes())
                    .collect();
                let step = Position::new(seconds / 30);
                let computed = OneTimeCode::compute(&secret(&bytes), step, algorithm, Digits::Eight);
                assert_eq!(computed.expose(), code, "{seconds} {}", algorithm.name());
            }
        }
    }

    #[test]
    fn only_ascii_digits_are_a_code() {
        for good in ["000000", "123456", "00000000", "12345678"] {
            assert_eq!(
                OneTimeCode::parse(good).map(|code| code.expose().to_owned()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "12345",
            "1234567",
            "123456789",
            " 123456",
            "123456 ",
            "123456\n",
            "12 456",
            "12345a",
            "-12345",
            "+12345",
            "\u{661}\u{662}\u{663}",
            "\u{ff11}23456",
            "1234.6",
        ] {
            assert_eq!(OneTimeCode::parse(bad).err(), Some(NotACode), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn codes_of_another_length_are_never_equal(position in 0_i64..1_000_000) {
            let secret = secret(&[9; 20]);
            let six = OneTimeCode::compute(&secret, Position::new(position), HashAlgorithm::Sha1, Digits::Six);
            let eight = OneTimeCode::compute(&secret, Position::new(position), HashAlgorithm::Sha1, Digits::Eight);
            prop_assert!(!bool::from(six.equals(&eight)));
            prop_assert!(bool::from(six.equals(&six)));
            prop_assert!(eight.expose().ends_with(six.expose()));
        }
    }
}
