//! Keyed digests of secrets with enough entropy of their own.

use domain::secret::Digest;

/// What a digest is for. The same text has another digest for each purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Looking up a secret key.
    SecretKey,
    /// Looking up a refresh token.
    RefreshToken,
    /// Looking up an authentication session.
    AuthSession,
    /// Looking up a recovery code; what is digested begins with the account's identity.
    RecoveryCode,
    /// Finding the authentication session of an account whose password was proved through the Orion profile, which gives its
    /// callers no handle.
    OrionLogin,
    /// Chaining the audit log.
    EventLink,
    /// Making the identity that stands for a user name nobody has.
    UnknownUser,
    /// Looking up the secret of a client.
    ClientSecret,
    /// Looking up an opaque access token.
    AccessToken,
    /// Looking up an authorization code.
    AuthorizationCode,
    /// Looking up the session of a browser.
    BrowserSession,
    /// Binding a form to the browser that it was shown in.
    Csrf,
    /// Recognising the request that somebody logged in for.
    Interaction,
    /// Looking up what a device is waiting for.
    DeviceCode,
    /// Looking up the same by what its owner types.
    UserCode,
    /// Looking up an authorization request that was pushed.
    PushedRequest,
    /// Looking up the token of a password reset.
    PasswordReset,
    /// Remembering that an assertion of a client was used; what is digested begins with the client.
    ClientAssertion,
}

/// HMAC-SHA-256 under keys derived from the master key (OWASP ASVS 5.0 6.5.2 allows a plain hash from 112 bit on; the key
/// adds that a stolen database alone is worth nothing).
pub trait Digester: Send + Sync {
    /// The digest of `bytes` for `purpose`.
    fn digest(&self, purpose: Purpose, bytes: &[u8]) -> Digest;
}
