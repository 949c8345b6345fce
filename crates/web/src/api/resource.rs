//! `/v1/resource`: the resource that ships with the service. It is called all the time, so its answer is written at once,
//! without copies and without a tree of values in between.

use application::App;
use application::tokens::Caller;
use domain::claims::Claims;
use poem::http::HeaderMap;
use poem::{IntoResponse, Response};
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use crate::bearer::{self, Bearer};
use crate::json::{DateTime, Id, Prepared, write_instant};
use crate::problem::{Code, Problem, ResourceProblem};

/// What the token of a call proves.
#[derive(Object)]
pub(crate) struct Proof {
    /// The account (`sub`).
    subject: Id,
    /// The name it logs in with.
    username: String,
    /// The client application that the token was issued to.
    client_id: String,
    /// What the token may be used for.
    scope: String,
    /// Which factors were proved: `pwd` for the password, `secret_key` for the secret key.
    amr: Vec<String>,
    /// What they are worth together.
    acr: String,
    /// When they were proved.
    auth_time: DateTime,
    /// When the token was issued.
    issued_at: DateTime,
    /// When the token expires.
    expires_at: DateTime,
    /// The token (`jti`).
    token_id: Id,
    /// The session that it was issued from (`sid`).
    session_id: Id,
    /// Who issued it (`iss`).
    issuer: String,
    /// The resource that it is for (`aud`); several are separated by spaces.
    audience: String,
}

/// More than an answer usually takes.
const USUAL_LENGTH: usize = 768;

/// Writes a [`Proof`], straight from what was proved.
fn write(claims: &Claims) -> serde_json::Result<Vec<u8>> {
    let (mut text, mut id) = (Vec::with_capacity(USUAL_LENGTH), [0; 36]);
    text.extend_from_slice(b"{\"subject\":\"");
    text.extend_from_slice(claims.subject.as_uuid().hyphenated().encode_lower(&mut id).as_bytes());
    text.extend_from_slice(b"\",\"username\":");
    serde_json::to_writer(&mut text, &claims.username)?;
    text.extend_from_slice(b",\"client_id\":");
    serde_json::to_writer(&mut text, &claims.client_id)?;
    text.extend_from_slice(b",\"scope\":");
    serde_json::to_writer(&mut text, &claims.scopes.to_string())?;
    text.extend_from_slice(b",\"amr\":");
    serde_json::to_writer(&mut text, &claims.proved.amr())?;
    text.extend_from_slice(b",\"acr\":");
    serde_json::to_writer(&mut text, claims.proved.assurance().acr())?;
    text.extend_from_slice(b",\"auth_time\":\"");
    write_instant(&mut text, claims.proved.at());
    text.extend_from_slice(b"\",\"issued_at\":\"");
    write_instant(&mut text, claims.issued_at);
    text.extend_from_slice(b"\",\"expires_at\":\"");
    write_instant(&mut text, claims.expires_at);
    text.extend_from_slice(b"\",\"token_id\":\"");
    text.extend_from_slice(claims.token.as_uuid().hyphenated().encode_lower(&mut id).as_bytes());
    text.extend_from_slice(b"\",\"session_id\":\"");
    text.extend_from_slice(claims.session.as_uuid().hyphenated().encode_lower(&mut id).as_bytes());
    text.extend_from_slice(b"\",\"issuer\":");
    serde_json::to_writer(&mut text, &claims.issuer)?;
    text.extend_from_slice(b",\"audience\":");
    serde_json::to_writer(&mut text, &claims.audience.join(" "))?;
    text.push(b'}');
    Ok(text)
}

/// The answer to a call with this token.
fn tell(caller: &Caller) -> Result<Prepared<Proof>, ResourceProblem> {
    let body = write(caller).map_err(|_| Problem::new(Code::InternalError))?;
    Ok(Prepared::new(body))
}

/// The operation without the layers of the framework, which cost several times what it does: so the edge answers it itself.
pub(crate) async fn answer(headers: &HeaderMap, app: &App) -> poem::Result<Response> {
    let caller = bearer::caller(headers, app).await.map_err(ResourceProblem::from)?;
    Ok(tell(&caller)?.into_response())
}

/// The address.
pub(crate) const PATH: &str = "/v1/resource";

/// The resource.
pub(crate) struct ResourceApi;

#[OpenApi]
impl ResourceApi {
    /// Call the protected resource
    ///
    /// Answers what the access token proves: who calls, which factors were proved, and when. Any other service can learn the
    /// same from the token itself, with the keys of `/.well-known/jwks.json`.
    #[oai(
        path = "/v1/resource",
        method = "get",
        operation_id = "getResource",
        tag = "Chapter::Resource"
    )]
    #[expect(clippy::unused_async, reason = "the framework awaits every operation")]
    async fn get(&self, caller: Bearer) -> Result<Prepared<Proof>, ResourceProblem> {
        tell(&caller.0)
    }
}

#[cfg(test)]
mod tests {
    use domain::claims::Use;
    use domain::factor::{FactorType, Proved};
    use domain::id::{SessionId, TokenId, UserId};
    use domain::scope::Scopes;
    use domain::time::Timestamp;
    use domain::user::Epoch;
    use serde_json::{Value, json};

    use super::*;
    use crate::json;

    fn claims(text: &str) -> Claims {
        let at = Timestamp::from_seconds(1_700_000_000);
        Claims {
            issuer: format!("i{text}"),
            subject: UserId::from_random([1; 16]),
            audience: vec![format!("a{text}")],
            client_id: format!("c{text}"),
            actor: None,
            scopes: Scopes::parse_own("admin account").unwrap(),
            token: TokenId::from_random([2; 16]),
            session: SessionId::from_random([3; 16]),
            proved: Proved::new(vec![FactorType::SecretKey, FactorType::Password], at),
            username: format!("u{text}"),
            epoch: Epoch(0),
            usage: Use::Many,
            issued_at: Timestamp::from_micros(at.micros() + 1_500_000),
            not_before: at,
            expires_at: Timestamp::from_micros(i64::MAX),
        }
    }

    #[test]
    fn what_is_written_is_what_the_document_shows() {
        for text in ["", "\"", "\\", "\n\u{1}", "é\u{2028}"] {
            let written = write(&claims(text)).unwrap();
            assert!(
                json::read::<Proof>(&written).is_ok(),
                "{}",
                String::from_utf8_lossy(&written)
            );
            let value: Value = serde_json::from_slice(&written).unwrap();
            let expected = json!({
                "subject": "01010101-0101-4101-8101-010101010101",
                "username": format!("u{text}"),
                "client_id": format!("c{text}"),
                "scope": "account admin",
                "amr": ["pwd", "secret_key"],
                "acr": "urn:countersign:acr:pwd+key",
                "auth_time": "2023-11-14T22:13:20Z",
                "issued_at": "2023-11-14T22:13:21.5Z",
                "expires_at": "9999-12-31T23:59:59Z",
                "token_id": "02020202-0202-4202-8202-020202020202",
                "session_id": "03030303-0303-4303-8303-030303030303",
                "issuer": format!("i{text}"),
                "audience": format!("a{text}"),
            });
            assert_eq!(value, expected);
        }
    }
}
