//! Redeeming authorization codes, and what came of them.

use std::time::Duration;

use domain::authorization::CodeChallenge;
use serde_json::json;

use super::{REDIRECT, Server, VERIFIER, assert_error, claims, text};

#[tokio::test]
async fn a_code_gives_tokens_that_say_who_logged_in_and_how() {
    let server = Server::new().await;
    let client = server.register(json!({ "client_id": "shop" })).await;
    let tokens = server.tokens(&client, "openid profile account").await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "account openid profile");
    let access = claims(&text(&tokens, "access_token"));
    let id = claims(&text(&tokens, "id_token"));
    assert_eq!(
        (&access["client_id"], &id["aud"], &id["nonce"]),
        (&json!("shop"), &json!("shop"), &json!("n-0S6"))
    );
    assert_eq!((&access["sub"], &access["sid"]), (&id["sub"], &id["sid"]));
    assert_eq!(id["acr"], "urn:countersign:acr:pwd+otp");
    assert_eq!(id["amr"], json!(["pwd", "otp"]));
    assert!(id["at_hash"].is_string() && id["auth_time"].is_number());
    let info = server
        .service
        .get("/auth/userinfo", &text(&tokens, "access_token"))
        .await
        .json();
    assert_eq!(
        (&info["sub"], &info["preferred_username"]),
        (&id["sub"], &json!("alice"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_redemption_does_not_spend_the_code() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let other = server.register(json!({})).await;
    let code = server.code(&client, "openid").await;
    let grant = ("grant_type", "authorization_code");
    let (code_field, uri, verifier) = (
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    );
    let wrong_uri = ("redirect_uri", "https://shop.example.com/callback/");
    let wrong_verifier = ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl");
    for fields in [
        vec![grant, code_field, verifier],
        vec![grant, code_field, wrong_uri, verifier],
        vec![grant, code_field, uri],
        vec![grant, code_field, uri, wrong_verifier],
    ] {
        assert_error(&server.token(&client, &fields).await, 400, "invalid_grant");
    }
    let all = [grant, code_field, uri, verifier];
    assert_error(&server.token(&other, &all).await, 400, "invalid_grant");
    let target = [
        grant,
        code_field,
        uri,
        verifier,
        ("resource", "https://elsewhere.example"),
    ];
    assert_error(&server.token(&client, &target).await, 400, "invalid_target");
    assert_error(
        &server.token(&client, &[grant, uri, verifier]).await,
        400,
        "invalid_request",
    );
    assert_eq!(server.token(&client, &all).await.status, 200);
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let server = Server::new().await;
    let optional = server.register(json!({ "pkce": "optional" })).await;
    let required = server.register(json!({})).await;
    let without = |client| {
        server.code_with(client, "openid", |stored| {
            stored.request.challenge = None::<CodeChallenge>;
        })
    };
    let grant = ("grant_type", "authorization_code");
    let code = without(&optional).await;
    let uri = ("redirect_uri", REDIRECT);
    let with = [grant, ("code", &code), uri, ("code_verifier", VERIFIER)];
    assert_error(&server.token(&optional, &with).await, 400, "invalid_grant");
    assert_eq!(server.token(&optional, &with[..3]).await.status, 200);
    let code = without(&required).await;
    let fields = [grant, ("code", code.as_str()), uri];
    assert_error(&server.token(&required, &fields).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_second_use_ends_the_session_that_came_of_the_first() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let code = server.code(&client, "openid account").await;
    let tokens = server.redeem(&client, &code).await.json();
    let access = text(&tokens, "access_token");
    assert_eq!(server.service.get("/v1/me", &access).await.status, 200);
    assert_error(&server.redeem(&client, &code).await, 400, "invalid_grant");
    server
        .service
        .get("/v1/me", &access)
        .await
        .assert_problem(401, "invalid_token");
    let refresh = text(&tokens, "refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    assert_error(&server.token(&client, &fields).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_code_ends_and_its_reuse_is_noticed_after_that_too() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let unused = server.code(&client, "openid").await;
    let used = server.code(&client, "account").await;
    let tokens = server.redeem(&client, &used).await.json();
    server.service.clock.advance(Duration::from_mins(2));
    assert_error(&server.redeem(&client, &unused).await, 400, "invalid_grant");
    assert_error(&server.redeem(&client, &used).await, 400, "invalid_grant");
    let me = server.service.get("/v1/me", &text(&tokens, "access_token")).await;
    me.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_crowd_gets_tokens_for_a_code_once() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let code = server.code(&client, "openid").await;
    let tries = (0..50).map(|_| server.redeem(&client, &code));
    let answers = futures_util::future::join_all(tries).await;
    let granted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(granted, 1);
}

#[tokio::test]
async fn a_client_whose_demands_are_not_met_gets_nothing() {
    let server = Server::new().await;
    let client = server.register(json!({ "factors": ["hotp"] })).await;
    let code = server.code(&client, "openid").await;
    assert_error(&server.redeem(&client, &code).await, 400, "invalid_grant");
}

#[tokio::test]
async fn tokens_are_for_the_resources_of_the_client() {
    let server = Server::new().await;
    let audiences = json!({ "audiences": ["https://a.example", "https://b.example"] });
    let client = server.register(audiences).await;
    let tokens = server.tokens(&client, "openid files").await;
    let access = text(&tokens, "access_token");
    assert_eq!(claims(&access)["aud"], "https://a.example");
    server
        .service
        .get("/v1/me", &access)
        .await
        .assert_problem(401, "invalid_token");
    assert_eq!(server.service.get("/auth/userinfo", &access).await.status, 200);
    let code = server
        .code_with(&client, "files", |stored| {
            stored.request.audience = vec!["https://b.example".into()];
        })
        .await;
    let answer = server.redeem(&client, &code).await.json();
    assert_eq!(claims(&text(&answer, "access_token"))["aud"], "https://b.example");
}
