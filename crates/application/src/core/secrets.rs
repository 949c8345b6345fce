//! Making secrets, and the digests under which they are kept and found.

use data_encoding::HEXLOWER;
use domain::authenticator::Authenticator;
use domain::client::ClientId;
use domain::email::Email;
use domain::id::{AuthenticatorId, UserId};
use domain::otp_secret::OtpSecret;
use domain::recovery_code::RecoveryCode;
use domain::secret::{
    AuthSessionHandle, AuthorizationCode, BrowserHandle, ClientSecret, DeviceCode, Digest, OpaqueToken,
    PasswordResetToken, RefreshToken, RequestHandle, Sealed, SecretKey,
};
use domain::username::Username;
use zeroize::Zeroizing;

use super::Core;
use crate::ports::{Purpose, StoreError, entropy};

/// A generated secret: how one is made with its digest, and how the digest of one is found again.
macro_rules! kept_as_digest {
    ($($new:ident, $digest:ident: $secret:ident for $purpose:ident;)+) => {
        impl Core {
            $(
                #[doc = concat!("A new [`", stringify!($secret), "`] and what is kept of it.")]
                pub(crate) fn $new(&self) -> ($secret, Digest) {
                    let secret = $secret::generate(&entropy::secret_bytes(self.ports.entropy.as_ref()));
                    let digest = self.$digest(&secret);
                    (secret, digest)
                }

                #[doc = concat!("What is kept of a [`", stringify!($secret), "`].")]
                pub(crate) fn $digest(&self, secret: &$secret) -> Digest {
                    self.digest(Purpose::$purpose, secret.expose().as_bytes())
                }
            )+
        }
    };
}

kept_as_digest! {
    new_secret_key, digest_secret_key: SecretKey for SecretKey;
    new_refresh_token, digest_refresh_token: RefreshToken for RefreshToken;
    new_auth_session, digest_auth_session: AuthSessionHandle for AuthSession;
    new_client_secret, digest_client_secret: ClientSecret for ClientSecret;
    new_opaque_token, digest_opaque_token: OpaqueToken for AccessToken;
    new_authorization_code, digest_authorization_code: AuthorizationCode for AuthorizationCode;
    new_browser_handle, digest_browser_handle: BrowserHandle for BrowserSession;
    new_device_code, digest_device_code: DeviceCode for DeviceCode;
    new_request_handle, digest_request_handle: RequestHandle for PushedRequest;
    new_password_reset, digest_password_reset: PasswordResetToken for PasswordReset;
}

impl Core {
    /// A digest in the text form in which forms and addresses carry it.
    pub(crate) fn write_digest(digest: &Digest) -> String {
        HEXLOWER.encode(digest.as_bytes())
    }

    /// The digest of such a text, to be compared as a [`Digest`]: in the same time for all values.
    pub(crate) fn read_digest(text: &str) -> Option<Digest> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Digest::from_bytes)
    }

    fn digest(&self, purpose: Purpose, bytes: &[u8]) -> Digest {
        self.ports.digester.digest(purpose, bytes)
    }

    /// The digest of a recovery code of an account.
    pub(crate) fn digest_recovery_code(&self, user: UserId, code: &RecoveryCode) -> Digest {
        let bytes = [user.as_uuid().as_bytes().as_slice(), code.expose().as_bytes()].concat();
        self.digest(Purpose::RecoveryCode, &Zeroizing::new(bytes))
    }

    /// The digest under which the authentication session of an account is kept whose caller gets no handle.
    pub(crate) fn digest_orion_login(&self, user: UserId) -> Digest {
        self.digest(Purpose::OrionLogin, user.as_uuid().as_bytes())
    }

    /// The digest of a user code, in the one form that its spellings have.
    pub(crate) fn digest_user_code(&self, code: &str) -> Digest {
        self.digest(Purpose::UserCode, code.as_bytes())
    }

    /// What a form carries that is shown in the browser of this handle, to be compared as a [`Digest`].
    pub(crate) fn digest_csrf(&self, browser: &BrowserHandle) -> Digest {
        self.digest(Purpose::Csrf, browser.expose().as_bytes())
    }

    /// What a request carries that somebody logged in for with the session of this digest.
    pub(crate) fn digest_interaction(&self, session: &Digest, request: &str) -> Digest {
        let bytes = [session.as_bytes().as_slice(), request.as_bytes()].concat();
        self.digest(Purpose::Interaction, &bytes)
    }

    /// The digest under which it is remembered that a client used an assertion of this `jti`.
    pub(crate) fn digest_client_assertion(&self, client: &ClientId, id: &str) -> Digest {
        // No identifier of a client has a line break, so no two pairs are one text.
        let text = format!("{client}\n{id}");
        self.digest(Purpose::ClientAssertion, text.as_bytes())
    }

    /// Seals the shared secret of an authenticator.
    pub(crate) fn seal_otp_secret(&self, user: UserId, id: AuthenticatorId, secret: &OtpSecret) -> Sealed {
        let identity = Authenticator::seal_identity(user, id);
        self.ports.sealer.seal(secret.expose(), &identity)
    }

    /// The shared secret of an authenticator. Fails if the row was moved or altered, or the master key is another.
    pub(crate) fn open_otp_secret(&self, authenticator: &Authenticator) -> Result<OtpSecret, StoreError> {
        let identity = Authenticator::seal_identity(authenticator.user, authenticator.id);
        let opened = self.ports.sealer.open(&authenticator.secret, &identity);
        opened
            .map(OtpSecret::from_bytes)
            .map_err(|cause| StoreError::new("open the secret of an authenticator", cause))
    }

    /// The identity that stands for an e-mail address, as [`Core::stand_in`] for a user name. No user name has a colon, so
    /// the two never meet.
    pub(crate) fn stand_in_for_email(&self, email: &Email) -> UserId {
        self.stand_in_for(&format!("email:{}", email.key()))
    }

    /// The identity that stands for a user name: always the same for a name, never that of an account. With it a name that
    /// nobody has is counted, held and refused by the very statements that serve a known one.
    pub(crate) fn stand_in(&self, username: &Username) -> UserId {
        self.stand_in_for(username.as_str())
    }

    /// The identity that stands for a client in the counters of attempts, whether or not there is one of that name.
    pub(crate) fn stand_in_for_client(&self, id: &str) -> UserId {
        self.stand_in_for(&format!("client:{id}"))
    }

    /// The identity that codes of devices are counted under which nobody's account can be charged with.
    pub(crate) fn stand_in_for_devices(&self) -> UserId {
        self.stand_in_for("device:")
    }

    fn stand_in_for(&self, name: &str) -> UserId {
        UserId::from_random(self.digest(Purpose::UnknownUser, name.as_bytes()).first_half())
    }
}
