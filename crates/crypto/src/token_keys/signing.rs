//! One private key, and everything that is signed with it.

use application::ports::{KeyFailure, SigningHandle};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::claims::{Claims, ClientClaims};
use domain::id_token::{ID_TOKEN_ALGORITHM, IdTokenClaims, LogoutClaims};
use domain::orion::{ORION_ALGORITHM, OrionClaims};
use domain::signing_key::{Algorithm, Kid};
use jsonwebtoken::EncodingKey;

use super::token_form::{Kind, TOKEN_MAX, WireHeader};
use super::wire_claims::WireClaims;
use super::wire_client::WireClient;
use super::wire_id_token::WireIdToken;
use super::wire_logout::WireLogout;
use super::wire_orion::WireOrion;
use super::{encoding_key, failure, signature_algorithm};

/// The first part of every token of a kind that a key signs, and its dot.
fn prefix(kind: Kind, algorithm: Algorithm, kid: &Kid) -> Result<String, KeyFailure> {
    let header =
        serde_json::to_vec(&WireHeader::of(kind, algorithm, kid)).map_err(|_| failure("has no usable name"))?;
    Ok(format!("{}.", URL_SAFE_NO_PAD.encode(header)))
}

/// One private key and the headers of what it signs.
pub(super) struct Signing {
    access_token_prefix: String,
    orion_prefix: String,
    id_token_prefix: String,
    logout_prefix: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Signing {
    pub(super) fn new(kid: &Kid, algorithm: Algorithm, private_der: &[u8]) -> Result<Self, KeyFailure> {
        let key =
            encoding_key(algorithm, private_der).ok_or_else(|| failure("is not a private key of its algorithm"))?;
        let handle = Self {
            access_token_prefix: prefix(Kind::AccessToken, algorithm, kid)?,
            orion_prefix: prefix(Kind::Orion, algorithm, kid)?,
            id_token_prefix: prefix(Kind::IdToken, algorithm, kid)?,
            logout_prefix: prefix(Kind::Logout, algorithm, kid)?,
            algorithm,
            key,
        };
        // A broken key shows itself when the ring is read, and not at somebody's login.
        handle.signature(b"")?;
        Ok(handle)
    }

    fn signature(&self, message: &[u8]) -> Result<String, KeyFailure> {
        // The cause may describe the key; it is not passed on.
        jsonwebtoken::crypto::sign(message, &self.key, signature_algorithm(self.algorithm))
            .map_err(|_| failure("cannot sign"))
    }

    fn token(&self, prefix: &str, payload: &[u8]) -> Result<String, KeyFailure> {
        let mut token = prefix.to_owned();
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        token.push_str(&signature);
        if token.len() > TOKEN_MAX {
            return Err(failure("made a token that is too long to be accepted"));
        }
        Ok(token)
    }

    fn must_be_for_clients(&self) -> Result<(), KeyFailure> {
        if self.algorithm == ID_TOKEN_ALGORITHM {
            Ok(())
        } else {
            Err(failure("is of an algorithm that not every client knows"))
        }
    }
}

fn unwritable(_: serde_json::Error) -> KeyFailure {
    failure("cannot write the claims")
}

impl SigningHandle for Signing {
    fn sign(&self, claims: &Claims) -> Result<String, KeyFailure> {
        let payload = WireClaims::write(claims).map_err(unwritable)?;
        self.token(&self.access_token_prefix, &payload)
    }

    fn sign_client(&self, claims: &ClientClaims) -> Result<String, KeyFailure> {
        let payload = WireClient::write(claims).map_err(unwritable)?;
        self.token(&self.access_token_prefix, &payload)
    }

    fn sign_id_token(&self, claims: &IdTokenClaims) -> Result<String, KeyFailure> {
        self.must_be_for_clients()?;
        if !claims.is_sound() {
            return Err(failure("signs no claim about a person that says what a token is"));
        }
        let payload = serde_json::to_vec(&WireIdToken(claims)).map_err(unwritable)?;
        self.token(&self.id_token_prefix, &payload)
    }

    fn sign_logout(&self, claims: &LogoutClaims) -> Result<String, KeyFailure> {
        self.must_be_for_clients()?;
        if !claims.is_sound() {
            return Err(failure("signs no logout token that lives so long"));
        }
        let payload = serde_json::to_vec(&WireLogout::from(claims)).map_err(unwritable)?;
        self.token(&self.logout_prefix, &payload)
    }

    fn sign_orion(&self, claims: &OrionClaims) -> Result<String, KeyFailure> {
        if self.algorithm != ORION_ALGORITHM {
            return Err(failure(
                "is of an algorithm that readers of the Orion profile do not know",
            ));
        }
        self.token(&self.orion_prefix, &WireOrion::write(claims)?)
    }
}
