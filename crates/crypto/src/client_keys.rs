//! What clients sign with keys of their own (RFC 7523). As strict as with our own tokens where it is about the signature; a
//! payload may say more than is asked, because others write it.

use std::sync::Arc;

use application::ports::client_keys::JWKS_MAX;
use application::ports::{ClientKeySet, ClientKeys, JwksFault};
use domain::claims::TokenFault;
use domain::client::ClientId;
use domain::client_assertion::ClientAssertion;
use domain::signing_key::Algorithm;
use domain::time::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use self::jwk_set::ClientKey;
use crate::token_keys::members::Members;
use crate::token_keys::token_form::{Compact, header_buffer, read_object};
use crate::token_keys::wire_claims::LAST_SECOND;

mod jwk_set;
#[cfg(test)]
mod tests;

/// The types that an assertion may have. It may also have none: RFC 7523 names none, and most clients write `JWT`.
const TYPES: [&str; 4] = [
    "JWT",
    "application/jwt",
    "client-authentication+jwt",
    "application/client-authentication+jwt",
];

/// The most audiences of an assertion.
const AUDIENCES_MAX: usize = 16;

/// Reads key sets of clients.
#[derive(Debug, Clone, Copy, Default)]
pub struct JwkSets;

impl ClientKeys for JwkSets {
    fn read(&self, jwks: &str) -> Result<Arc<dyn ClientKeySet>, JwksFault> {
        if jwks.len() > JWKS_MAX {
            return Err(JwksFault::TooLong);
        }
        Ok(Arc::new(KeySet(jwk_set::read(jwks)?)))
    }

    fn client_of(&self, assertion: &str) -> Result<ClientId, TokenFault> {
        let payload = Compact::read(assertion)?.payload()?;
        let claims = claims(&payload)?;
        if claims.issuer != claims.subject {
            return Err(TokenFault::Malformed);
        }
        ClientId::parse(&claims.subject).map_err(|_| TokenFault::Malformed)
    }
}

/// The keys of a client that can be used.
struct KeySet(Vec<ClientKey>);

impl KeySet {
    /// The key for an assertion: the one of this name, or the only one for the algorithm if the client names none or has given
    /// it no name.
    fn key(&self, algorithm: Algorithm, kid: Option<&str>) -> Option<&ClientKey> {
        let mut fitting = self.0.iter().filter(|key| key.verifier(algorithm).is_some());
        let named = kid.and_then(|kid| self.0.iter().find(|key| key.kid.as_deref() == Some(kid)));
        match (named, fitting.next(), fitting.next()) {
            (Some(named), ..) => Some(named),
            (None, Some(only), None) if kid.is_none() || only.kid.is_none() => Some(only),
            _ => None,
        }
    }
}

impl ClientKeySet for KeySet {
    fn verify(&self, assertion: &str) -> Result<ClientAssertion, TokenFault> {
        let compact = Compact::read(assertion)?;
        let mut buffer = header_buffer();
        let header: Header = compact.header_as(&mut buffer)?;
        if let Some(typ) = &header.typ
            && !TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known))
        {
            return Err(TokenFault::Malformed);
        }
        let algorithm = Algorithm::from_name(&header.alg).ok_or(TokenFault::UnknownKey)?;
        let verifier = self
            .key(algorithm, header.kid.as_deref())
            .and_then(|key| key.verifier(algorithm))
            .ok_or(TokenFault::UnknownKey)?;
        let (payload, signature) = (compact.payload()?, compact.signature()?);
        verifier.verify(compact.signed(), &signature)?;
        claims(&payload)
    }
}

/// The header. These are all members that it may have: whatever names a key or changes the meaning is refused without a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    alg: String,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
}

/// `null` is not the same as absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// Reads the claims of an assertion. Whether they are to be believed is not judged here.
fn claims(payload: &[u8]) -> Result<ClientAssertion, TokenFault> {
    let members: Members = read_object(payload)?;
    assertion(members).ok_or(TokenFault::Malformed)
}

fn assertion(mut members: Members) -> Option<ClientAssertion> {
    Some(ClientAssertion {
        issuer: members.text("iss")?,
        subject: members.text("sub")?,
        audience: audience(members.take("aud")?)?,
        id: members.text("jti")?,
        expires_at: date(&members.take("exp")?)?,
        issued_at: optional_date(members.take("iat"))?,
        not_before: optional_date(members.take("nbf"))?,
    })
}

fn audience(value: Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(several) if (1..=AUDIENCES_MAX).contains(&several.len()) => {
            let texts = several.into_iter().map(|value| match value {
                Value::String(text) => Some(text),
                _ => None,
            });
            texts.collect()
        }
        _ => None,
    }
}

/// A `NumericDate`, which may have a fraction (RFC 7519 section 2). It is rounded down to the second.
fn date(value: &Value) -> Option<Timestamp> {
    let Value::Number(number) = value else { return None };
    let seconds = match number.as_i64() {
        Some(whole) => whole,
        None => {
            let since_epoch = std::time::Duration::try_from_secs_f64(number.as_f64()?).ok()?;
            i64::try_from(since_epoch.as_secs()).ok()?
        }
    };
    (0..=LAST_SECOND)
        .contains(&seconds)
        .then(|| Timestamp::from_seconds(seconds))
}

#[expect(clippy::option_option, reason = "wrong and absent are two things")]
fn optional_date(value: Option<Value>) -> Option<Option<Timestamp>> {
    match value {
        None => Some(None),
        Some(value) => date(&value).map(Some),
    }
}
