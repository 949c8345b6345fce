//! The public key as a JSON Web Key (RFC 7517; RFC 7518 section 6; RFC 8037 section 2).

use application::ports::PublicJwk;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::signing_key::{Algorithm, Kid};

use super::public_key::Numbers;

/// The members of the JWK, in the order in which they are published.
pub(super) fn of(kid: &Kid, algorithm: Algorithm, numbers: &Numbers) -> PublicJwk {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let kty = match numbers {
        Numbers::P256 { .. } => "EC",
        Numbers::Ed25519 { .. } => "OKP",
        Numbers::Rsa { .. } => "RSA",
    };
    let mut members = vec![
        ("kty", kty.to_owned()),
        ("use", "sig".to_owned()),
        ("alg", algorithm.name().to_owned()),
        ("kid", kid.as_str().to_owned()),
    ];
    match numbers {
        // Coordinates keep their leading zeros (RFC 7518 section 6.2.1.2), numbers do not (section 2, Base64urlUInt).
        Numbers::P256 { x, y } => {
            members.extend([("crv", "P-256".to_owned()), ("x", encode(x)), ("y", encode(y))]);
        }
        Numbers::Ed25519 { x } => members.extend([("crv", "Ed25519".to_owned()), ("x", encode(x))]),
        Numbers::Rsa { n, e } => members.extend([("n", encode(n)), ("e", encode(e))]),
    }
    PublicJwk { members }
}
