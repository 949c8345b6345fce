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
    client_secret: Key,
    access_token: Key,
    authorization_code: Key,
    browser_session: Key,
    csrf: Key,
    interaction: Key,
    device_code: Key,
    user_code: Key,
    pushed_request: Key,
    password_reset: Key,
    client_assertion: Key,
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
            client_secret: key(Label::ClientSecret),
            access_token: key(Label::AccessToken),
            authorization_code: key(Label::AuthorizationCode),
            browser_session: key(Label::BrowserSession),
            csrf: key(Label::Csrf),
            interaction: key(Label::Interaction),
            device_code: key(Label::DeviceCode),
            user_code: key(Label::UserCode),
            pushed_request: key(Label::PushedRequest),
            password_reset: key(Label::PasswordReset),
            client_assertion: key(Label::ClientAssertion),
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
            Purpose::ClientSecret => &self.client_secret,
            Purpose::AccessToken => &self.access_token,
            Purpose::AuthorizationCode => &self.authorization_code,
            Purpose::BrowserSession => &self.browser_session,
            Purpose::Csrf => &self.csrf,
            Purpose::Interaction => &self.interaction,
            Purpose::DeviceCode => &self.device_code,
            Purpose::UserCode => &self.user_code,
            Purpose::PushedRequest => &self.pushed_request,
            Purpose::PasswordReset => &self.password_reset,
            Purpose::ClientAssertion => &self.client_assertion,
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

    const PURPOSES: [Purpose; 18] = [
        Purpose::SecretKey,
        Purpose::RefreshToken,
        Purpose::AuthSession,
        Purpose::RecoveryCode,
        Purpose::OrionLogin,
        Purpose::EventLink,
        Purpose::UnknownUser,
        Purpose::ClientSecret,
        Purpose::AccessToken,
        Purpose::AuthorizationCode,
        Purpose::BrowserSession,
        Purpose::Csrf,
        Purpose::Interaction,
        Purpose::DeviceCode,
        Purpose::UserCode,
        Purpose::PushedRequest,
        Purpose::PasswordReset,
        Purpose::ClientAssertion,
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
            0xc7de_8840_8090_6087,
            0xe40b_bde1_19de_d682,
            0x0143_d3ad_d3f7_e7bb,
            0x8dff_585b_f169_4851,
            0x48f3_57bb_c70f_be72,
            0x5818_a3dc_97f9_332d,
            0x449b_cadd_fffe_3cc3,
            0xef95_3424_1b78_8d25,
            0x2726_03fe_a296_8d93,
            0x2e92_adc4_4a1a_87d6,
            0x0fd5_414a_232c_4d40,
        ];
        for (purpose, expected) in PURPOSES.into_iter().zip(expected) {
            let digest = digester.digest(purpose, b"text");
            assert_eq!(digest.as_bytes()[..8], expected.to_be_bytes(), "{purpose:?}");
        }
    }
}
