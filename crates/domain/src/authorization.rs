//! What a client asks for, and the code that it gets on the way (RFC 6749 section 4.1, RFC 7636).

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::client_id::ClientId;
use crate::factor::Proved;
use crate::id::{AuthenticatorId, SessionId, UserId};
use crate::scope::Scopes;
use crate::secret::Digest;
use crate::session::Session;
use crate::time::Timestamp;
use crate::user::Epoch;

/// The longest `nonce`, in bytes.
pub const NONCE_MAX: usize = 512;

/// The challenge that a code is bound to: always that of the method `S256` (RFC 7636 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// Reads `code_challenge`: the SHA-256 of the verifier in base64url without padding.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The text form.
    pub fn text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// Whether `verifier` is well formed (RFC 7636 section 4.1: 43 to 128 unreserved characters) and its digest is this.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved);
        let digest: [u8; 32] = Sha256::digest(verifier.as_bytes()).into();
        is_formed && bool::from(digest.ct_eq(&self.0))
    }
}

/// Claims that were asked for by name (OpenID Connect Core section 5.5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestedClaims {
    /// Of the `UserInfo` endpoint.
    pub userinfo: Vec<String>,
    /// Of the ID token.
    pub id_token: Vec<String>,
}

/// What a client asked for, as it is remembered until the tokens are issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRequest {
    /// Which client.
    pub client: ClientId,
    /// The scopes that were granted to it.
    pub scopes: Scopes,
    /// The resources (RFC 8707); empty for the client's default.
    pub audience: Vec<String>,
    /// The proof key.
    pub challenge: Option<CodeChallenge>,
    /// The `nonce` of the ID token.
    pub nonce: Option<String>,
    /// Claims by name.
    pub claims: RequestedClaims,
    /// Whether `max_age` was given, so that the ID token must have `auth_time`. Ours always has it; kept for the record.
    pub max_age: Option<Duration>,
}

impl ClientRequest {
    /// A request for these scopes and resources, without anything that only an authorization request can bring.
    pub fn new(client: ClientId, scopes: Scopes, audience: Vec<String>) -> Self {
        Self {
            client,
            scopes,
            audience,
            challenge: None,
            nonce: None,
            claims: RequestedClaims::default(),
            max_age: None,
        }
    }
}

/// A login that is complete, from which a client's session may be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedLogin {
    /// The account.
    pub user: UserId,
    /// Its epoch then.
    pub epoch: Epoch,
    /// What was proved, and when.
    pub proved: Proved,
    /// By which authenticator.
    pub authenticator: Option<AuthenticatorId>,
    /// The browser's session; `None` when there was no browser.
    pub parent: Option<SessionId>,
}

impl CompletedLogin {
    /// The login of a browser, whose sessions of clients end with its own.
    pub fn of_browser(session: &Session, epoch: Epoch) -> Self {
        Self {
            user: session.user,
            epoch,
            proved: session.proved.clone(),
            authenticator: session.authenticator,
            parent: Some(session.id),
        }
    }
}

/// An authorization code as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// The keyed digest of the code.
    pub digest: Digest,
    /// What was asked for.
    pub request: ClientRequest,
    /// The `redirect_uri` of the request, which the token request must repeat; `None` if it was left to registration.
    pub redirect_uri: Option<String>,
    /// Who logged in.
    pub login: CompletedLogin,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_fits() {
        let challenge = CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        assert_eq!(challenge.text(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_of_another_form_fits_nothing() {
        for verifier in ["short", &"a".repeat(129), &format!("{}+", "a".repeat(43))] {
            let challenge = CodeChallenge(Sha256::digest(verifier.as_bytes()).into());
            assert!(!challenge.is_met_by(verifier));
        }
        assert!(CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c").is_none());
    }
}
