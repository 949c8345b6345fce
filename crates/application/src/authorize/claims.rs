//! The parameter `claims`: claims by name, and what must be true of the login (OpenID Connect Core section 5.5).

use domain::authorization::RequestedClaims;
use domain::id::UserId;
use domain::scope::{Scope, Scopes};
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::tokens::person;

/// The longest value that is read, in bytes.
const CLAIMS_MAX: usize = 4_096;

/// What the parameter asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asked {
    /// Claims about the person that can be had.
    pub names: RequestedClaims,
    /// Values of `acr` one of which must be reached (section 5.5.1.1).
    pub essential_acr: Vec<String>,
    /// Values of `acr` that would be welcome.
    pub welcome_acr: Vec<String>,
    /// Who must be logged in.
    pub subject: Option<UserId>,
}

impl Asked {
    /// Leaves out the claims whose scope is not among these.
    pub fn keep_within(&mut self, allowed: &Scopes) {
        let is_allowed = |name: &String| person::scope_of(name).is_some_and(|scope| allowed.contains(&scope));
        self.names.userinfo.retain(is_allowed);
        self.names.id_token.retain(is_allowed);
    }

    /// The scopes that the claims about the person are part of.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        let names = self.names.userinfo.iter().chain(&self.names.id_token);
        names.filter_map(|name| person::scope_of(name))
    }
}

/// Reads it.
pub(super) fn parse(text: &str) -> Result<Asked, Fault> {
    let malformed = || Fault::invalid("claims must be a JSON object as in OpenID Connect Core section 5.5");
    if text.len() > CLAIMS_MAX {
        return Err(Fault::invalid("claims is too long"));
    }
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(text) else {
        return Err(malformed());
    };
    let empty = Map::new();
    let part = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(&empty),
        Some(Value::Object(part)) => Ok(part),
        Some(_) => Err(malformed()),
    };
    let (userinfo, id_token) = (part("userinfo")?, part("id_token")?);
    let mut asked = Asked {
        names: RequestedClaims {
            userinfo: names(userinfo),
            id_token: names(id_token),
        },
        ..Asked::default()
    };
    if let Some(acr) = id_token.get("acr") {
        let values = values(acr).ok_or_else(malformed)?;
        if acr.get("essential") == Some(&Value::Bool(true)) {
            asked.essential_acr = values;
        } else {
            asked.welcome_acr = values;
        }
    }
    if let Some(subject) = id_token.get("sub").and_then(|sub| sub.get("value")) {
        let id = subject.as_str().and_then(UserId::parse);
        asked.subject = Some(id.ok_or_else(|| Fault::invalid("claims names a subject that cannot be"))?);
    }
    Ok(asked)
}

fn names(part: &Map<String, Value>) -> Vec<String> {
    person::supported()
        .filter(|name| part.contains_key(*name))
        .map(str::to_owned)
        .collect()
}

/// The values of `value` or `values`; none for a claim that is asked for without any.
fn values(claim: &Value) -> Option<Vec<String>> {
    let texts = |values: &[Value]| values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
    match (claim, claim.get("value"), claim.get("values")) {
        (Value::Null, ..) | (Value::Object(_), None, None) => Some(Vec::new()),
        (Value::Object(_), Some(Value::String(value)), None) => Some(vec![value.clone()]),
        (Value::Object(_), None, Some(Value::Array(values))) => texts(values),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_read() {
        let text = r#"{"userinfo": {"given_name": {"essential": true}, "email": {"essential": true}, "name": null},
            "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}}}"#;
        let asked = parse(text).unwrap();
        assert_eq!(asked.names.userinfo, ["name", "email"]);
        assert!(asked.names.id_token.is_empty() && asked.essential_acr.is_empty());
        assert_eq!(asked.welcome_acr, ["urn:mace:incommon:iap:silver"]);
    }

    #[test]
    fn an_essential_acr_is_told_from_a_welcome_one() {
        let asked = parse(r#"{"id_token": {"acr": {"essential": true, "value": "x"}}}"#).unwrap();
        assert_eq!((asked.essential_acr, asked.welcome_acr), (vec!["x".to_owned()], vec![]));
    }

    #[test]
    fn what_is_no_such_object_is_refused() {
        let deep = format!("{}{}", "[".repeat(3_000), "]");
        for text in [
            "",
            "[]",
            "1",
            "{",
            r#"{"id_token": []}"#,
            r#"{"id_token": {"acr": {"values": [1]}}}"#,
            r#"{"id_token": {"sub": {"value": "alice"}}}"#,
            &deep,
            &" ".repeat(5_000),
        ] {
            assert!(parse(text).is_err(), "{text:.20}");
        }
    }
}
