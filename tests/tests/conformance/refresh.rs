//! Refresh tokens.

use std::time::Duration;

use serde_json::json;

use super::world::{CALLBACK, World};

#[tokio::test]
async fn oidcc_refresh_token() {
    let world = World::new().await;
    let first = world
        .log_in(&[("scope", "openid offline_access"), ("prompt", "consent")])
        .await;
    world.clock.advance(Duration::from_secs(1));
    let fields = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];

    // Bound to its client: another one gets nothing, and does no harm.
    let other = world.service.client(&world.admin, CALLBACK, &json!({})).await;
    let (id, secret) = other.basic();
    let stolen = world
        .service
        .post("/auth/token")
        .basic(id, secret)
        .form(&fields(first.refresh()));
    assert_eq!(stolen.await.expect_json(400)["error"], "invalid_grant");

    let refreshed = world.token(&fields(first.refresh())).await.expect_json(200);
    assert_ne!(refreshed["access_token"], first.response["access_token"]);
    // Without the nonce of the login, or with it (OpenID Connect Core section 12.2).
    let nonce = tests::token::claims(refreshed["id_token"].as_str().unwrap())["nonce"].clone();
    let second = world.granted(refreshed, nonce.as_str()).await;
    for name in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(second.claims[name], first.claims[name], "{name}");
    }
    assert!(second.claims["iat"].as_i64() > first.claims["iat"].as_i64());
    world.userinfo(second.access()).await;

    let third = world.token(&fields(second.refresh())).await.expect_json(200);
    assert_eq!(third["token_type"], "Bearer");
}
