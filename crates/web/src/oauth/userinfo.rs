//! `/auth/userinfo`: who logged in (OpenID Connect Core section 5.3).

use application::tokens::Unauthenticated;
use application::tokens::userinfo::{UserInfo, UserInfoError};
use domain::id_token::ClaimValue;
use poem::http::StatusCode;
use poem::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use poem::http::{HeaderMap, HeaderValue};
use poem::web::Data;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::types::{Example, ToJSON, Type};
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value};

use super::parameters::Sent;
use super::refusal::{BodilessRefusal, OAuthError, Refusal};
use crate::api::Chapter;
use crate::bearer::{bearer_extractors, token_of};
use crate::context::Context;
use crate::json::{Answer, SecretText};
use crate::problem::Problem;

const SCHEME: &str = "openid";
const DESCRIPTION: &str = "The `access_token` of a client with the scope `openid`, which `POST /auth/token` answers. Paste it \
    without the word Bearer.";

/// A call of the `UserInfo` endpoint; the token is read by the operation, whose errors have a shape of their own.
pub(super) struct OpenIdBearer;

bearer_extractors! {
    SCHEME, DESCRIPTION;
    OpenIdBearer, fallback: false, _request => Ok(Self);
}

/// The headers of a call.
pub(super) struct Headers(HeaderMap);

impl<'a> FromRequest<'a> for Headers {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(request.headers().clone()))
    }
}

/// The token in a body (RFC 6750 section 2.2), for clients that cannot send it in a header.
#[derive(Object)]
#[oai(rename = "UserInfoRequest", example, skip_serializing_if_is_none)]
pub(super) struct TokenInBody {
    /// The access token, unless it is in the header.
    access_token: Option<SecretText>,
}

impl Example for TokenInBody {
    fn example() -> Self {
        Self {
            access_token: Some(SecretText("eyJ and the rest of it".to_owned())),
        }
    }
}

/// Claims about the person (OpenID Connect Core section 5.1). Which ones are there depends on the scopes of the token, and on
/// what the account has.
#[derive(Object)]
#[oai(rename = "UserInfo", skip_serializing_if_is_none)]
struct DocumentedClaims {
    /// The account.
    sub: String,
    /// With the scope `profile`: what to call the person.
    name: Option<String>,
    /// With the scope `profile`: the name that the account logs in with.
    preferred_username: Option<String>,
    /// With the scope `email`: the e-mail address.
    email: Option<String>,
    /// With the scope `email`: whether somebody has looked that mail arrives there.
    email_verified: Option<bool>,
}

/// The claims as they are answered.
pub(super) struct Claims(UserInfo);

impl Type for Claims {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        DocumentedClaims::name()
    }

    fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
        DocumentedClaims::schema_ref()
    }

    fn register(registry: &mut poem_openapi::registry::Registry) {
        DocumentedClaims::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

fn json_of(value: &ClaimValue) -> Value {
    match value {
        ClaimValue::Text(text) => Value::from(text.as_str()),
        ClaimValue::Flag(flag) => Value::from(*flag),
        ClaimValue::Number(number) => Value::from(*number),
        ClaimValue::Texts(texts) => Value::from(texts.clone()),
        ClaimValue::Members(members) => {
            let members = members
                .iter()
                .map(|(name, text)| (name.clone(), Value::from(text.as_str())));
            Value::Object(members.collect())
        }
    }
}

impl ToJSON for Claims {
    fn to_json(&self) -> Option<Value> {
        let mut members = Map::new();
        for (name, value) in &self.0.claims {
            members.insert(name.clone(), json_of(value));
        }
        members.insert(String::from("sub"), Value::from(self.0.subject.to_string()));
        Some(Value::Object(members))
    }
}

fn challenged(error: OAuthError, challenge: &'static str) -> OAuthError {
    error.header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

fn refusal(error: UserInfoError) -> OAuthError {
    match error {
        UserInfoError::Unauthenticated(Unauthenticated::Token(fault)) => {
            tracing::debug!(%fault, "an access token was not accepted");
            challenged(
                OAuthError::with_status(StatusCode::UNAUTHORIZED, "invalid_token", "the token is not accepted"),
                r#"Bearer realm="countersign", error="invalid_token", error_description="the token is not accepted""#,
            )
        }
        UserInfoError::Unauthenticated(error) => Problem::from(error).into(),
        UserInfoError::InsufficientScope => challenged(
            OAuthError::with_status(
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "the token lacks the scope openid",
            ),
            r#"Bearer realm="countersign", error="insufficient_scope", scope="openid""#,
        ),
    }
}

async fn tell(context: &Context, token: &str) -> Result<Answer<Claims>, OAuthError> {
    let told = context.app.oauth.user_info.execute(token).await;
    told.map(|info| Answer(Claims(info))).map_err(refusal)
}

/// The `UserInfo` endpoint.
pub(super) struct UserInfoEndpoint;

#[OpenApi]
impl UserInfoEndpoint {
    /// Ask who logged in
    #[oai(
        path = "/auth/userinfo",
        method = "get",
        operation_id = "userInfo",
        tag = "Chapter::OAuth"
    )]
    async fn get(
        &self,
        context: Data<&Context>,
        _bearer: OpenIdBearer,
        headers: Headers,
    ) -> Result<Answer<Claims>, BodilessRefusal> {
        Ok(tell(&context, token_of(&headers.0)?).await?)
    }

    /// Ask who logged in, by a form
    ///
    /// The token is sent in the header or, by clients that cannot, in the body.
    #[oai(
        path = "/auth/userinfo",
        method = "post",
        operation_id = "userInfoByForm",
        tag = "Chapter::OAuth"
    )]
    async fn post(
        &self,
        context: Data<&Context>,
        headers: Headers,
        body: Sent<TokenInBody>,
    ) -> Result<Answer<Claims>, Refusal> {
        let in_body = body.parameters.one("access_token");
        let token = match (headers.0.contains_key(AUTHORIZATION), in_body) {
            (true | false, None) => token_of(&headers.0)?,
            (false, Some(token)) => token,
            // RFC 6750 section 2: one method for each request.
            (true, Some(_)) => return Err(OAuthError::invalid_request("the token must be sent once").into()),
        };
        Ok(tell(&context, token).await?)
    }
}
