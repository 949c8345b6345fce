//! Codes without a browser, for the operator's own applications.

use serde_json::json;

use super::{CHALLENGE, Server, VERIFIER, assert_error, text};
use crate::service::PASSWORD;

#[tokio::test]
async fn an_application_of_the_operator_logs_in_and_gets_a_code() {
    let server = Server::new().await;
    let client = server
        .register(json!({ "party": "first", "authentication": "none" }))
        .await;
    let fields = [
        ("username", "alice"),
        ("password", PASSWORD),
        ("secret_key", server.key.as_str()),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let answer = server.form("/auth/challenge", &client.with(&fields)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let code = text(&answer.json(), "authorization_code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    assert_error(&server.token(&client, &fields[..2]).await, 400, "invalid_grant");
    let tokens = server.token(&client, &fields).await;
    assert_eq!(
        (tokens.status.as_u16(), &tokens.json()["scope"]),
        (200, &json!("openid")),
        "{}",
        tokens.text
    );
}

#[tokio::test]
async fn a_password_alone_is_answered_with_what_is_missing() {
    let server = Server::new().await;
    let client = server
        .register(json!({ "party": "first", "authentication": "none" }))
        .await;
    let begin = [
        ("username", "alice"),
        ("password", PASSWORD),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let answer = server.form("/auth/challenge", &client.with(&begin)).await;
    assert_error(&answer, 400, "insufficient_authorization");
    let pending = answer.json();
    assert_eq!(pending["factors"], json!(["secret_key"]));
    let handle = text(&pending, "auth_session");
    let go_on = [("auth_session", handle.as_str()), ("secret_key", server.key.as_str())];
    let answer = server.form("/auth/challenge", &client.with(&go_on)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let code = text(&answer.json(), "authorization_code");
    let without = [("grant_type", "authorization_code"), ("code", code.as_str())];
    assert_error(&server.token(&client, &without).await, 400, "invalid_grant");
    let with = [without[0], without[1], ("code_verifier", VERIFIER)];
    assert_eq!(
        server.token(&client, &with).await.status,
        200,
        "the proof key of the first call"
    );
}

#[tokio::test]
async fn others_must_use_a_browser_and_a_proof_key_is_needed() {
    let server = Server::new().await;
    let third = server.register(json!({ "authentication": "none" })).await;
    let first = server
        .register(json!({ "party": "first", "authentication": "none" }))
        .await;
    let fields = [
        ("username", "alice"),
        ("password", PASSWORD),
        ("secret_key", server.key.as_str()),
    ];
    let refused = server.form("/auth/challenge", &third.with(&fields)).await;
    assert_error(&refused, 400, "unauthorized_client");
    let refused = server.form("/auth/challenge", &first.with(&fields)).await;
    assert_error(&refused, 400, "invalid_request");
    let plain = [("code_challenge", CHALLENGE), ("code_challenge_method", "plain")];
    let mut all = fields.to_vec();
    all.extend(plain);
    assert_error(
        &server.form("/auth/challenge", &first.with(&all)).await,
        400,
        "invalid_request",
    );
    let wrong = [
        ("username", "alice"),
        ("password", "wrong"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    assert_error(
        &server.form("/auth/challenge", &first.with(&wrong)).await,
        400,
        "invalid_grant",
    );
}
