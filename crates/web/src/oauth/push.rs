//! `POST /auth/par`: authorization requests that a client pushes beforehand (RFC 9126).

use domain::client::Client;
use poem::web::Data;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::client::{ClientHeader, authenticate};
use super::parameters::{Parameters, Sent};
use super::refusal::{LimitedRefusal, OAuthError};
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::{Created, SecretText};

/// What authenticates the client, which is no part of its request.
const OF_THE_CLIENT: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// An authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1).
#[derive(Object)]
#[oai(rename = "PushedAuthorizationRequest", example, skip_serializing_if_is_none)]
pub(super) struct PushParameters {
    /// The client, unless it authenticates with HTTP Basic.
    client_id: Option<String>,
    /// Its secret, if it has one.
    client_secret: Option<SecretText>,
    /// `code`.
    response_type: String,
    /// Where the answer goes.
    redirect_uri: Option<String>,
    /// The scopes, with spaces between.
    scope: Option<String>,
    /// What the answer repeats.
    state: Option<String>,
    /// What the ID token repeats.
    nonce: Option<String>,
    /// The challenge of the proof key (RFC 7636).
    code_challenge: Option<String>,
    /// Its method: `S256`.
    code_challenge_method: Option<String>,
}

impl Example for PushParameters {
    fn example() -> Self {
        Self {
            client_id: Some("shop".to_owned()),
            client_secret: Some(SecretText("ccs_ and the rest of it".to_owned())),
            response_type: "code".to_owned(),
            redirect_uri: Some("https://shop.example.com/callback".to_owned()),
            scope: Some("openid profile".to_owned()),
            state: Some("af0ifjsldkj".to_owned()),
            nonce: Some("n-0S6_WzA2Mj".to_owned()),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            code_challenge_method: Some("S256".to_owned()),
        }
    }
}

/// What stands for a request.
#[derive(Object)]
#[oai(rename = "PushedRequestReference")]
pub(super) struct Reference {
    /// The `request_uri` for the authorization endpoint. It is good once.
    request_uri: SecretText,
    /// For how long, in seconds.
    expires_in: u64,
}

/// The request as it is kept.
fn request(client: &Client, parameters: &Parameters) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(
        parameters
            .without(&OF_THE_CLIENT)
            .filter(|(name, _)| *name != "client_id"),
    );
    form.append_pair("client_id", client.id.as_str());
    form.finish()
}

/// The endpoint for pushed requests.
pub(super) struct PushEndpoint;

#[OpenApi]
impl PushEndpoint {
    /// Push an authorization request
    ///
    /// RFC 9126. The answer's `request_uri` stands for the request at the authorization endpoint, where only it and `client_id` are
    /// sent. Every parameter of an authorization request can be pushed.
    #[oai(
        path = "/auth/par",
        method = "post",
        operation_id = "pushAuthorizationRequest",
        tag = "Chapter::OAuth"
    )]
    async fn push(
        &self,
        context: Data<&Context>,
        source: Source,
        header: ClientHeader,
        body: Sent<PushParameters>,
    ) -> Result<Created<Reference>, LimitedRefusal> {
        let parameters = &body.parameters;
        let client = authenticate(&context, header, parameters, &source).await?;
        let request = request(&client, parameters);
        let pushed = context.app.oauth.push_request.execute(&client, request).await;
        let pushed = pushed.map_err(OAuthError::from)?;
        Ok(crate::json::Answer(Reference {
            request_uri: SecretText(pushed.request_uri),
            expires_in: pushed.lifetime.as_secs(),
        }))
    }
}
