//! Keyed digests: HMAC-SHA-256 with one derived key for each purpose.

use application::ports::{Digester, Purpose};
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use domain::secret::Digest;

use crate::master_key::{Label, MasterKey};

/// HMAC-SHA-256 under keys derived from the master key.
pub struct HmacDigester {
    secret_key: Key,
    refresh_token: Key,
    auth_session: Key,
    recovery_code: Key,
    orion_login: Key,
    event_link: Key,
    unknown_user: Key,
}

impl HmacDigester {
    /// Derives the keys.
    pub fn new(master: &MasterKey) -> Self {
        let key = |label| Key::new(HMAC_SHA256, master.derive::<32>(label).as_slice());
        Self {
            secret_key: key(Label::SecretKey),
            refresh_token: key(Label::RefreshToken),
            auth_session: key(Label::AuthSession),
            recovery_code: key(Label::RecoveryCode),
            orion_login: key(Label::OrionLogin),
            event_link: key(Label::EventLink),
            unknown_user: key(Label::UnknownUser),
        }
    }
}

impl Digester for HmacDigester {
    fn digest(&self, purpose: Purpose, bytes: &[u8]) -> Digest {
        let key = match purpose {
            Purpose::SecretKey => &self.secret_key,
            Purpose::RefreshToken => &self.refresh_token,
            Purpose::AuthSession => &self.auth_session,
            Purpose::RecoveryCode => &self.recovery_code,
            Purpose::OrionLogin => &self.orion_login,
            Purpose::EventLink => &self.event_link,
            Purpose::UnknownUser => &self.unknown_user,
        };
        let mut digest = [0; 32];
        // Both are 32 bytes long, by the definition of SHA-256.
        digest.copy_from_slice(hmac::sign(key, bytes).as_ref());
        Digest::from_bytes(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;

    const PURPOSES: [Purpose; 7] = [
        Purpose::SecretKey,
        Purpose::RefreshToken,
        Purpose::AuthSession,
        Purpose::RecoveryCode,
        Purpose::OrionLogin,
        Purpose::EventLink,
        Purpose::UnknownUser,
    ];

    #[test]
    fn the_same_text_has_another_digest_for_each_purpose() {
        let digester = HmacDigester::new(&MasterKey::generate(&OsEntropy));
        for (place, purpose) in PURPOSES.into_iter().enumerate() {
            let digest = digester.digest(purpose, b"text");
            assert_eq!(digest.as_bytes(), digester.digest(purpose, b"text").as_bytes());
            assert_ne!(digest.as_bytes(), digester.digest(purpose, b"Text").as_bytes());
            for other in &PURPOSES[place + 1..] {
                assert_ne!(
                    digest.as_bytes(),
                    digester.digest(*other, b"text").as_bytes(),
                    "{purpose:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn another_master_key_gives_other_digests() {
        let one = HmacDigester::new(&MasterKey::generate(&OsEntropy));
        let other = HmacDigester::new(&MasterKey::generate(&OsEntropy));
        for purpose in PURPOSES {
            assert_ne!(
                one.digest(purpose, b"text").as_bytes(),
                other.digest(purpose, b"text").as_bytes()
            );
        }
    }

    #[test]
    fn the_stored_format_has_not_changed() {
        // Computed with another implementation of HKDF and HMAC. If it fails, no stored digest is found any more.
        let digester = HmacDigester::new(&MasterKey::from_bytes([7; 32]));
        let expected = [
            0x88e2_ea65_fc5c_eaab_u64,
            0xb2f8_8672_bc99_7146,
            0xa5e5_1f5f_39b4_7d8b,
            0x2482_2f45_d8c4_0358,
            0xd04c_f0a3_a6e4_c31f,
            0x86ac_d4cd_898c_5b23,
            0x3eef_27d8_86a3_fbe4,
        ];
        for (purpose, expected) in PURPOSES.into_iter().zip(expected) {
            let digest = digester.digest(purpose, b"text");
            assert_eq!(digest.as_bytes()[..8], expected.to_be_bytes(), "{purpose:?}");
        }
    }
}
