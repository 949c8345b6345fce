//! Makes, reads and uses the keys of tokens: JSON Web Signatures in their compact form (RFC 7515).
//!
//! Signing is `jsonwebtoken`'s. Verification is strict and our own: a token is only what this service itself would have
//! written, so everything that RFC 7515 allows besides is refused. Signatures are checked by AWS-LC with a key that is parsed
//! once, because this happens on every call of a resource.

use std::sync::Arc;

use application::ports::{KeyFailure, KeyMaterial, SigningHandle, TokenKeys, VerifyingHandle};
use async_trait::async_trait;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use domain::claims::TokenFault;
use domain::signing_key::{Algorithm, KeyPurpose, Kid};
use jsonwebtoken::EncodingKey;
use zeroize::Zeroizing;

#[cfg(test)]
use self::fixtures::prelude::*;
use self::signing::Signing;
use self::token_form::{Compact, Kind};
use self::verifying::Verifying;
use crate::der::{Reader, tag};

mod actor;
#[cfg(test)]
mod attacks;
mod audience;
#[cfg(test)]
mod client_tokens;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod id_tokens;
mod jwk;
pub(crate) mod members;
#[cfg(test)]
mod orion;
#[cfg(test)]
mod payloads;
pub(crate) mod public_key;
#[cfg(test)]
mod round_trip;
mod signing;
pub(crate) mod token_form;
#[cfg(test)]
mod vectors;
mod verifying;
pub(crate) mod wire_claims;
mod wire_client;
mod wire_id_token;
mod wire_logout;
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
        let header = Compact::read(token)?.header(Kind::read_with(purpose), &mut buffer)?;
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
pub(crate) const fn signature_algorithm(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
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

pub(crate) fn encoding_key(algorithm: Algorithm, private_der: &[u8]) -> Option<EncodingKey> {
    Some(match algorithm {
        Algorithm::Es256 => EncodingKey::from_ec_der(private_der),
        Algorithm::EdDsa => EncodingKey::from_ed_der(private_der),
        Algorithm::Rs256 | Algorithm::Ps256 => EncodingKey::from_rsa_der(rsa_private_key(private_der)?),
    })
}
