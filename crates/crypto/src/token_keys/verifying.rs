//! One public key of the ring, and everything that is believed under it.

use application::ports::{KeyFailure, PublicJwk, VerifyingHandle};
use domain::claims::{Claims, TokenFault, Verified};
use domain::id_token::{ID_TOKEN_ALGORITHM, IdTokenClaims};
use domain::orion::{ORION_ALGORITHM, OrionClaims};
use domain::signing_key::{Algorithm, Kid};

use super::public_key::PublicKey;
use super::token_form::{Compact, Kind, header_buffer};
use super::wire_claims::WireClaims;
use super::wire_client::WireClient;
use super::wire_orion::WireOrion;
use super::{failure, jwk, wire_id_token};

/// One public key, and the only name and algorithm under which it is accepted.
pub(super) struct Verifying {
    kid: Kid,
    algorithm: Algorithm,
    key: PublicKey,
}

impl Verifying {
    pub(super) fn new(kid: &Kid, algorithm: Algorithm, public_der: &[u8]) -> Result<Self, KeyFailure> {
        let key =
            PublicKey::read(algorithm, public_der).ok_or_else(|| failure("is not a public key of its algorithm"))?;
        Ok(Self {
            kid: kid.clone(),
            algorithm,
            key,
        })
    }

    /// The payload of a token of this kind whose signature is right. Nothing of it is read before (RFC 8725 section 3.3).
    fn payload(&self, token: &str, kind: Kind) -> Result<Vec<u8>, TokenFault> {
        let compact = Compact::read(token)?;
        let mut buffer = header_buffer();
        let header = compact.header(kind, &mut buffer)?;
        if header.alg != self.algorithm.name() || header.kid != self.kid.as_str() {
            return Err(TokenFault::UnknownKey);
        }
        let (payload, signature) = (compact.payload()?, compact.signature()?);
        self.key.verify(compact.signed(), &signature)?;
        Ok(payload)
    }
}

impl VerifyingHandle for Verifying {
    fn verify(&self, token: &str) -> Result<Claims, TokenFault> {
        WireClaims::read(&self.payload(token, Kind::AccessToken)?)
    }

    fn verify_any(&self, token: &str) -> Result<Verified, TokenFault> {
        let payload = self.payload(token, Kind::AccessToken)?;
        match WireClaims::read(&payload) {
            Ok(claims) => Ok(Verified::User(claims)),
            Err(_) => WireClient::read(&payload).map(Verified::Client),
        }
    }

    fn verify_id_token(&self, token: &str) -> Result<IdTokenClaims, TokenFault> {
        let payload = self.payload(token, Kind::IdToken)?;
        if self.algorithm != ID_TOKEN_ALGORITHM {
            return Err(TokenFault::UnknownKey);
        }
        wire_id_token::read(&payload)
    }

    fn verify_orion(&self, token: &str) -> Result<OrionClaims, TokenFault> {
        let payload = self.payload(token, Kind::Orion)?;
        if self.algorithm != ORION_ALGORITHM {
            return Err(TokenFault::UnknownKey);
        }
        WireOrion::read(&payload)
    }

    fn jwk(&self) -> PublicJwk {
        jwk::of(&self.kid, self.algorithm, self.key.numbers())
    }
}
