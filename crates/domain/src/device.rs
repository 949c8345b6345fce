//! Logging a device in that has no browser (RFC 8628).

use std::time::Duration;

use zeroize::Zeroizing;

use crate::authorization::{ClientRequest, CompletedLogin};
use crate::secret::Digest;
use crate::time::Timestamp;

/// Consonants that are not mistaken for one another, and make no words (RFC 8628 section 6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// The code that a person types: eight letters, about 34 bit, good for minutes and a few tries.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// Random bytes that [`UserCode::generate`] takes.
    pub const RANDOM_BYTES: usize = 32;

    /// Makes a code. Bytes that would favour a letter are passed over; `None` if too few are left, which a caller answers with
    /// new ones.
    pub fn generate(random: &Zeroizing<[u8; Self::RANDOM_BYTES]>) -> Option<Self> {
        let even = random.iter().filter(|byte| **byte < 240);
        let letters: String = even
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 20)).copied())
            .map(char::from)
            .take(LENGTH)
            .collect();
        (letters.len() == LENGTH).then_some(Self(letters))
    }

    /// Reads what somebody typed: letter case, spaces and dashes do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: String = text
            .chars()
            .filter(|character| !matches!(character, ' ' | '-'))
            .map(|character| character.to_ascii_uppercase())
            .collect();
        let fits = letters.len() == LENGTH && letters.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then_some(Self(letters))
    }

    /// The letters without the dash, for digesting.
    pub fn letters(&self) -> &str {
        &self.0
    }

    /// As it is shown: two groups of four.
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        format!("{first}-{second}")
    }
}

/// What became of a device's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceState {
    /// Nobody has decided yet.
    Pending,
    /// Somebody who logged in allowed it.
    Approved(CompletedLogin),
    /// Somebody refused it.
    Denied,
}

/// A device's request as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDevice {
    /// The keyed digest of the device code.
    pub digest: Digest,
    /// The keyed digest of the user code.
    pub user_code: Digest,
    /// What is asked for.
    pub request: ClientRequest,
    /// What became of it.
    pub state: DeviceState,
    /// How long to wait between two polls; grows with each that comes too early (RFC 8628 section 3.5).
    pub interval: Duration,
    /// When the device last asked.
    pub polled_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = UserCode::generate(&Zeroizing::new([
            0, 1, 2, 3, 4, 5, 6, 7, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]))
        .unwrap();
        assert_eq!(code.shown(), "BCDF-GHJK");
        for typed in ["bcdfghjk", "BCDF GHJK", "bcdf-ghjk", " bcdf--ghjk "] {
            assert_eq!(UserCode::parse(typed).unwrap().letters(), "BCDFGHJK");
        }
        for wrong in ["BCDFGHJ", "BCDFGHJA", "BCDFGHJKL", "BCDFGHJ1", ""] {
            assert!(UserCode::parse(wrong).is_none());
        }
        assert!(UserCode::generate(&Zeroizing::new([255; 32])).is_none());
    }
}
