//! The secret that an authenticator and this service share (RFC 4226 section 4), and its text form (Base32, RFC 4648
//! section 6, without padding).

use data_encoding::{BASE32, BASE32_NOPAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The least that is accepted from elsewhere, in bytes: 128 bit (RFC 4226 section 4, R6).
pub const OTP_SECRET_MIN: usize = 16;
/// The most, in bytes. An HMAC key longer than a block is hashed first, so more adds nothing.
pub const OTP_SECRET_MAX: usize = 128;

/// Why a text is not a secret that codes can be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OtpSecretFault {
    /// Not Base32.
    #[error("must be Base32 (letters A to Z and digits 2 to 7)")]
    Alphabet,
    /// Fewer than [`OTP_SECRET_MIN`] bytes.
    #[error("is too short: RFC 4226 asks for at least 128 bit, which are 26 characters")]
    TooShort,
    /// More than [`OTP_SECRET_MAX`] bytes.
    #[error("is too long")]
    TooLong,
}

/// A shared secret: zeroized; no `Debug`, `Display`, `Clone` or serialisation.
pub struct OtpSecret(Zeroizing<Vec<u8>>);

impl OtpSecret {
    /// Takes random bytes, as many as the hash gives out (RFC 6238 section 5.1).
    pub fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Reads Base32 as people and other systems write it: either letter case, spaces and hyphens between groups, padding
    /// or none.
    pub fn parse(text: &str) -> Result<Self, OtpSecretFault> {
        let mut plain = Zeroizing::new(String::with_capacity(text.len()));
        plain.extend(
            text.chars()
                .filter(|character| !matches!(character, ' ' | '-'))
                .map(|character| character.to_ascii_uppercase()),
        );
        let body = plain.trim_end_matches('=');
        // The trailing bits of the last character carry nothing; other programs leave rubbish in them.
        let mut lenient = BASE32_NOPAD.specification();
        lenient.check_trailing_bits = false;
        let encoding = lenient.encoding().map_err(|_| OtpSecretFault::Alphabet)?;
        let bytes = encoding
            .decode(body.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| OtpSecretFault::Alphabet)?;
        match bytes.len() {
            ..OTP_SECRET_MIN => Err(OtpSecretFault::TooShort),
            OTP_SECRET_MIN..=OTP_SECRET_MAX => Ok(Self(bytes)),
            _ => Err(OtpSecretFault::TooLong),
        }
    }

    /// The bytes, for computing codes and for sealing.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the same secret, in the same time for all secrets of one length.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Base32 without padding, as a key URI carries it.
    pub fn to_base32(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(BASE32.encode_len(self.0.len())));
        BASE32_NOPAD.encode_append(&self.0, &mut text);
        text
    }

    /// The same in groups of four, for typing.
    pub fn to_groups(&self) -> Zeroizing<String> {
        let plain = self.to_base32();
        let mut text = Zeroizing::new(String::with_capacity(plain.len() * 5 / 4 + 1));
        for (place, character) in plain.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push(' ');
            }
            text.push(character);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(bytes: &[u8]) -> OtpSecret {
        OtpSecret::from_bytes(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn the_text_form_reads_back_however_it_is_written() {
        let made = secret(b"12345678901234567890");
        assert_eq!(made.to_base32().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(made.to_groups().as_str(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        for text in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
        ] {
            let read = OtpSecret::parse(text).map(|read| read.expose().to_vec());
            assert_eq!(read, Ok(made.expose().to_vec()), "{text}");
        }
        let padded = secret(&[7; 16]);
        let text = format!("{}======", padded.to_base32().as_str());
        assert_eq!(
            OtpSecret::parse(&text).map(|read| read.expose().to_vec()),
            Ok(vec![7; 16])
        );
    }

    #[test]
    fn what_is_no_secret_is_refused_by_its_fault() {
        let fault = |text: &str| OtpSecret::parse(text).err();
        assert_eq!(fault("JBSWY3DPEHPK3PXP"), Some(OtpSecretFault::TooShort));
        assert_eq!(fault(""), Some(OtpSecretFault::TooShort));
        assert_eq!(
            fault("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"),
            Some(OtpSecretFault::Alphabet)
        );
        assert_eq!(
            fault("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ\u{e9}"),
            Some(OtpSecretFault::Alphabet)
        );
        assert_eq!(fault(&"A".repeat(208)), Some(OtpSecretFault::TooLong));
    }
}
