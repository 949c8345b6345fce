//! Access tokens as the rest of the world sees them: read and verified by code that is not the service's, and forged.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde_json::Value;

/// The header of a token, not verified.
#[track_caller]
pub fn header(token: &str) -> Value {
    part(token, 0)
}

/// The claims of a token, not verified.
#[track_caller]
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

#[track_caller]
fn part(token: &str, place: usize) -> Value {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "not a compact JWS: {token}");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[place]).unwrap()).unwrap()
}

/// Verifies a token as a resource does that knows only the published keys, the issuer and itself, and gives the claims.
/// Times are not judged: the service may live by another clock.
pub fn verify(jwks: &Value, token: &str, issuer: &str, audience: &str) -> Result<Value, String> {
    let header = header(token);
    let keys = jwks["keys"].as_array().ok_or("no keys")?;
    let jwk = keys
        .iter()
        .find(|key| key["kid"] == header["kid"])
        .ok_or("no such key")?;
    if jwk["alg"] != header["alg"] {
        return Err("the key is for another algorithm".to_owned());
    }
    let algorithm: Algorithm = jwk["alg"]
        .as_str()
        .ok_or("no alg")?
        .parse()
        .map_err(|error| format!("alg: {error}"))?;
    let key: Jwk = serde_json::from_value(jwk.clone()).map_err(|error| format!("key: {error}"))?;
    let key = DecodingKey::from_jwk(&key).map_err(|error| format!("key: {error}"))?;
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    (validation.validate_exp, validation.validate_nbf) = (false, false);
    let decoded = jsonwebtoken::decode::<Value>(token, &key, &validation).map_err(|error| error.to_string())?;
    Ok(decoded.claims)
}

/// A token of these parts, unsigned.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// A token of these parts, signed with `key`.
pub fn forge(header: &Value, claims: &Value, algorithm: Algorithm, key: &EncodingKey) -> String {
    let signed = unsigned(header, claims);
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), key, algorithm).unwrap();
    format!("{signed}.{signature}")
}
