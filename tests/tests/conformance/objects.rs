//! Request objects, which are not read here: the provider says so, and answers so (OpenID Connect Core section 6).

use serde_json::json;
use tests::token;

use super::world::{CALLBACK, World};

/// An unsigned request object with these members over the usual ones.
fn object(world: &World, redirect_uri: &str) -> String {
    let claims = json!({
        "iss": world.client.id,
        "aud": world.service.issuer(),
        "response_type": "code",
        "client_id": world.client.id,
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "state": "of-this-request",
        "nonce": "of-the-object",
    });
    format!("{}.", token::unsigned(&json!({"alg": "none"}), &claims))
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let world = World::new().await;
    let object = object(&world, CALLBACK);
    let (response, shown) = world.authorize(&[("request", &object)]).await;
    assert_eq!(response.error(), "request_not_supported");
    assert_eq!(shown, []);
}

#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let world = World::new().await;
    let (response, shown) = world
        .authorize(&[("request_uri", "https://party.example/object.jwt")])
        .await;
    assert_eq!(response.error(), "request_uri_not_supported");
    assert_eq!(shown, []);
}

/// The address within the object has no say: nobody is sent there.
#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let world = World::new().await;
    let object = object(&world, "https://evil.example/callback");
    let (response, shown) = world.authorize(&[("request", &object)]).await;
    assert_eq!(response.error(), "request_not_supported");
    assert_eq!(shown, []);
}
