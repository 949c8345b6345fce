//! Public keys: their DER form, their numbers, and the one function that checks every signature.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    VerificationAlgorithm,
};
use domain::claims::TokenFault;
use domain::signing_key::Algorithm;

use crate::der::{self, Reader, tag};

// The content of `AlgorithmIdentifier`. There is one encoding of each, so a key of another type is told by comparing.
/// id-ecPublicKey with secp256r1 (RFC 5480 section 2.1.1).
const P256_IDENTIFIER: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// id-Ed25519, without parameters (RFC 8410 section 3).
const ED25519_IDENTIFIER: &[u8] = b"\x06\x03\x2b\x65\x70";
/// rsaEncryption with NULL (RFC 3279 section 2.3.1).
const RSA_IDENTIFIER: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// What a public key consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// A point on P-256.
    P256 { x: [u8; 32], y: [u8; 32] },
    /// A point on edwards25519, in its encoding.
    Ed25519 { x: [u8; 32] },
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Numbers {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 section 4.1) of the type that the algorithm needs.
    fn read(algorithm: Algorithm, spki: &[u8]) -> Option<Self> {
        let mut outer = Reader::new(spki);
        let mut fields = Reader::new(outer.element(tag::SEQUENCE)?);
        let identifier = fields.element(tag::SEQUENCE)?;
        // The first byte of a bit string counts the unused bits of its last byte; keys are whole bytes.
        let key = fields.element(tag::BIT_STRING)?.strip_prefix(&[0])?;
        if !outer.is_at_end() || !fields.is_at_end() {
            return None;
        }
        match algorithm {
            Algorithm::Es256 if identifier == P256_IDENTIFIER => {
                // 4: the uncompressed form (SEC 1 section 2.3.3).
                let (x, y) = key.strip_prefix(&[4])?.split_first_chunk()?;
                Some(Self::P256 {
                    x: *x,
                    y: y.try_into().ok()?,
                })
            }
            Algorithm::EdDsa if identifier == ED25519_IDENTIFIER => Some(Self::Ed25519 {
                x: key.try_into().ok()?,
            }),
            Algorithm::Rs256 | Algorithm::Ps256 if identifier == RSA_IDENTIFIER => {
                let mut key = Reader::new(key);
                let mut numbers = Reader::new(key.element(tag::SEQUENCE)?);
                let (n, e) = (numbers.positive_integer()?, numbers.positive_integer()?);
                (key.is_at_end() && numbers.is_at_end()).then(|| Self::Rsa {
                    n: n.to_vec(),
                    e: e.to_vec(),
                })
            }
            _ => None,
        }
    }
}

impl Numbers {
    /// Writes the `SubjectPublicKeyInfo` that [`Numbers::read`] reads. `None` for numbers that no key has.
    pub(crate) fn spki(&self) -> Option<Vec<u8>> {
        let (identifier, key) = match self {
            Self::P256 { x, y } => (P256_IDENTIFIER, [&[4][..], x, y].concat()),
            Self::Ed25519 { x } => (ED25519_IDENTIFIER, x.to_vec()),
            Self::Rsa { n, e } => {
                let numbers = [der::write_positive_integer(n)?, der::write_positive_integer(e)?];
                (RSA_IDENTIFIER, der::write(tag::SEQUENCE, &[&numbers.concat()])?)
            }
        };
        let identifier = der::write(tag::SEQUENCE, &[identifier])?;
        let key = der::write(tag::BIT_STRING, &[&[0], &key])?;
        der::write(tag::SEQUENCE, &[&identifier, &key])
    }
}

/// A public key that was parsed, for one algorithm.
pub(crate) struct PublicKey {
    parsed: ParsedPublicKey,
    numbers: Numbers,
}

impl PublicKey {
    /// Reads a key in DER. `None` if it is no key of the type that the algorithm needs, or a weak one: RSA below 2048 bit, a
    /// point that is not on the curve.
    pub(crate) fn read(algorithm: Algorithm, spki: &[u8]) -> Option<Self> {
        let numbers = Numbers::read(algorithm, spki)?;
        if let Numbers::Rsa { n, .. } = &numbers
            && n.len() < 256
        {
            return None;
        }
        let scheme: &'static dyn VerificationAlgorithm = match algorithm {
            // The fixed form of 64 bytes (RFC 7518 section 3.4); ASN.1 signatures are not accepted.
            Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            // The salt is as long as the hash (RFC 7518 section 3.5).
            Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Algorithm::EdDsa => &ED25519,
        };
        Some(Self {
            parsed: ParsedPublicKey::new(scheme, spki).ok()?,
            numbers,
        })
    }

    /// Checks a signature. This is the only place that does.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), TokenFault> {
        self.parsed
            .verify_sig(message, signature)
            .map_err(|_| TokenFault::Signature)
    }

    pub(crate) const fn numbers(&self) -> &Numbers {
        &self.numbers
    }
}
