//! Signing and verifying tokens. Signature, header and the types of the claims are the adapter's; time, issuer and audience
//! are the caller's (`domain::claims::Expectation` for access tokens). Which key is for which kind of token is the ring's.

use std::sync::Arc;

use async_trait::async_trait;
use domain::claims::{Claims, ClientClaims, TokenFault, Verified};
use domain::id_token::{IdTokenClaims, LogoutClaims};
use domain::orion::OrionClaims;
use domain::signing_key::{Algorithm, KeyPurpose, Kid};
use zeroize::Zeroizing;

/// A key could not be made, read or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("signing key: {0}")]
pub struct KeyFailure(pub String);

/// A new key pair.
pub struct KeyMaterial {
    /// PKCS #8 in DER.
    pub private_der: Zeroizing<Vec<u8>>,
    /// `SubjectPublicKeyInfo` in DER.
    pub public_der: Vec<u8>,
}

/// The public half of a key as a JSON Web Key (RFC 7517): names and values of its members, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicJwk {
    /// `kty`, `use`, `alg`, `kid`, and what the key type needs: `crv`, `x`, `y`, `n`, `e`.
    pub members: Vec<(&'static str, String)>,
}

/// Signs with one key.
pub trait SigningHandle: Send + Sync {
    /// The compact JWS of these claims, `typ` `at+jwt`, with `kid` and `alg` of this key.
    fn sign(&self, claims: &Claims) -> Result<String, KeyFailure>;

    /// The same of claims of a client for itself.
    fn sign_client(&self, claims: &ClientClaims) -> Result<String, KeyFailure>;

    /// The compact JWS of these claims, `typ` `JWT`. MUST fail with a key of another algorithm than
    /// `domain::id_token::ID_TOKEN_ALGORITHM`, and with claims that are not sound.
    fn sign_id_token(&self, claims: &IdTokenClaims) -> Result<String, KeyFailure>;

    /// The compact JWS of these claims, `typ` `logout+jwt`. MUST fail when [`SigningHandle::sign_id_token`] would.
    fn sign_logout(&self, claims: &LogoutClaims) -> Result<String, KeyFailure>;

    /// The compact JWS of these claims of the Orion profile, `typ` `JWT`, with `kid` of this key. MUST fail with a key of
    /// another algorithm than `domain::orion::ORION_ALGORITHM`, and with groups that no role has.
    fn sign_orion(&self, claims: &OrionClaims) -> Result<String, KeyFailure>;
}

/// Verifies with one key.
pub trait VerifyingHandle: Send + Sync {
    /// Checks form, header and signature, in this order, and reads the claims. MUST refuse: another algorithm than the key's
    /// own, another `typ`, any header member that names a key or a URL, `crit`, repeated names, claims that are missing or of
    /// another type. Time, issuer and audience are not checked here. A token that a client got for itself is refused: nobody
    /// calls with it in the name of an account.
    fn verify(&self, token: &str) -> Result<Claims, TokenFault>;

    /// The same, and tokens that clients got for themselves are read, too.
    fn verify_any(&self, token: &str) -> Result<Verified, TokenFault>;

    /// The same for an ID token, whose `typ` MUST be `JWT` and which may have claims about the person of any name. No other
    /// token passes for one, also under the same key. Like everywhere here its time is not checked: as a hint
    /// (OpenID Connect Core section 3.1.2.1) it is good after its end.
    fn verify_id_token(&self, token: &str) -> Result<IdTokenClaims, TokenFault>;

    /// The same for a token of the Orion profile, whose `typ` MUST be `JWT`. What [`VerifyingHandle::verify`] accepts MUST be
    /// refused here, and the other way round, also under the same key.
    fn verify_orion(&self, token: &str) -> Result<OrionClaims, TokenFault>;

    /// The public key for the published set.
    fn jwk(&self) -> PublicJwk;
}

/// Makes and reads keys.
#[async_trait]
pub trait TokenKeys: Send + Sync {
    /// Makes a key pair. An RSA key takes a second or two of work, which MUST NOT hold up other requests.
    async fn generate(&self, algorithm: Algorithm) -> Result<KeyMaterial, KeyFailure>;

    /// Prepares a private key for signing.
    fn signing(
        &self,
        kid: &Kid,
        algorithm: Algorithm,
        private_der: &[u8],
    ) -> Result<Arc<dyn SigningHandle>, KeyFailure>;

    /// Prepares a public key for verifying.
    fn verifying(
        &self,
        kid: &Kid,
        algorithm: Algorithm,
        public_der: &[u8],
    ) -> Result<Arc<dyn VerifyingHandle>, KeyFailure>;

    /// The `kid` of a token for this purpose, to choose the key with. Nothing of the token is believed yet: the name is only
    /// compared with names in the ring. A token that is too large, has no such header or the `typ` of another purpose is
    /// malformed.
    fn kid_of(&self, token: &str, purpose: KeyPurpose) -> Result<Kid, TokenFault>;
}
