//! What an access token says (RFC 9068), and when it may be believed.

use std::time::Duration;

use crate::client::ClientId;
use crate::factor::Proved;
use crate::id::{SessionId, TokenId, UserId};
use crate::scope::Scopes;
use crate::time::Timestamp;
use crate::user::Epoch;

/// The largest leeway for clocks that differ.
pub const LEEWAY_MAX: Duration = Duration::from_secs(30);

/// The longest life of an access token that can be configured. Revocations and retiring keys are kept for this long whatever
/// is configured today: a token may have been issued under yesterday's setting.
pub const ACCESS_TOKEN_MAX: Duration = Duration::from_hours(24);

/// How often a token may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Use {
    /// Until it expires.
    Many,
    /// Once: its first call spends it.
    Once,
}

/// The claims of an access token of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `iss`: who issued it.
    pub issuer: String,
    /// `sub`: the account.
    pub subject: UserId,
    /// `aud`: the resources it is for; at least one.
    pub audience: Vec<String>,
    /// `client_id`: the client application.
    pub client_id: String,
    /// `act`: who uses it for the account (RFC 8693 section 4.1): an account or a client, by its `sub`. `None` if the account
    /// acts for itself.
    pub actor: Option<String>,
    /// `scope`.
    pub scopes: Scopes,
    /// `jti`.
    pub token: TokenId,
    /// `sid`: the session it was issued from.
    pub session: SessionId,
    /// `amr`, `auth_time`, and from them `acr`.
    pub proved: Proved,
    /// `username`: the name the account logs in with, for people who read tokens (RFC 7662 section 2.2 uses the same name).
    pub username: String,
    /// `epoch`: see [`Epoch`].
    pub epoch: Epoch,
    /// `use`: whether it may be used once only.
    pub usage: Use,
    /// `iat`, to the second.
    pub issued_at: Timestamp,
    /// `nbf`, to the second.
    pub not_before: Timestamp,
    /// `exp`, to the second.
    pub expires_at: Timestamp,
}

/// The claims of an access token that a client got for itself (RFC 6749 section 4.4). Nobody logged in for it, so it says
/// nothing of factors, sessions and accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientClaims {
    /// `iss`: who issued it.
    pub issuer: String,
    /// `sub` and `client_id`: the client application (RFC 9068 section 2.2).
    pub client: ClientId,
    /// `aud`: the resources it is for; at least one.
    pub audience: Vec<String>,
    /// `scope`.
    pub scopes: Scopes,
    /// `jti`.
    pub token: TokenId,
    /// `iat`, to the second.
    pub issued_at: Timestamp,
    /// `nbf`, to the second.
    pub not_before: Timestamp,
    /// `exp`, to the second.
    pub expires_at: Timestamp,
}

/// The claims of an access token, whoever it was issued to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// To a client, for an account.
    User(Claims),
    /// To a client, for itself.
    Client(ClientClaims),
}

/// Why a token is not believed. The reasons are for logs and tests; a caller is told `invalid_token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not a compact JWS of ours: parts, encoding, size, header, or claims.
    #[error("malformed")]
    Malformed,
    /// Signed with a key that is not in the ring, or named for another algorithm.
    #[error("unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("bad signature")]
    Signature,
    /// Issued by someone else.
    #[error("wrong issuer")]
    Issuer,
    /// For another resource.
    #[error("wrong audience")]
    Audience,
    /// Past its `exp`.
    #[error("expired")]
    Expired,
    /// Before its `nbf` or `iat`.
    #[error("not yet valid")]
    NotYetValid,
    /// Voided.
    #[error("revoked")]
    Revoked,
    /// For one use, and used.
    #[error("spent")]
    Spent,
}

/// What a verifier demands of a token besides its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The exact `iss`.
    pub issuer: String,
    /// What must be among the `aud`, exactly.
    pub audience: String,
    /// Tolerance for clocks that differ; at most [`LEEWAY_MAX`] counts.
    pub leeway: Duration,
}

impl Expectation {
    /// Whether `claims` are believed at `now`.
    pub fn admit(&self, claims: &Claims, now: Timestamp) -> Result<(), TokenFault> {
        self.is_meant(&claims.issuer, &claims.audience)?;
        self.in_time(claims, now)
    }

    /// Whether the claims of a client's own token are believed at `now`.
    pub fn admit_client(&self, claims: &ClientClaims, now: Timestamp) -> Result<(), TokenFault> {
        self.is_meant(&claims.issuer, &claims.audience)?;
        self.client_in_time(claims, now)
    }

    /// Whether `now` lies in the token's time; the only part of the check whose answer changes for a given token.
    pub fn in_time(&self, claims: &Claims, now: Timestamp) -> Result<(), TokenFault> {
        self.lies_between(claims.not_before.max(claims.issued_at), claims.expires_at, now)
    }

    /// The same for a client's own token.
    pub fn client_in_time(&self, claims: &ClientClaims, now: Timestamp) -> Result<(), TokenFault> {
        self.lies_between(claims.not_before.max(claims.issued_at), claims.expires_at, now)
    }

    fn is_meant(&self, issuer: &str, audience: &[String]) -> Result<(), TokenFault> {
        if issuer != self.issuer {
            return Err(TokenFault::Issuer);
        }
        if audience.contains(&self.audience) {
            Ok(())
        } else {
            Err(TokenFault::Audience)
        }
    }

    fn lies_between(&self, begin: Timestamp, end: Timestamp, now: Timestamp) -> Result<(), TokenFault> {
        let leeway = self.leeway.min(LEEWAY_MAX);
        if now >= end.after(leeway) {
            return Err(TokenFault::Expired);
        }
        if now.after(leeway) < begin {
            return Err(TokenFault::NotYetValid);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::FactorType;

    fn claims() -> Claims {
        let at = Timestamp::from_seconds(1_000);
        Claims {
            issuer: "https://issuer.example".into(),
            subject: UserId::from_random([1; 16]),
            audience: vec!["https://api.example".into()],
            client_id: "countersign".into(),
            actor: None,
            scopes: Scopes::default(),
            token: TokenId::from_random([2; 16]),
            session: SessionId::from_random([3; 16]),
            proved: Proved::new(vec![FactorType::Password, FactorType::SecretKey], at),
            username: "alice".into(),
            epoch: Epoch::FIRST,
            usage: Use::Many,
            issued_at: at,
            not_before: at,
            expires_at: at.after(Duration::from_mins(10)),
        }
    }

    fn expectation(leeway: u64) -> Expectation {
        Expectation {
            issuer: "https://issuer.example".into(),
            audience: "https://api.example".into(),
            leeway: Duration::from_secs(leeway),
        }
    }

    #[test]
    fn a_token_is_believed_from_nbf_to_exp() {
        let check = |second| expectation(0).admit(&claims(), Timestamp::from_seconds(second));
        assert_eq!(check(999), Err(TokenFault::NotYetValid));
        assert_eq!(check(1_000), Ok(()));
        assert_eq!(check(1_599), Ok(()));
        assert_eq!(check(1_600), Err(TokenFault::Expired));
    }

    #[test]
    fn leeway_is_bounded_whatever_is_configured() {
        let check = |leeway, second| expectation(leeway).admit(&claims(), Timestamp::from_seconds(second));
        assert_eq!(check(30, 1_629), Ok(()));
        assert_eq!(check(30, 1_630), Err(TokenFault::Expired));
        assert_eq!(check(604_800, 1_630), Err(TokenFault::Expired));
        assert_eq!(check(604_800, 969), Err(TokenFault::NotYetValid));
    }

    #[test]
    fn issuer_and_audience_are_compared_exactly() {
        let now = Timestamp::from_seconds(1_001);
        let slash = Claims {
            issuer: "https://issuer.example/".into(),
            ..claims()
        };
        assert_eq!(expectation(0).admit(&slash, now), Err(TokenFault::Issuer));
        let case = Claims {
            audience: vec!["https://API.example".into(), "https://api.example/".into()],
            ..claims()
        };
        assert_eq!(expectation(0).admit(&case, now), Err(TokenFault::Audience));
    }

    #[test]
    fn a_token_for_several_resources_is_for_each_of_them() {
        let now = Timestamp::from_seconds(1_001);
        let several = Claims {
            audience: vec!["https://other.example".into(), "https://api.example".into()],
            ..claims()
        };
        assert_eq!(expectation(0).admit(&several, now), Ok(()));
        let none = Claims {
            audience: vec![],
            ..claims()
        };
        assert_eq!(expectation(0).admit(&none, now), Err(TokenFault::Audience));
    }

    #[test]
    fn a_client_s_own_token_is_held_to_the_same_rules() {
        let at = Timestamp::from_seconds(1_000);
        let claims = ClientClaims {
            issuer: "https://issuer.example".into(),
            client: ClientId::parse("app").unwrap(),
            audience: vec!["https://api.example".into()],
            scopes: Scopes::default(),
            token: TokenId::from_random([2; 16]),
            issued_at: at,
            not_before: at,
            expires_at: at.after(Duration::from_mins(10)),
        };
        let check =
            |claims: &ClientClaims, second| expectation(0).admit_client(claims, Timestamp::from_seconds(second));
        assert_eq!(check(&claims, 999), Err(TokenFault::NotYetValid));
        assert_eq!(check(&claims, 1_000), Ok(()));
        assert_eq!(check(&claims, 1_600), Err(TokenFault::Expired));
        let issuer = ClientClaims {
            issuer: "https://other.example".into(),
            ..claims.clone()
        };
        assert_eq!(check(&issuer, 1_000), Err(TokenFault::Issuer));
        let audience = ClientClaims {
            audience: vec!["https://other.example".into()],
            ..claims
        };
        assert_eq!(check(&audience, 1_000), Err(TokenFault::Audience));
    }
}
