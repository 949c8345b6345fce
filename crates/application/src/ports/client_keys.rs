//! The public keys of clients, and what clients sign with the other halves (RFC 7523). These keys are strangers': they are
//! never in the ring, and nothing that is signed with them is a token of ours.

use std::sync::Arc;

use domain::claims::TokenFault;
use domain::client::ClientId;
use domain::client_assertion::ClientAssertion;

/// The longest key set, in bytes.
pub const JWKS_MAX: usize = 16 * 1024;
/// The most keys in a set.
pub const JWKS_KEYS_MAX: usize = 10;

/// Why a text is no key set of a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwksFault {
    /// It is longer than [`JWKS_MAX`].
    #[error("is longer than 16384 bytes")]
    TooLong,
    /// It is no JSON object with a list of keys, or a member occurs twice.
    #[error("is not a JSON Web Key Set: an object with a member `keys`, a list of objects with each member once")]
    Malformed,
    /// There are more keys than [`JWKS_KEYS_MAX`].
    #[error("has more than 10 keys")]
    TooMany,
    /// A key has private or secret members. Whoever sends it has given it away.
    #[error("has a private or symmetric key at place {0}, which must be replaced: it was given away")]
    Private(usize),
    /// A key of a type that is known here cannot be used, or is too weak.
    #[error("has a key at place {0} that cannot be used: RSA of 2048 to 8192 bit, P-256 and Ed25519 can")]
    Unusable(usize),
    /// Two keys have the same name.
    #[error("has two keys with the same `kid`")]
    SameName,
    /// No key that signs with an algorithm that is known here.
    #[error("has no key for RS256, PS256, ES256 or EdDSA")]
    Empty,
}

/// The keys of one client.
pub trait ClientKeySet: Send + Sync {
    /// Checks form, header and signature of an assertion and reads its claims. The key is the one that the header names, or the
    /// only one; it MUST be for the algorithm of the header. MUST refuse: `none` and symmetric algorithms, a `typ` that is
    /// neither absent nor that of an assertion, any other header member, repeated names, claims that are missing or of another
    /// type. Time, audience and the client's name are not checked here
    /// (`domain::client_assertion::AssertionExpectation`).
    fn verify(&self, assertion: &str) -> Result<ClientAssertion, TokenFault>;
}

/// Reads keys of clients.
pub trait ClientKeys: Send + Sync {
    /// Reads a JWK Set (RFC 7517 section 5). Keys of types that are not known here and keys for encryption are passed over.
    fn read(&self, jwks: &str) -> Result<Arc<dyn ClientKeySet>, JwksFault>;

    /// The client that an assertion claims to be of, to look its keys up. Nothing of the assertion is believed yet.
    fn client_of(&self, assertion: &str) -> Result<ClientId, TokenFault>;
}
