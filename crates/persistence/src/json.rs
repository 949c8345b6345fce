//! Columns that hold JSON: what is only ever read whole. A value that this program does not know is a failure, never a guess.

use std::time::Duration;

use domain::authorization::{ClientRequest, CodeChallenge, CompletedLogin, RequestedClaims};
use domain::id::{AuthenticatorId, SessionId, UserId};
use domain::user::Epoch;
use sea_orm::DbErr;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::factors;
use crate::row::{client_id, scopes, unreadable};

pub(crate) fn write(column: &'static str, value: &impl Serialize) -> Result<String, DbErr> {
    serde_json::to_string(value).map_err(|_| unreadable(column))
}

pub(crate) fn read<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, DbErr> {
    serde_json::from_str(text).map_err(|_| unreadable(column))
}

/// Claims that were asked for by name. The defaults are those of sessions from before there were any.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimsText {
    #[serde(default)]
    userinfo: Vec<String>,
    #[serde(default)]
    id_token: Vec<String>,
}

impl ClaimsText {
    pub(crate) fn of(claims: &RequestedClaims) -> Self {
        Self {
            userinfo: claims.userinfo.clone(),
            id_token: claims.id_token.clone(),
        }
    }

    pub(crate) fn claims(self) -> RequestedClaims {
        RequestedClaims {
            userinfo: self.userinfo,
            id_token: self.id_token,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestText {
    client: String,
    scopes: String,
    audience: Vec<String>,
    challenge: Option<String>,
    nonce: Option<String>,
    claims: ClaimsText,
    max_age: Option<Duration>,
}

pub(crate) fn request_text(column: &'static str, request: &ClientRequest) -> Result<String, DbErr> {
    let text = RequestText {
        client: request.client.to_string(),
        scopes: request.scopes.to_string(),
        audience: request.audience.clone(),
        challenge: request.challenge.as_ref().map(CodeChallenge::text),
        nonce: request.nonce.clone(),
        claims: ClaimsText::of(&request.claims),
        max_age: request.max_age,
    };
    write(column, &text)
}

pub(crate) fn request(column: &'static str, text: &str) -> Result<ClientRequest, DbErr> {
    let text: RequestText = read(column, text)?;
    let challenge = text.challenge.map(|text| CodeChallenge::parse(&text).ok_or(text));
    Ok(ClientRequest {
        client: client_id(column, &text.client)?,
        scopes: scopes(column, &text.scopes)?,
        audience: text.audience,
        challenge: challenge.transpose().map_err(|_| unreadable(column))?,
        nonce: text.nonce,
        claims: text.claims.claims(),
        max_age: text.max_age,
    })
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginText {
    user: Uuid,
    epoch: i64,
    factors: String,
    proved_at: i64,
    authenticator: Option<Uuid>,
    parent: Option<Uuid>,
}

pub(crate) fn login_text(column: &'static str, login: &CompletedLogin) -> Result<String, DbErr> {
    let text = LoginText {
        user: login.user.as_uuid(),
        epoch: login.epoch.0,
        factors: factors::text(&login.proved),
        proved_at: login.proved.at().micros(),
        authenticator: login.authenticator.map(|id| id.as_uuid()),
        parent: login.parent.map(|id| id.as_uuid()),
    };
    write(column, &text)
}

pub(crate) fn login(column: &'static str, text: &str) -> Result<CompletedLogin, DbErr> {
    let text: LoginText = read(column, text)?;
    Ok(CompletedLogin {
        user: UserId::from_uuid(text.user),
        epoch: Epoch(text.epoch),
        proved: factors::proved(column, &text.factors, text.proved_at)?,
        authenticator: text.authenticator.map(AuthenticatorId::from_uuid),
        parent: text.parent.map(SessionId::from_uuid),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = r#"{"client":"app","scopes":"openid","audience":[],"challenge":null,"nonce":null,
        "claims":{"userinfo":[],"id_token":[]},"max_age":null}"#;

    #[test]
    fn a_request_that_this_program_does_not_know_is_unreadable() {
        assert_eq!(request("codes.request", REQUEST).unwrap().client.as_str(), "app");
        for (known, unknown) in [
            (r#""nonce":null"#, r#""nonce":null,"proof":"dpop""#),
            (r#""client":"app""#, r#""client":"two apps""#),
            (r#""challenge":null"#, r#""challenge":"plain""#),
            (r#""scopes":"openid","#, ""),
        ] {
            let text = REQUEST.replace(known, unknown);
            assert_ne!(text, REQUEST);
            let error = request("codes.request", &text).unwrap_err().to_string();
            assert!(error.contains("codes.request"), "{error}");
        }
    }

    #[test]
    fn sessions_from_before_there_were_claims_asked_for_none() {
        let claims = read::<ClaimsText>("sessions.claims", "{}").unwrap().claims();
        assert_eq!(claims, RequestedClaims::default());
    }
}
