//! The two forms of every secret: the one that is shown (zeroized; no `Debug`, `Display`, `Clone` or serialisation), and
//! the one that is kept (a hash, a keyed digest, or sealed bytes).
//!
//! Generated secrets share one text form: a prefix that secret scanners can search for, 160 random bits, and a CRC-32 of
//! both, all in a lower-case alphabet without look-alikes. The checksum tells a typo from a guess.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Random bytes in a generated secret: 160 bit (RFC 6749 section 10.10 asks that guessing succeed with at most 2^-160).
pub const SECRET_BYTES: usize = 20;

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const BODY_LENGTH: usize = 32;
const CHECKSUM_LENGTH: usize = 7;

/// Why a text is not a secret of the expected kind. Saying so gives nothing away: it needs no stored value to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The prefix or the length is another.
    #[error("does not have the form of this kind of secret")]
    Shape,
    /// Prefix and length are right and the checksum is not: a typo.
    #[error("has a wrong checksum: it was mistyped or cut")]
    Checksum,
}

pub(crate) fn base32(bits: &[u8], characters: usize) -> String {
    let mut text = String::with_capacity(characters);
    let (mut buffer, mut filled) = (0_u32, 0_u32);
    for byte in bits {
        buffer = (buffer << 8) | u32::from(*byte);
        filled += 8;
        while filled >= 5 {
            filled -= 5;
            text.push(symbol(buffer >> filled));
        }
        buffer &= (1 << filled) - 1;
    }
    if filled > 0 {
        text.push(symbol(buffer << (5 - filled)));
    }
    text
}

fn symbol(value: u32) -> char {
    char::from(ALPHABET.get((value & 31) as usize).copied().unwrap_or(b'0'))
}

pub(crate) fn checksum_of(prefix: &str, body: &str) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(prefix.as_bytes());
    hasher.update(body.as_bytes());
    base32(&hasher.finalize().to_be_bytes(), CHECKSUM_LENGTH)
}

pub(crate) fn generate(prefix: &str, random: &Zeroizing<[u8; SECRET_BYTES]>) -> Zeroizing<String> {
    let body = Zeroizing::new(base32(random.as_slice(), BODY_LENGTH));
    Zeroizing::new(format!("{prefix}{}{}", body.as_str(), checksum_of(prefix, &body)))
}

pub(crate) fn parse(prefix: &str, text: &str) -> Result<Zeroizing<String>, Malformed> {
    let rest = text.strip_prefix(prefix).ok_or(Malformed::Shape)?;
    let known = rest.bytes().all(|byte| ALPHABET.contains(&byte));
    if rest.len() != BODY_LENGTH + CHECKSUM_LENGTH || !known {
        return Err(Malformed::Shape);
    }
    let (body, sum) = rest.split_at(BODY_LENGTH);
    if checksum_of(prefix, body) == sum {
        Ok(Zeroizing::new(text.to_owned()))
    } else {
        Err(Malformed::Checksum)
    }
}

macro_rules! generated_secret {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// What the text form begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new secret from random bytes.
            pub fn generate(random: &Zeroizing<[u8; SECRET_BYTES]>) -> Self {
                Self(generate(Self::PREFIX, random))
            }

            /// Reads the text form exactly: no trimming, no other letter case.
            pub fn parse(text: &str) -> Result<Self, Malformed> {
                parse(Self::PREFIX, text).map(Self)
            }

            /// The text. Only for showing it to its owner once, and for digesting it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }
    };
}

generated_secret!(
    /// The second secret of an account, given to its owner once (the factor type `secret_key`).
    SecretKey, "csk_"
);
generated_secret!(
    /// A refresh token (RFC 6749 section 1.5); valid for one use.
    RefreshToken, "csr_"
);
generated_secret!(
    /// The handle of a login that has proved some factors and not yet all. Never a credential by itself.
    AuthSessionHandle, "cas_"
);

generated_secret!(
    /// The secret of a client application (RFC 6749 section 2.3.1), given to whoever registers it once.
    ClientSecret, "ccs_"
);
generated_secret!(
    /// An access token that says nothing to those who hold it.
    OpaqueToken, "cso_"
);
generated_secret!(
    /// An authorization code (RFC 6749 section 1.3.1); valid for one use.
    AuthorizationCode, "cac_"
);
generated_secret!(
    /// The handle of a browser's session, kept in its cookie; or of a browser that has none, to bind forms to it.
    BrowserHandle, "csb_"
);
generated_secret!(
    /// The code by which a device asks whether its owner has agreed (RFC 8628 section 3.2).
    DeviceCode, "cdc_"
);
generated_secret!(
    /// The handle of an authorization request that was pushed (RFC 9126 section 2.2); the last part of its `request_uri`.
    RequestHandle, "crq_"
);
generated_secret!(
    /// What the link of a password reset carries; valid for one use.
    PasswordResetToken, "cpr_"
);

/// The longest password, in characters.
pub const PASSWORD_MAX: usize = 256;
/// The shortest password, in characters (NIST SP 800-63B-4 section 3.1.1.2, as part of two factors).
pub const PASSWORD_MIN: usize = 8;

/// A password as it was sent, in Unicode normalisation form C (NIST SP 800-63B-4 section 3.1.1.2), never truncated.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes what a caller sent. `None` when it is longer than [`PASSWORD_MAX`] characters, which bounds the work of hashing;
    /// whether it is good enough for a new password is for [`crate::password`].
    pub fn new(text: &str) -> Option<Self> {
        use unicode_normalization::UnicodeNormalization;
        // Four bytes a character at most, and normalisation can triple the length for a moment.
        if text.len() > PASSWORD_MAX * 12 {
            return None;
        }
        let normalised = Zeroizing::new(text.nfc().collect::<String>());
        (normalised.chars().count() <= PASSWORD_MAX).then_some(Self(normalised))
    }

    /// The text, for hashing and for the rules on new passwords.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A password's hash in the PHC string format (`$argon2id$v=19$m=..`): parameters, salt and hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a PHC string that was computed or stored.
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    /// The PHC string.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

/// A keyed digest of a generated secret: what is kept of it. Comparison takes the same time for all values.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps 32 bytes that were computed or stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its first half, for an identity that is made of it.
    pub fn first_half(&self) -> [u8; 16] {
        self.0.first_chunk().copied().unwrap_or_default()
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

/// Bytes sealed under a key that is not in the database, with the row's identity as associated data.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Wraps sealed bytes.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The sealed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_generated_secret_has_a_prefix_and_reads_back() {
        let key = SecretKey::generate(&Zeroizing::new([0xA5; SECRET_BYTES]));
        assert!(key.expose().starts_with("csk_"));
        assert_eq!(key.expose().len(), 43);
        assert_eq!(
            SecretKey::parse(key.expose()).map(|same| same.expose().to_owned()),
            Ok(key.expose().to_owned())
        );
    }

    #[test]
    fn another_kind_of_secret_is_refused() {
        let token = RefreshToken::generate(&Zeroizing::new([1; SECRET_BYTES]));
        assert_eq!(SecretKey::parse(token.expose()).err(), Some(Malformed::Shape));
        // The prefix is part of the checksum: changing it does not make a key of a token.
        let relabelled = token.expose().replace("csr_", "csk_");
        assert_eq!(SecretKey::parse(&relabelled).err(), Some(Malformed::Checksum));
    }

    #[test]
    fn no_two_kinds_of_secret_begin_alike() {
        let mut prefixes = vec![
            SecretKey::PREFIX,
            RefreshToken::PREFIX,
            AuthSessionHandle::PREFIX,
            ClientSecret::PREFIX,
            OpaqueToken::PREFIX,
            AuthorizationCode::PREFIX,
            BrowserHandle::PREFIX,
            DeviceCode::PREFIX,
            RequestHandle::PREFIX,
            PasswordResetToken::PREFIX,
            "cmk_",
        ];
        let count = prefixes.len();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), count);
        assert!(prefixes.iter().all(|prefix| prefix.len() == 4 && prefix.ends_with('_')));
    }

    #[test]
    fn nothing_is_trimmed() {
        let key = SecretKey::generate(&Zeroizing::new([9; SECRET_BYTES]));
        for text in [
            format!(" {}", key.expose()),
            format!("{}\n", key.expose()),
            key.expose().to_uppercase(),
        ] {
            assert_eq!(SecretKey::parse(&text).err(), Some(Malformed::Shape));
        }
    }

    #[test]
    fn a_composed_and_a_decomposed_password_are_one() {
        let composed = Password::new("p\u{e4}ssword-long").map(|password| password.expose().to_owned());
        let decomposed = Password::new("pa\u{308}ssword-long").map(|password| password.expose().to_owned());
        assert_eq!(composed, decomposed);
    }

    #[test]
    fn the_longest_password_is_kept_whole() {
        let text = "\u{1F511}".repeat(PASSWORD_MAX);
        assert_eq!(
            Password::new(&text).map(|password| password.expose().to_owned()),
            Some(text)
        );
        assert!(Password::new(&"a".repeat(PASSWORD_MAX + 1)).is_none());
    }

    proptest! {
        #[test]
        fn a_single_changed_character_is_a_typo_and_not_another_key(
            random in any::<[u8; SECRET_BYTES]>(), place in 4_usize..43, shift in 1_usize..32,
        ) {
            let key = SecretKey::generate(&Zeroizing::new(random));
            let mut bytes = key.expose().as_bytes().to_vec();
            let old = ALPHABET.iter().position(|byte| *byte == bytes[place]).unwrap_or(0);
            bytes[place] = ALPHABET[(old + shift) % 32];
            let text = String::from_utf8(bytes).unwrap_or_default();
            prop_assert_eq!(SecretKey::parse(&text).err(), Some(Malformed::Checksum));
        }
    }
}
