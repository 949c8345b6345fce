//! What the server says of itself (OpenID Connect Discovery section 3, RFC 8414): exactly what it does, and nothing else.

use std::time::Duration;

use application::tokens::person;
use domain::client::GrantType;
use domain::factor::Assurance;
use domain::scope::Scope;
use domain::signing_key::Algorithm;
use poem::http::HeaderValue;
use poem::http::header::CACHE_CONTROL;
use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::password::PASSWORD_GRANTS;
use super::refusal::NoRefusal;
use crate::api::Chapter;
use crate::context::Context;

/// Claims of ID tokens that say what the token is and how somebody logged in.
const OF_TOKENS: [&str; 11] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
];

/// A description of the authorization server.
#[derive(Object)]
#[oai(rename = "AuthorizationServer")]
#[expect(clippy::struct_excessive_bools, reason = "the standards define each of them")]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    pushed_authorization_request_endpoint: String,
    device_authorization_endpoint: String,
    authorization_challenge_endpoint: String,
    end_session_endpoint: String,
    scopes_supported: Vec<String>,
    response_types_supported: Vec<String>,
    response_modes_supported: Vec<String>,
    grant_types_supported: Vec<String>,
    subject_types_supported: Vec<String>,
    id_token_signing_alg_values_supported: Vec<String>,
    token_endpoint_auth_methods_supported: Vec<String>,
    token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    introspection_endpoint_auth_methods_supported: Vec<String>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    revocation_endpoint_auth_methods_supported: Vec<String>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    code_challenge_methods_supported: Vec<String>,
    acr_values_supported: Vec<String>,
    claim_types_supported: Vec<String>,
    claims_supported: Vec<String>,
    prompt_values_supported: Vec<String>,
    ui_locales_supported: Vec<String>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_pushed_authorization_requests: bool,
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    values.into_iter().map(str::to_owned).collect()
}

impl Metadata {
    fn of(issuer: &str, locales: &[&str]) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        let confidential = || texts(["client_secret_basic", "client_secret_post", "private_key_jwt"]);
        let any_client = || {
            let mut methods = confidential();
            methods.push(String::from("none"));
            methods
        };
        let algorithms = || texts(Algorithm::ALL.iter().map(|algorithm| algorithm.name()));
        let grants = GrantType::ALL.iter().map(|grant| grant.name());
        let acr = Assurance::ALL.iter().rev().copied();
        // One factor alone never completes a login here.
        let acr = acr.filter(|level| *level > Assurance::SingleFactor);
        let scopes = [
            Scope::OpenId,
            Scope::Profile,
            Scope::Email,
            Scope::OfflineAccess,
            Scope::Account,
        ];
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("/auth/authorize"),
            token_endpoint: at("/auth/token"),
            userinfo_endpoint: at("/auth/userinfo"),
            jwks_uri: at("/.well-known/jwks.json"),
            introspection_endpoint: at("/auth/introspect"),
            revocation_endpoint: at("/auth/revoke"),
            pushed_authorization_request_endpoint: at("/auth/par"),
            device_authorization_endpoint: at("/auth/device_authorization"),
            authorization_challenge_endpoint: at("/auth/challenge"),
            end_session_endpoint: at("/auth/logout"),
            scopes_supported: texts(scopes.iter().map(Scope::name)),
            response_types_supported: texts(["code"]),
            response_modes_supported: texts(["query", "form_post"]),
            grant_types_supported: texts(grants.chain(PASSWORD_GRANTS)),
            subject_types_supported: texts(["public"]),
            id_token_signing_alg_values_supported: texts([domain::id_token::ID_TOKEN_ALGORITHM.name()]),
            token_endpoint_auth_methods_supported: any_client(),
            token_endpoint_auth_signing_alg_values_supported: algorithms(),
            introspection_endpoint_auth_methods_supported: confidential(),
            introspection_endpoint_auth_signing_alg_values_supported: algorithms(),
            revocation_endpoint_auth_methods_supported: any_client(),
            revocation_endpoint_auth_signing_alg_values_supported: algorithms(),
            code_challenge_methods_supported: texts(["S256"]),
            acr_values_supported: texts(acr.map(Assurance::acr)),
            claim_types_supported: texts(["normal"]),
            claims_supported: texts(OF_TOKENS.into_iter().chain(person::supported())),
            prompt_values_supported: texts(["none", "login", "consent", "select_account"]),
            ui_locales_supported: texts(locales.iter().copied()),
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            require_pushed_authorization_requests: false,
            authorization_response_iss_parameter_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
        }
    }
}

/// A description, and how long it may be kept.
struct Described {
    metadata: Metadata,
    max_age: Duration,
}

impl Described {
    fn of(context: &Context) -> Self {
        Self {
            metadata: Metadata::of(
                &context.app.core.policies.expectation.issuer,
                &context.look.languages.tags(),
            ),
            max_age: context.jwks_max_age,
        }
    }
}

impl IntoResponse for Described {
    fn into_response(self) -> Response {
        let value = self.metadata.to_json().unwrap_or_default();
        let mut response = Response::builder()
            .content_type("application/json")
            .body(value.to_string());
        let caching = format!("public, max-age={}", self.max_age.as_secs());
        if let Ok(caching) = HeaderValue::try_from(caching) {
            response.headers_mut().insert(CACHE_CONTROL, caching);
        }
        response
    }
}

impl ApiResponse for Described {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The answer.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/json",
                    schema: Metadata::schema_ref(),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        Metadata::register(registry);
    }
}

/// Descriptions.
pub(super) struct DiscoveryApi;

#[OpenApi]
impl DiscoveryApi {
    /// Read the description of the provider
    ///
    /// OpenID Connect Discovery.
    #[oai(
        path = "/.well-known/openid-configuration",
        method = "get",
        operation_id = "openidConfiguration",
        tag = "Chapter::OAuth"
    )]
    #[expect(clippy::unused_async, reason = "the framework awaits every operation")]
    async fn openid(&self, context: Data<&Context>) -> Result<Described, NoRefusal> {
        Ok(Described::of(&context))
    }

    /// Read the description of the authorization server
    ///
    /// RFC 8414; the same as that of the provider.
    #[oai(
        path = "/.well-known/oauth-authorization-server",
        method = "get",
        operation_id = "authorizationServer",
        tag = "Chapter::OAuth"
    )]
    #[expect(clippy::unused_async, reason = "the framework awaits every operation")]
    async fn server(&self, context: Data<&Context>) -> Result<Described, NoRefusal> {
        Ok(Described::of(&context))
    }
}
