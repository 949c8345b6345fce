//! Reading a JWK Set of a client (RFC 7517 section 5; RFC 7518 section 6; RFC 8037 section 2).

use application::ports::JwksFault;
use application::ports::client_keys::JWKS_KEYS_MAX;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::signing_key::Algorithm;
use serde::Deserialize;
use serde_json::Value;

use crate::token_keys::members::Members;
use crate::token_keys::public_key::{Numbers, PublicKey};
use crate::token_keys::token_form::read_object;

/// Members that only private and symmetric keys have.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The longest name of a key, in bytes.
const KID_MAX: usize = 256;

/// A key that can be used, for each algorithm that it is for.
pub(super) struct ClientKey {
    pub(super) kid: Option<String>,
    verifiers: Vec<(Algorithm, PublicKey)>,
}

impl ClientKey {
    /// What checks signatures of that algorithm with this key, if it is for it (RFC 8725 section 3.1).
    pub(super) fn verifier(&self, algorithm: Algorithm) -> Option<&PublicKey> {
        let mut verifiers = self.verifiers.iter();
        verifiers.find(|(of, _)| *of == algorithm).map(|(_, key)| key)
    }
}

/// The set. Members that are not known are passed over, as RFC 7517 section 5 has it.
#[derive(Deserialize)]
struct WireSet {
    keys: Vec<Members>,
}

/// Reads the keys that can be used; there is at least one.
pub(super) fn read(jwks: &str) -> Result<Vec<ClientKey>, JwksFault> {
    let set: WireSet = read_object(jwks.as_bytes()).map_err(|_| JwksFault::Malformed)?;
    if set.keys.len() > JWKS_KEYS_MAX {
        return Err(JwksFault::TooMany);
    }
    let mut keys: Vec<ClientKey> = Vec::new();
    for (place, members) in set.keys.into_iter().enumerate() {
        let Some(key) = key(place, members)? else { continue };
        if key.kid.is_some() && keys.iter().any(|other| other.kid == key.kid) {
            return Err(JwksFault::SameName);
        }
        keys.push(key);
    }
    if keys.is_empty() {
        Err(JwksFault::Empty)
    } else {
        Ok(keys)
    }
}

/// One key; `None` if it is for something else or of a type that is not known here.
fn key(place: usize, mut members: Members) -> Result<Option<ClientKey>, JwksFault> {
    let kty = members.text("kty").ok_or(JwksFault::Malformed)?;
    // Looked at first: also a key for something else must not be given away.
    if kty == "oct" || PRIVATE.iter().any(|name| members.has(name)) {
        return Err(JwksFault::Private(place));
    }
    let mut optional = |name| members.optional_text(name).ok_or(JwksFault::Malformed);
    let (usage, alg, kid) = (optional("use")?, optional("alg")?, optional("kid")?);
    if kid.as_ref().is_some_and(|kid| kid.len() > KID_MAX) {
        return Err(JwksFault::Malformed);
    }
    let signs = usage.is_none_or(|usage| usage == "sig") && verifies(members.take("key_ops"))?;
    let named = alg.as_deref().map(Algorithm::from_name);
    if !signs || named == Some(None) {
        return Ok(None);
    }
    let Some((numbers, algorithms)) = numbers(&kty, members, place)? else {
        return Ok(None);
    };
    let spki = numbers.spki().ok_or(JwksFault::Unusable(place))?;
    let is_asked = |algorithm: &&Algorithm| named.flatten().is_none_or(|named| named == **algorithm);
    let verifiers = algorithms
        .iter()
        .filter(is_asked)
        .map(|algorithm| Some((*algorithm, PublicKey::read(*algorithm, &spki)?)))
        .collect::<Option<Vec<_>>>();
    // An algorithm that is not for keys of this type leaves none.
    let verifiers = verifiers
        .filter(|verifiers| !verifiers.is_empty())
        .ok_or(JwksFault::Unusable(place))?;
    Ok(Some(ClientKey { kid, verifiers }))
}

/// Whether a `key_ops` (RFC 7517 section 4.3) allows to check signatures.
fn verifies(key_ops: Option<Value>) -> Result<bool, JwksFault> {
    match key_ops {
        None => Ok(true),
        Some(Value::Array(operations)) => Ok(operations.iter().any(|operation| operation == "verify")),
        Some(_) => Err(JwksFault::Malformed),
    }
}

type Found = (Numbers, &'static [Algorithm]);

/// What the key consists of, and the algorithms of its type.
fn numbers(kty: &str, mut members: Members, place: usize) -> Result<Option<Found>, JwksFault> {
    let curve = members.optional_text("crv").ok_or(JwksFault::Malformed)?;
    let mut bytes = |name| {
        let text = members.text(name);
        let decoded = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        decoded.ok_or(JwksFault::Unusable(place))
    };
    // A coordinate has all its bytes, leading zeros too (RFC 7518 section 6.2.1.2).
    let whole = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map_err(|_| JwksFault::Unusable(place));
    Ok(Some(match (kty, curve.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            (Numbers::Rsa { n, e }, &[Algorithm::Rs256, Algorithm::Ps256])
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (whole(bytes("x")?)?, whole(bytes("y")?)?);
            (Numbers::P256 { x, y }, &[Algorithm::Es256])
        }
        ("OKP", Some("Ed25519")) => {
            let x = whole(bytes("x")?)?;
            (Numbers::Ed25519 { x }, &[Algorithm::EdDsa])
        }
        _ => return Ok(None),
    }))
}
