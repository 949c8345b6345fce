//! ID tokens (OpenID Connect Core section 2) and logout tokens (OpenID Connect Back-Channel Logout section 2.4): what they
//! say to the one client that each is for.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use crate::client::ClientId;
use crate::factor::Proved;
use crate::id::{SessionId, TokenId, UserId};
use crate::signing_key::Algorithm;
use crate::time::Timestamp;

/// The algorithm of both: the one that every client must know (OpenID Connect Core section 15.1).
pub const ID_TOKEN_ALGORITHM: Algorithm = Algorithm::Rs256;

/// The longest life of a logout token (OpenID Connect Back-Channel Logout section 4).
pub const LOGOUT_TOKEN_MAX: Duration = Duration::from_mins(2);

/// Names of claims that say what the token is. No claim about the person has one of them, whoever asks for it.
pub const PROTOCOL_CLAIMS: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "events",
];

/// The value of a claim about a person (OpenID Connect Core section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimValue {
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Several texts, as of groups.
    Texts(Vec<String>),
    /// Texts with names, as of an address (OpenID Connect Core section 5.1.1).
    Members(Vec<(String, String)>),
}

/// The claims of an ID token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdTokenClaims {
    /// `iss`: who issued it.
    pub issuer: String,
    /// `sub`: the account.
    pub subject: UserId,
    /// `aud`: the client, and nobody else; so there is no `azp`.
    pub client: ClientId,
    /// `sid`: the session of the client.
    pub session: SessionId,
    /// `amr`, `auth_time`, and from them `acr`.
    pub proved: Proved,
    /// `nonce`: what the client sent with its request, unchanged.
    pub nonce: Option<String>,
    /// `at_hash`: [`half_hash`] of the access token that was given with it.
    pub access_token_hash: Option<String>,
    /// `c_hash`: [`half_hash`] of the authorization code that was given with it.
    pub code_hash: Option<String>,
    /// Claims about the person, in this order. No name occurs twice or in [`PROTOCOL_CLAIMS`].
    pub person: Vec<(String, ClaimValue)>,
    /// `iat`, to the second.
    pub issued_at: Timestamp,
    /// `exp`, to the second.
    pub expires_at: Timestamp,
}

/// The claims of a logout token. It never has a `nonce`, so that it is never an ID token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutClaims {
    /// `iss`: who issued it.
    pub issuer: String,
    /// `sub`: the account that is logged out.
    pub subject: UserId,
    /// `aud`: the client that is told.
    pub client: ClientId,
    /// `sid`: the session of the client that has ended.
    pub session: SessionId,
    /// `jti`.
    pub token: TokenId,
    /// `iat`, to the second.
    pub issued_at: Timestamp,
    /// `exp`, to the second; at most [`LOGOUT_TOKEN_MAX`] later.
    pub expires_at: Timestamp,
}

impl IdTokenClaims {
    /// Whether the claims about the person are claims about the person, each once.
    pub fn is_sound(&self) -> bool {
        let mut names: Vec<&str> = self.person.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let is_repeated = names.iter().zip(names.iter().skip(1)).any(|(one, next)| one == next);
        !is_repeated && !names.iter().any(|name| PROTOCOL_CLAIMS.contains(name))
    }
}

impl LogoutClaims {
    /// Whether it lives no longer than it may.
    pub fn is_sound(&self) -> bool {
        self.expires_at >= self.issued_at && self.expires_at.since(self.issued_at) <= LOGOUT_TOKEN_MAX
    }
}

/// The value of `at_hash` and `c_hash`: the left half of the hash, in base64url, whose length is that of the algorithm
/// ([`ID_TOKEN_ALGORITHM`]; OpenID Connect Core section 3.1.3.6). Binds a token or a code to the ID token beside it.
pub fn half_hash(text: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let half = hash.first_chunk::<16>().copied().unwrap_or_default();
    BASE64URL_NOPAD.encode(&half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::FactorType;

    fn claims(person: Vec<(String, ClaimValue)>) -> IdTokenClaims {
        let at = Timestamp::from_seconds(1_000);
        IdTokenClaims {
            issuer: "https://issuer.example".into(),
            subject: UserId::from_random([1; 16]),
            client: ClientId::parse("app").unwrap(),
            session: SessionId::from_random([3; 16]),
            proved: Proved::new(vec![FactorType::Password], at),
            nonce: None,
            access_token_hash: None,
            code_hash: None,
            person,
            issued_at: at,
            expires_at: at.after(Duration::from_mins(5)),
        }
    }

    #[test]
    fn the_examples_of_openid_connect_core_appendix_a() {
        // A.4 and A.6.
        assert_eq!(
            half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(
            half_hash("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            "LDktKdoQak3Pk0cnXxCltA"
        );
    }

    #[test]
    fn no_claim_about_the_person_passes_for_another() {
        let text = |name: &str| (name.to_owned(), ClaimValue::Text("x".into()));
        assert!(claims(vec![]).is_sound());
        assert!(claims(vec![text("name"), text("email")]).is_sound());
        assert!(!claims(vec![text("email"), text("name"), text("email")]).is_sound());
        for name in PROTOCOL_CLAIMS {
            assert!(!claims(vec![text("email"), text(name)]).is_sound(), "{name}");
        }
    }

    #[test]
    fn a_logout_token_lives_for_two_minutes_at_most() {
        let at = Timestamp::from_seconds(1_000);
        let claims = |seconds| LogoutClaims {
            issuer: "https://issuer.example".into(),
            subject: UserId::from_random([1; 16]),
            client: ClientId::parse("app").unwrap(),
            session: SessionId::from_random([3; 16]),
            token: TokenId::from_random([2; 16]),
            issued_at: at,
            expires_at: Timestamp::from_seconds(seconds),
        };
        assert!(claims(1_120).is_sound());
        assert!(!claims(1_121).is_sound());
        assert!(!claims(999).is_sound());
    }
}
