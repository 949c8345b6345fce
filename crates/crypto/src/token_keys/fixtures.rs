//! Keys and claims for the tests of this module, and a forge: tokens of any content with a right signature.

use std::sync::LazyLock;
use std::time::Duration;

use super::*;
use domain::claims::Use;
use domain::client::ClientId;
use domain::factor::{FactorType, Proved};
use domain::id::{SessionId, TokenId, UserId};
use domain::id_token::{ClaimValue, IdTokenClaims, LOGOUT_TOKEN_MAX, LogoutClaims};
use domain::orion::{ORION_TOKEN_LIFETIME, groups};
use domain::scope::Scopes;
use domain::time::Timestamp;
use domain::user::{Epoch, Role};
use serde_json::Value;

/// What every test of this module needs.
pub(super) mod prelude {
    pub(in super::super) use base64::Engine as _;
    pub(in super::super) use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    pub(in super::super) use domain::claims::{Claims, ClientClaims};
    pub(in super::super) use domain::orion::OrionClaims;

    pub(in super::super) use super::super::wire_claims::WireClaims;
    pub(in super::super) use super::super::wire_client::WireClient;
    pub(in super::super) use super::super::wire_orion::WireOrion;
}

static RSA: LazyLock<KeyMaterial> = LazyLock::new(|| rsa_2048().unwrap());

pub(super) fn claims() -> Claims {
    let at = Timestamp::from_seconds(1_800_000_000);
    Claims {
        issuer: "https://issuer.example".into(),
        subject: UserId::from_random([1; 16]),
        audience: vec!["https://api.example".into()],
        client_id: "countersign".into(),
        actor: None,
        scopes: Scopes::of_role(Role::Admin),
        token: TokenId::from_random([2; 16]),
        session: SessionId::from_random([3; 16]),
        proved: Proved::new(vec![FactorType::Password, FactorType::SecretKey], at),
        username: "alice".into(),
        epoch: Epoch(4),
        usage: Use::Many,
        issued_at: at,
        not_before: at,
        expires_at: at.after(Duration::from_mins(10)),
    }
}

pub(super) fn orion_claims() -> OrionClaims {
    let at = Timestamp::from_seconds(1_800_000_000);
    OrionClaims {
        issuer: "orion-users".into(),
        subject: UserId::from_random([1; 16]),
        email: "alice@example.org".into(),
        groups: groups(Role::Admin).to_vec(),
        token: TokenId::from_random([2; 16]),
        issued_at: at,
        expires_at: at.after(ORION_TOKEN_LIFETIME),
        session: SessionId::from_random([3; 16]),
        proved: Proved::new(vec![FactorType::Password, FactorType::Totp], at),
    }
}

pub(super) fn client_claims() -> ClientClaims {
    let at = Timestamp::from_seconds(1_800_000_000);
    ClientClaims {
        issuer: "https://issuer.example".into(),
        client: ClientId::parse("app").unwrap(),
        audience: vec!["https://api.example".into()],
        scopes: Scopes::parse("files:read").unwrap(),
        token: TokenId::from_random([2; 16]),
        issued_at: at,
        not_before: at,
        expires_at: at.after(Duration::from_mins(10)),
    }
}

pub(super) fn id_token_claims() -> IdTokenClaims {
    let at = Timestamp::from_seconds(1_800_000_000);
    IdTokenClaims {
        issuer: "https://issuer.example".into(),
        subject: UserId::from_random([1; 16]),
        client: ClientId::parse("app").unwrap(),
        session: SessionId::from_random([3; 16]),
        proved: Proved::new(vec![FactorType::Password, FactorType::Totp], at),
        nonce: Some("n-0S6_WzA2Mj".into()),
        access_token_hash: Some("77QmUPtjPfzWtF2AnpK9RQ".into()),
        code_hash: None,
        person: vec![
            ("email".into(), ClaimValue::Text("alice@example.org".into())),
            ("email_verified".into(), ClaimValue::Flag(true)),
        ],
        issued_at: at,
        expires_at: at.after(Duration::from_mins(5)),
    }
}

pub(super) fn logout_claims() -> LogoutClaims {
    let at = Timestamp::from_seconds(1_800_000_000);
    LogoutClaims {
        issuer: "https://issuer.example".into(),
        subject: UserId::from_random([1; 16]),
        client: ClientId::parse("app").unwrap(),
        session: SessionId::from_random([3; 16]),
        token: TokenId::from_random([2; 16]),
        issued_at: at,
        expires_at: at.after(LOGOUT_TOKEN_MAX),
    }
}

/// The claims as JSON, to be altered.
pub(super) fn json() -> serde_json::Map<String, Value> {
    serde_json::from_slice(&WireClaims::write(&claims()).unwrap()).unwrap()
}

/// The same of a client for itself.
pub(super) fn client_json() -> serde_json::Map<String, Value> {
    serde_json::from_slice(&WireClient::write(&client_claims()).unwrap()).unwrap()
}

/// The same of the Orion profile.
pub(super) fn orion_json() -> serde_json::Map<String, Value> {
    serde_json::from_slice(&WireOrion::write(&orion_claims()).unwrap()).unwrap()
}

/// A key in use.
pub(super) struct Fixture {
    pub(super) kid: Kid,
    pub(super) algorithm: Algorithm,
    pub(super) private_der: Vec<u8>,
    pub(super) public_der: Vec<u8>,
}

impl Fixture {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let made;
        let material = match algorithm {
            Algorithm::Es256 => {
                made = p256().unwrap();
                &made
            }
            Algorithm::EdDsa => {
                made = ed25519().unwrap();
                &made
            }
            Algorithm::Rs256 | Algorithm::Ps256 => &*RSA,
        };
        Self {
            kid: Kid::new("key-1".into()),
            algorithm,
            private_der: material.private_der.to_vec(),
            public_der: material.public_der.clone(),
        }
    }

    pub(super) fn signing(&self) -> Arc<dyn SigningHandle> {
        JwsKeys.signing(&self.kid, self.algorithm, &self.private_der).unwrap()
    }

    pub(super) fn verifying(&self) -> Arc<dyn VerifyingHandle> {
        JwsKeys.verifying(&self.kid, self.algorithm, &self.public_der).unwrap()
    }

    pub(super) fn token(&self) -> String {
        self.signing().sign(&claims()).unwrap()
    }

    pub(super) fn header(&self) -> String {
        format!(
            r#"{{"typ":"at+jwt","alg":"{}","kid":"{}"}}"#,
            self.algorithm.name(),
            self.kid
        )
    }

    pub(super) fn orion_token(&self) -> String {
        self.signing().sign_orion(&orion_claims()).unwrap()
    }

    pub(super) fn orion_header(&self) -> String {
        self.header().replace("at+jwt", "JWT")
    }

    /// A token with this header and this payload, and the right signature of this key.
    pub(super) fn forge(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let key = encoding_key(self.algorithm, &self.private_der).unwrap();
        let algorithm = signature_algorithm(self.algorithm);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// What becomes of a token with the usual header and this payload.
    pub(super) fn verify_payload(&self, payload: impl AsRef<[u8]>) -> Result<Claims, TokenFault> {
        self.verifying().verify(&self.forge(self.header(), payload))
    }

    /// The same of the Orion profile.
    pub(super) fn verify_orion_payload(&self, payload: impl AsRef<[u8]>) -> Result<OrionClaims, TokenFault> {
        self.verifying().verify_orion(&self.forge(self.orion_header(), payload))
    }

    /// The same of the Orion profile.
    pub(super) fn verify_orion_header(&self, header: impl AsRef<[u8]>) -> Result<OrionClaims, TokenFault> {
        self.verifying()
            .verify_orion(&self.forge(header, Value::from(orion_json()).to_string()))
    }

    /// What becomes of a token with this header and the usual payload.
    pub(super) fn verify_header(&self, header: impl AsRef<[u8]>) -> Result<Claims, TokenFault> {
        self.verifying()
            .verify(&self.forge(header, Value::from(json()).to_string()))
    }
}
