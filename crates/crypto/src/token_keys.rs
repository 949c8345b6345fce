//! Makes, reads and uses the keys of tokens: JSON Web Signatures in their compact form (RFC 7515).
//!
//! Signing is `jsonwebtoken`'s. Verification is strict and our own: a token is only what this service itself would have
//! written, so everything that RFC 7515 allows besides is refused. Signatures are checked by AWS-LC with a key that is parsed
//! once, because this happens on every call of a resource.

use std::sync::Arc;

use application::ports::{KeyFailure, KeyMaterial, PublicJwk, SigningHandle, TokenKeys, VerifyingHandle};
use async_trait::async_trait;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::claims::{Claims, TokenFault};
use domain::orion::{ORION_ALGORITHM, OrionClaims};
use domain::signing_key::{Algorithm, KeyPurpose, Kid};
use jsonwebtoken::EncodingKey;
use zeroize::Zeroizing;

use self::public_key::PublicKey;
use self::token_form::{Compact, TOKEN_MAX, WireHeader};
use self::wire_claims::WireClaims;
use self::wire_orion::WireOrion;
use crate::der::{Reader, tag};

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod fixtures;
mod jwk;
#[cfg(test)]
mod orion;
#[cfg(test)]
mod payloads;
mod public_key;
#[cfg(test)]
mod round_trip;
mod token_form;
#[cfg(test)]
mod vectors;
mod wire_claims;
mod wire_orion;

/// Keys for ES256, RS256, PS256 and `EdDSA`.
#[derive(Debug, Clone, Copy, Default)]
pub struct JwsKeys;

#[async_trait]
impl TokenKeys for JwsKeys {
    async fn generate(&self, algorithm: Algorithm) -> Result<KeyMaterial, KeyFailure> {
        match algorithm {
            Algorithm::Es256 => p256(),
            Algorithm::EdDsa => ed25519(),
            Algorithm::Rs256 | Algorithm::Ps256 => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the search for primes takes a second or two, once in months"
                )]
                let search = tokio::task::spawn_blocking(rsa_2048);
                search.await.map_err(|_| failure("could not be made"))?
            }
        }
    }

    fn signing(
        &self,
        kid: &Kid,
        algorithm: Algorithm,
        private_der: &[u8],
    ) -> Result<Arc<dyn SigningHandle>, KeyFailure> {
        Ok(Arc::new(Signing::new(kid, algorithm, private_der)?))
    }

    fn verifying(
        &self,
        kid: &Kid,
        algorithm: Algorithm,
        public_der: &[u8],
    ) -> Result<Arc<dyn VerifyingHandle>, KeyFailure> {
        Ok(Arc::new(Verifying::new(kid, algorithm, public_der)?))
    }

    fn kid_of(&self, token: &str, purpose: KeyPurpose) -> Result<Kid, TokenFault> {
        let mut buffer = token_form::header_buffer();
        let header = Compact::read(token)?.header(purpose, &mut buffer)?;
        Ok(Kid::new(header.kid.into_owned()))
    }
}

fn failure(what: &str) -> KeyFailure {
    KeyFailure(what.to_owned())
}

fn material(private: &[u8], public: &PublicKeyX509Der<'_>) -> KeyMaterial {
    KeyMaterial {
        private_der: Zeroizing::new(private.to_vec()),
        public_der: public.as_ref().to_vec(),
    }
}

fn p256() -> Result<KeyMaterial, KeyFailure> {
    let made = || {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        Ok(material(pair.to_pkcs8v1()?.as_ref(), &pair.public_key().as_der()?))
    };
    made().map_err(|_: aws_lc_rs::error::Unspecified| failure("could not be made"))
}

fn ed25519() -> Result<KeyMaterial, KeyFailure> {
    let made = || {
        let pair = Ed25519KeyPair::generate()?;
        Ok(material(pair.to_pkcs8v1()?.as_ref(), &pair.public_key().as_der()?))
    };
    made().map_err(|_: aws_lc_rs::error::Unspecified| failure("could not be made"))
}

fn rsa_2048() -> Result<KeyMaterial, KeyFailure> {
    let made = || {
        let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048)?;
        let private: Pkcs8V1Der<'_> = pair.as_der()?;
        Ok(material(private.as_ref(), &pair.public_key().as_der()?))
    };
    made().map_err(|_: aws_lc_rs::error::Unspecified| failure("could not be made"))
}

/// `jsonwebtoken`'s name for the algorithm.
const fn signature_algorithm(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
    }
}

/// The PKCS #1 key inside PKCS #8 (RFC 5208 section 5), which is what `jsonwebtoken` signs with.
fn rsa_private_key(pkcs8: &[u8]) -> Option<&[u8]> {
    let mut outer = Reader::new(pkcs8);
    let mut fields = Reader::new(outer.element(tag::SEQUENCE)?);
    let _version = fields.element(tag::INTEGER)?;
    let _algorithm = fields.element(tag::SEQUENCE)?;
    let key = fields.element(tag::OCTET_STRING)?;
    outer.is_at_end().then_some(key)
}

fn encoding_key(algorithm: Algorithm, private_der: &[u8]) -> Option<EncodingKey> {
    Some(match algorithm {
        Algorithm::Es256 => EncodingKey::from_ec_der(private_der),
        Algorithm::EdDsa => EncodingKey::from_ed_der(private_der),
        Algorithm::Rs256 | Algorithm::Ps256 => EncodingKey::from_rsa_der(rsa_private_key(private_der)?),
    })
}

/// The first part of every token that a key signs for a purpose, and its dot.
fn prefix(purpose: KeyPurpose, algorithm: Algorithm, kid: &Kid) -> Result<String, KeyFailure> {
    let header =
        serde_json::to_vec(&WireHeader::of(purpose, algorithm, kid)).map_err(|_| failure("has no usable name"))?;
    Ok(format!("{}.", URL_SAFE_NO_PAD.encode(header)))
}

/// One private key and the headers of what it signs.
struct Signing {
    access_token_prefix: String,
    orion_prefix: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Signing {
    fn new(kid: &Kid, algorithm: Algorithm, private_der: &[u8]) -> Result<Self, KeyFailure> {
        let key =
            encoding_key(algorithm, private_der).ok_or_else(|| failure("is not a private key of its algorithm"))?;
        let handle = Self {
            access_token_prefix: prefix(KeyPurpose::AccessToken, algorithm, kid)?,
            orion_prefix: prefix(KeyPurpose::Orion, algorithm, kid)?,
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
}

impl SigningHandle for Signing {
    fn sign(&self, claims: &Claims) -> Result<String, KeyFailure> {
        let payload = WireClaims::write(claims).map_err(|_| failure("cannot write the claims"))?;
        self.token(&self.access_token_prefix, &payload)
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

/// One public key, and the only name and algorithm under which it is accepted.
struct Verifying {
    kid: Kid,
    algorithm: Algorithm,
    key: PublicKey,
}

impl Verifying {
    fn new(kid: &Kid, algorithm: Algorithm, public_der: &[u8]) -> Result<Self, KeyFailure> {
        let key =
            PublicKey::read(algorithm, public_der).ok_or_else(|| failure("is not a public key of its algorithm"))?;
        Ok(Self {
            kid: kid.clone(),
            algorithm,
            key,
        })
    }

    /// The payload of a token of this kind whose signature is right. Nothing of it is read before (RFC 8725 section 3.3).
    fn payload(&self, token: &str, purpose: KeyPurpose) -> Result<Vec<u8>, TokenFault> {
        let compact = Compact::read(token)?;
        let mut buffer = token_form::header_buffer();
        let header = compact.header(purpose, &mut buffer)?;
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
        WireClaims::read(&self.payload(token, KeyPurpose::AccessToken)?)
    }

    fn verify_orion(&self, token: &str) -> Result<OrionClaims, TokenFault> {
        let payload = self.payload(token, KeyPurpose::Orion)?;
        if self.algorithm != ORION_ALGORITHM {
            return Err(TokenFault::UnknownKey);
        }
        WireOrion::read(&payload)
    }

    fn jwk(&self) -> PublicJwk {
        jwk::of(&self.kid, self.algorithm, self.key.numbers())
    }
}
