//! The claims of ID tokens as JSON (OpenID Connect Core section 2).

use domain::claims::TokenFault;
use domain::client::ClientId;
use domain::id::{SessionId, UserId};
use domain::id_token::{ClaimValue, IdTokenClaims};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::members::Members;
use super::token_form::read_object;
use super::wire_claims::{date, proved};

/// Writes what the token says of itself, and after it what it says of the person.
pub(super) struct WireIdToken<'claims>(pub(super) &'claims IdTokenClaims);

impl Serialize for WireIdToken<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let claims = self.0;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("iss", &claims.issuer)?;
        object.serialize_entry("sub", &claims.subject.to_string())?;
        object.serialize_entry("aud", claims.client.as_str())?;
        object.serialize_entry("exp", &claims.expires_at.seconds())?;
        object.serialize_entry("iat", &claims.issued_at.seconds())?;
        object.serialize_entry("auth_time", &claims.proved.at().seconds())?;
        object.serialize_entry("acr", claims.proved.assurance().acr())?;
        object.serialize_entry("amr", &claims.proved.amr())?;
        object.serialize_entry("sid", &claims.session.to_string())?;
        let optional = [
            ("nonce", &claims.nonce),
            ("at_hash", &claims.access_token_hash),
            ("c_hash", &claims.code_hash),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                object.serialize_entry(name, value)?;
            }
        }
        for (name, value) in &claims.person {
            object.serialize_entry(name, &WireValue(value))?;
        }
        object.end()
    }
}

struct WireValue<'value>(&'value ClaimValue);

impl Serialize for WireValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ClaimValue::Text(text) => serializer.serialize_str(text),
            ClaimValue::Flag(flag) => serializer.serialize_bool(*flag),
            ClaimValue::Number(number) => serializer.serialize_i64(*number),
            ClaimValue::Texts(texts) => texts.serialize(serializer),
            ClaimValue::Members(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (name, text) in members {
                    object.serialize_entry(name, text)?;
                }
                object.end()
            }
        }
    }
}

/// Reads a payload whose signature was right. Who issued it, for whom and when is not judged here.
pub(super) fn read(payload: &[u8]) -> Result<IdTokenClaims, TokenFault> {
    let members: Members = read_object(payload)?;
    claims(members)
        .filter(IdTokenClaims::is_sound)
        .ok_or(TokenFault::Malformed)
}

fn claims(mut members: Members) -> Option<IdTokenClaims> {
    let amr = texts(members.take("amr")?)?;
    let amr: Vec<&str> = amr.iter().map(String::as_str).collect();
    let acr = members.text("acr")?;
    Some(IdTokenClaims {
        issuer: members.text("iss")?,
        subject: UserId::parse(&members.text("sub")?)?,
        client: ClientId::parse(&members.text("aud")?).ok()?,
        session: SessionId::parse(&members.text("sid")?)?,
        proved: proved(&amr, &acr, date(members.number("auth_time")?)?)?,
        nonce: members.optional_text("nonce")?,
        access_token_hash: members.optional_text("at_hash")?,
        code_hash: members.optional_text("c_hash")?,
        issued_at: date(members.number("iat")?)?,
        expires_at: date(members.number("exp")?)?,
        // What is left and is no claim about the person makes the token unsound.
        person: members
            .rest()
            .into_iter()
            .map(|(name, value)| Some((name, about_the_person(value)?)))
            .collect::<Option<_>>()?,
    })
}

fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(values) => values.into_iter().map(text).collect(),
        _ => None,
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn about_the_person(value: Value) -> Option<ClaimValue> {
    Some(match value {
        Value::String(text) => ClaimValue::Text(text),
        Value::Bool(flag) => ClaimValue::Flag(flag),
        Value::Number(number) => ClaimValue::Number(number.as_i64()?),
        Value::Array(_) => ClaimValue::Texts(texts(value)?),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| Some((name, text(value)?)));
            ClaimValue::Members(members.collect::<Option<_>>()?)
        }
        Value::Null => return None,
    })
}
