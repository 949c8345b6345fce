//! `/v1/resource`: the resource that ships with the service. It is called all the time, so its answer is written at once,
//! without a tree of values in between.

use application::tokens::Caller;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::Chapter;
use crate::bearer::Bearer;
use crate::json::{DateTime, Id, Prepared};
use crate::problem::{Code, Problem, ResourceProblem};

/// What the token of a call proves.
#[derive(Object, Serialize)]
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
    /// The resource that it is for (`aud`).
    audience: String,
}

impl From<&Caller> for Proof {
    fn from(caller: &Caller) -> Self {
        Self {
            subject: Id::from(&caller.subject),
            username: caller.username.clone(),
            client_id: caller.client_id.clone(),
            scope: caller.scopes.to_string(),
            amr: caller.proved.amr().into_iter().map(str::to_owned).collect(),
            acr: caller.proved.assurance().acr().to_owned(),
            auth_time: caller.proved.at().into(),
            issued_at: caller.issued_at.into(),
            expires_at: caller.expires_at.into(),
            token_id: Id::from(&caller.token),
            session_id: Id::from(&caller.session),
            issuer: caller.issuer.clone(),
            audience: caller.audience.clone(),
        }
    }
}

/// More than an answer usually takes.
const USUAL_LENGTH: usize = 768;

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
        let mut body = Vec::with_capacity(USUAL_LENGTH);
        serde_json::to_writer(&mut body, &Proof::from(&caller.0)).map_err(|_| Problem::new(Code::InternalError))?;
        Ok(Prepared::new(body))
    }
}
