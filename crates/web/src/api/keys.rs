//! `/.well-known/jwks.json`: the public keys with which others verify tokens (RFC 7517).

use std::time::Duration;

use poem::http::HeaderValue;
use poem::http::header::CACHE_CONTROL;
use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::{Map, Value};

use super::Chapter;
use crate::context::Context;

/// A public key (RFC 7517 section 4). Which of `crv`, `x`, `y`, `n` and `e` are there depends on `kty`.
#[derive(Object)]
#[oai(rename = "JsonWebKey")]
pub(crate) struct Jwk {
    /// The key type.
    kty: String,
    /// Always `sig`.
    r#use: String,
    /// The one algorithm that the key is for.
    alg: String,
    /// The name of the key, as in the header of a token.
    kid: String,
    /// The curve.
    crv: Option<String>,
    /// A coordinate, or the public key.
    x: Option<String>,
    /// A coordinate.
    y: Option<String>,
    /// The modulus.
    n: Option<String>,
    /// The exponent.
    e: Option<String>,
}

/// The public keys (RFC 7517 section 5).
#[derive(Object)]
#[oai(rename = "JsonWebKeySet")]
pub(crate) struct JwkSet {
    /// The keys that tokens are signed with now, soon, and lately.
    keys: Vec<Jwk>,
}

/// A written set, and how long it may be cached.
pub(crate) struct PublishedKeys {
    body: String,
    max_age: Duration,
}

struct JwkSetJson;

impl Payload for JwkSetJson {
    const CONTENT_TYPE: &'static str = "application/jwk-set+json";

    fn schema_ref() -> MetaSchemaRef {
        JwkSet::schema_ref()
    }
}

impl IntoResponse for PublishedKeys {
    fn into_response(self) -> Response {
        let mut response = Response::builder()
            .content_type(JwkSetJson::CONTENT_TYPE)
            .body(self.body);
        let caching = format!("public, max-age={}", self.max_age.as_secs());
        if let Ok(caching) = HeaderValue::try_from(caching) {
            response.headers_mut().insert(CACHE_CONTROL, caching);
        }
        response
    }
}

impl ApiResponse for PublishedKeys {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The public keys. `Cache-Control` says how long they may be kept.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: JwkSetJson::CONTENT_TYPE,
                    schema: JwkSetJson::schema_ref(),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        JwkSet::register(registry);
    }
}

/// The published keys.
pub(crate) struct KeysApi;

#[OpenApi]
impl KeysApi {
    /// The public signing keys
    ///
    /// With these, any service can verify access tokens by itself. A key is here before it signs, and stays until the last
    /// token that it signed has expired.
    #[oai(
        path = "/.well-known/jwks.json",
        method = "get",
        operation_id = "getSigningKeys",
        tag = "Chapter::Service"
    )]
    #[expect(clippy::unused_async, reason = "the framework awaits every operation")]
    async fn get(&self, context: Data<&Context>) -> PublishedKeys {
        let keys = context.app.key_ring.published().into_iter().map(|key| {
            let members: Map<String, Value> = key
                .members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Value::String(value)))
                .collect();
            Value::Object(members)
        });
        let set = Map::from_iter([(String::from("keys"), keys.collect())]);
        PublishedKeys {
            body: Value::Object(set).to_string(),
            max_age: context.jwks_max_age,
        }
    }
}
