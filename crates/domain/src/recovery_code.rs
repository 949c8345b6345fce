//! Recovery codes (look-up secrets, NIST SP 800-63B-4 section 3.1.2): ten for each account, each good once.
//!
//! The text form is for paper: five groups of five characters, 120 random bits and a checksum of five. With 112 bit or more,
//! a keyed digest is enough to keep (OWASP ASVS 5.0 6.5.2). The alphabet is Crockford's base 32 in lower case, and what
//! people read into it is read back: `o` as `0`, `i` and `l` as `1`, any letter case, hyphens and spaces anywhere.

use zeroize::Zeroizing;

use crate::id::UserId;
use crate::secret::{Digest, base32, checksum_of};
use crate::time::Timestamp;

/// How many an account gets at once.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes in a code.
pub const RECOVERY_CODE_BYTES: usize = 15;
const BODY: usize = 24;
const LENGTH: usize = BODY + 1;
const GROUP: usize = 5;

/// Why a text is not a recovery code. That is bad input, and no guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARecoveryCode {
    /// It has another length, or a character that none of the codes has.
    #[error("must be five groups of five letters and digits")]
    Shape,
    /// The last character does not fit the others.
    #[error("was mistyped: its last character does not fit the others")]
    Checksum,
}

/// A recovery code in its one comparable form: zeroized; no `Debug`, `Display`, `Clone` or serialisation.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// Makes a code from random bytes.
    pub fn generate(random: &Zeroizing<[u8; RECOVERY_CODE_BYTES]>) -> Self {
        let mut text = Zeroizing::new(base32(random.as_slice(), BODY));
        let sum = check(&text);
        text.push(sum);
        Self(text)
    }

    /// Reads what somebody typed.
    pub fn parse(typed: &str) -> Result<Self, NotARecoveryCode> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        for character in typed.chars() {
            match character.to_ascii_lowercase() {
                ' ' | '-' => {}
                'o' => text.push('0'),
                'i' | 'l' => text.push('1'),
                plain if plain.is_ascii_alphanumeric() && plain != 'u' => text.push(plain),
                _ => return Err(NotARecoveryCode::Shape),
            }
            if text.len() > LENGTH {
                return Err(NotARecoveryCode::Shape);
            }
        }
        let (body, sum) = text.split_at_checked(BODY).ok_or(NotARecoveryCode::Shape)?;
        if sum.is_empty() {
            return Err(NotARecoveryCode::Shape);
        }
        if !sum.starts_with(check(body)) {
            return Err(NotARecoveryCode::Checksum);
        }
        Ok(Self(text))
    }

    /// The comparable form, for digesting.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// For showing it to its owner, once: in groups with hyphens.
    pub fn to_groups(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / GROUP));
        for (place, character) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(character);
        }
        text
    }
}

fn check(body: &str) -> char {
    checksum_of("recovery code", body).chars().next().unwrap_or('0')
}

/// Where a recovery code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryOrigin {
    /// One of the ten that the owner keeps.
    Own,
    /// Made by an administrator for an owner who has lost everything else, for a short time.
    Issued,
}

impl RecoveryOrigin {
    /// The name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Issued => "issued",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Own, Self::Issued]
            .into_iter()
            .find(|origin| origin.name() == name)
    }
}

/// A recovery code as it is stored: a row each, so that it is spent by one statement.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecoveryCode {
    /// Whose it is. It is part of what is digested, too: a code is good for no other account (CVE-2025-64175).
    pub user: UserId,
    /// The keyed digest.
    pub digest: Digest,
    /// Where it comes from.
    pub origin: RecoveryOrigin,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(random: [u8; RECOVERY_CODE_BYTES]) -> RecoveryCode {
        RecoveryCode::generate(&Zeroizing::new(random))
    }

    #[test]
    fn a_code_has_five_groups_of_five() {
        let shown = code([0xA5; RECOVERY_CODE_BYTES]).to_groups();
        let groups: Vec<_> = shown.split('-').collect();
        assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [5; 5]);
    }

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_was_written(random in any::<[u8; RECOVERY_CODE_BYTES]>()) {
            let code = code(random);
            let shown = code.to_groups();
            let spoken = shown.replace('0', "o").replace('1', "L");
            let padded = format!(" {}\u{20}", shown.as_str());
            for typed in [shown.to_uppercase(), shown.replace('-', ""), shown.replace('-', " "), spoken, padded] {
                let read = RecoveryCode::parse(&typed).map(|read| read.expose().to_owned());
                prop_assert_eq!(read.ok(), Some(code.expose().to_owned()));
            }
        }

        #[test]
        fn what_is_no_code_is_refused(text in "\\PC{0,40}") {
            // Nothing panics, and nothing of another length passes.
            if let Ok(read) = RecoveryCode::parse(&text) {
                prop_assert_eq!(read.expose().len(), LENGTH);
            }
        }
    }

    #[test]
    fn most_typos_are_told_from_guesses() {
        let code = code([7; RECOVERY_CODE_BYTES]);
        let mut caught = 0;
        for place in 0..BODY {
            let mut bytes = code.expose().as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'x' { b'y' } else { b'x' };
            let text = String::from_utf8(bytes).unwrap_or_default();
            caught += usize::from(RecoveryCode::parse(&text).err() == Some(NotARecoveryCode::Checksum));
        }
        assert!(caught >= BODY - 4, "{caught}");
        for text in [
            "",
            "aaaaa",
            "aaaaa-aaaaa-aaaaa-aaaaa-aaaaa-a",
            "uuuuu-aaaaa-aaaaa-aaaaa-aaaaa",
            "aaaaa-aaaaa-aaaaa-aaaaa-aaaa\u{e9}",
        ] {
            assert_eq!(RecoveryCode::parse(text).err(), Some(NotARecoveryCode::Shape), "{text}");
        }
    }
}
