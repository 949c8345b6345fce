//! Exchanging tokens.

use serde_json::json;

use super::{Registered, Server, assert_error, claims, text};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

async fn exchanger(server: &Server) -> Registered {
    server
        .register(json!({
            "client_id": "gateway", "grant_types": [GRANT, "refresh_token"], "redirect_uris": [],
            "audiences": ["https://orders.example", "https://stock.example"], "scope": "account files admin",
        }))
        .await
}

fn asks<'a>(subject: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("grant_type", GRANT),
        ("subject_token", subject),
        ("subject_token_type", ACCESS),
    ];
    fields.extend_from_slice(more);
    fields
}

#[tokio::test]
async fn an_exchanged_token_says_who_acts_and_proves_no_more() {
    let server = Server::new().await;
    let (shop, gateway) = (server.register(json!({})).await, exchanger(&server).await);
    let subject = text(&server.tokens(&shop, "openid account files").await, "access_token");
    let fields = asks(
        &subject,
        &[("audience", "https://stock.example"), ("scope", "files admin")],
    );
    let answer = server.token(&gateway, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tokens = answer.json();
    assert_eq!(tokens["issued_token_type"], ACCESS);
    assert_eq!(
        (&tokens["scope"], tokens.get("refresh_token"), tokens.get("id_token")),
        (&json!("files"), None, None)
    );
    let (before, after) = (claims(&subject), claims(&text(&tokens, "access_token")));
    for name in ["sub", "acr", "amr", "auth_time", "username"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(
        (&after["aud"], &after["act"]),
        (&json!("https://stock.example"), &json!({ "sub": "gateway" }))
    );
    assert!(after["exp"].as_i64() <= before["exp"].as_i64());
    let said = server.introspect(&gateway, &text(&tokens, "access_token")).await;
    assert_eq!(said["act"]["sub"], "gateway");
}

#[tokio::test]
async fn what_is_no_token_of_an_account_or_not_available_is_refused() {
    let server = Server::new().await;
    let (shop, gateway) = (server.register(json!({})).await, exchanger(&server).await);
    let subject = text(&server.tokens(&shop, "account").await, "access_token");
    let ask = |more: Vec<(&'static str, &'static str)>| {
        let fields = asks(&subject, &more);
        let (server, gateway) = (&server, &gateway);
        async move { server.token(gateway, &fields).await }
    };
    assert_error(
        &ask(vec![("resource", "https://elsewhere.example")]).await,
        400,
        "invalid_target",
    );
    assert_error(&ask(vec![("scope", "files")]).await, 400, "invalid_scope");
    assert_error(&ask(vec![("actor_token", "x")]).await, 400, "invalid_request");
    assert_error(
        &ask(vec![("requested_token_type", "urn:x")]).await,
        400,
        "invalid_request",
    );
    assert_error(
        &server.token(&gateway, &asks("rubbish", &[])).await,
        400,
        "invalid_grant",
    );
    let own = server.register(json!({ "grant_types": ["client_credentials"] })).await;
    let own = server.token(&own, &[("grant_type", "client_credentials")]).await.json();
    let own = text(&own, "access_token");
    assert_error(&server.token(&gateway, &asks(&own, &[])).await, 400, "invalid_grant");
    // What was revoked is worth nothing here either.
    server.form("/auth/revoke", &shop.with(&[("token", &subject)])).await;
    assert_error(
        &server.token(&gateway, &asks(&subject, &[])).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn the_demands_of_the_client_hold_for_exchanged_tokens() {
    let server = Server::new().await;
    let shop = server.register(json!({})).await;
    let strict = server
        .register(json!({ "grant_types": [GRANT], "factors": ["recovery_code"], "scope": "account" }))
        .await;
    let subject = text(&server.tokens(&shop, "account").await, "access_token");
    assert_error(&server.token(&strict, &asks(&subject, &[])).await, 400, "invalid_grant");
}
