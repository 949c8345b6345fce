//! The master key: the one secret that is never in the database. Every other symmetric key is derived from it.

use application::ports::Entropy;
use application::ports::entropy::secret_bytes;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
/// Separates the checksum from every other use of the hash.
const CHECKSUM_LABEL: &[u8] = b"countersign master key checksum v1";
/// RFC 5869 section 3.1: a salt need not be secret; a fixed one separates this application from others.
const SALT: &[u8] = b"countersign master key v1";

/// Why a text is not a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyFault {
    /// The prefix, the length or the alphabet is another.
    #[error("is not a master key: it must be `cmk_` and 48 characters of base64url")]
    Shape,
    /// It has the form of a master key and a wrong checksum.
    #[error("is a master key with a wrong checksum: it was mistyped or cut")]
    Checksum,
}

/// What a derived key is for. The labels are part of the stored format: changing one makes every stored value worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    SecretKey,
    RefreshToken,
    AuthSession,
    RecoveryCode,
    OrionLogin,
    EventLink,
    UnknownUser,
    ClientSecret,
    AccessToken,
    AuthorizationCode,
    BrowserSession,
    Csrf,
    Interaction,
    DeviceCode,
    UserCode,
    PushedRequest,
    PasswordReset,
    ClientAssertion,
    Sealing,
    Fingerprint,
}

impl Label {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::SecretKey => b"digest secret_key v1",
            Self::RefreshToken => b"digest refresh_token v1",
            Self::AuthSession => b"digest auth_session v1",
            Self::RecoveryCode => b"digest recovery_code v1",
            Self::OrionLogin => b"digest orion_login v1",
            Self::EventLink => b"digest event_link v1",
            Self::UnknownUser => b"digest unknown_user v1",
            Self::ClientSecret => b"digest client_secret v1",
            Self::AccessToken => b"digest access_token v1",
            Self::AuthorizationCode => b"digest authorization_code v1",
            Self::BrowserSession => b"digest browser_session v1",
            Self::Csrf => b"digest csrf v1",
            Self::Interaction => b"digest interaction v1",
            Self::DeviceCode => b"digest device_code v1",
            Self::UserCode => b"digest user_code v1",
            Self::PushedRequest => b"digest pushed_request v1",
            Self::PasswordReset => b"digest password_reset v1",
            Self::ClientAssertion => b"digest client_assertion v1",
            Self::Sealing => b"seal aes-256-gcm v1",
            Self::Fingerprint => b"fingerprint v1",
        }
    }
}

/// 256 random bits. No `Debug`, `Clone` or serialisation; wiped when dropped.
pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    /// What the text form begins with, so that secret scanners find it.
    pub const PREFIX: &'static str = "cmk_";

    /// Makes a new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(secret_bytes(entropy))
    }

    /// Reads the text form. White space around it is ignored: a key file ends with a line break.
    pub fn parse(text: &str) -> Result<Self, MasterKeyFault> {
        let body = text
            .trim_ascii()
            .strip_prefix(Self::PREFIX)
            .ok_or(MasterKeyFault::Shape)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).map_err(|_| MasterKeyFault::Shape)?);
        if bytes.len() != KEY_BYTES + CHECKSUM_BYTES {
            return Err(MasterKeyFault::Shape);
        }
        let (key, sum) = bytes.split_first_chunk::<KEY_BYTES>().ok_or(MasterKeyFault::Shape)?;
        constant_time::verify_slices_are_equal(sum, &checksum(key)).map_err(|_| MasterKeyFault::Checksum)?;
        Ok(Self(Zeroizing::new(*key)))
    }

    #[cfg(test)]
    pub(crate) fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The text form, to be kept outside the database.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_BYTES + CHECKSUM_BYTES));
        bytes.extend_from_slice(self.0.as_slice());
        bytes.extend_from_slice(&checksum(&self.0));
        let mut text = Zeroizing::new(String::with_capacity(Self::PREFIX.len() + 48));
        text.push_str(Self::PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
        text
    }

    /// A short name of this key that says nothing about it. It is kept in the database, so that a database whose key was
    /// lost or exchanged is noticed before anything is read or written under the wrong key.
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(*self.derive(Label::Fingerprint)))
    }

    /// Derives the key for one purpose (RFC 5869).
    #[expect(
        clippy::expect_used,
        reason = "HKDF only fails above 8160 bytes (RFC 5869 section 2.3)"
    )]
    pub(crate) fn derive<const N: usize>(&self, label: Label) -> Zeroizing<[u8; N]> {
        let mut key = Zeroizing::new([0; N]);
        Salt::new(HKDF_SHA256, SALT)
            .extract(self.0.as_slice())
            .expand(&[label.bytes()], Length(N))
            .and_then(|derived| derived.fill(key.as_mut_slice()))
            .expect("a derived key is far shorter than HKDF's limit");
        key
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn checksum(key: &[u8; KEY_BYTES]) -> [u8; CHECKSUM_BYTES] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(CHECKSUM_LABEL);
    context.update(key);
    context.finish().as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;

    fn fault(text: &str) -> Option<MasterKeyFault> {
        MasterKey::parse(text).err()
    }

    #[test]
    fn the_text_form_has_a_prefix_and_reads_back() {
        let key = MasterKey::generate(&OsEntropy);
        let text = key.to_text();
        assert!(text.starts_with("cmk_"));
        assert_eq!(text.len(), 52);
        let same = MasterKey::parse(&format!("{}\n", text.as_str())).ok().unwrap();
        assert_eq!(*same.0, *key.0);
        assert_eq!(same.fingerprint(), key.fingerprint());
    }

    #[test]
    fn a_typo_is_told_from_something_else() {
        let text = MasterKey::generate(&OsEntropy).to_text();
        let last = text.chars().next_back().unwrap();
        let typo = format!("{}{}", &text[..51], if last == 'A' { 'B' } else { 'A' });
        assert_eq!(fault(&typo), Some(MasterKeyFault::Checksum));
        assert_eq!(fault(&text[..48]), Some(MasterKeyFault::Shape));
        assert_eq!(fault(&text.replace("cmk_", "csk_")), Some(MasterKeyFault::Shape));
        assert_eq!(fault(&format!("{}=", text.as_str())), Some(MasterKeyFault::Shape));
        assert_eq!(fault(""), Some(MasterKeyFault::Shape));
    }

    #[test]
    fn the_fingerprint_names_a_key() {
        let one = MasterKey::from_bytes([1; 32]);
        let other = MasterKey::from_bytes([2; 32]);
        assert_eq!(one.fingerprint().len(), 16);
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn the_stored_format_has_not_changed() {
        // Computed with another implementation of HKDF. If it fails, existing databases can no longer be read.
        assert_eq!(MasterKey::from_bytes([7; 32]).fingerprint(), "485d1ea9dc81db61");
    }
}
