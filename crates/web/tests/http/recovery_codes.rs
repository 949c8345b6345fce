//! Recovery codes.

use crate::otp::{enrolled, post};
use crate::service::{PASSWORD, Service};
use domain::user::Role;
use serde_json::{Value, json};

const PATH: &str = "/v1/me/recovery-codes";

#[tokio::test]
async fn new_codes_void_those_before_and_each_is_good_once() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let answer = post(&service, PATH, &alice.token, &Value::Null).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (201, "no-store"),
        "{}",
        answer.text
    );
    let codes = answer.json()["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    let login = |code: &Value| json!({ "username": "alice", "password": PASSWORD, "recovery_code": code });
    let old = service.post("/v1/token", &login(&json!(alice.recovery_codes[0]))).await;
    old.assert_problem(401, "invalid_credentials");
    let tokens = service.post("/v1/token", &login(&codes[0])).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    service
        .post("/v1/token", &login(&codes[0]))
        .await
        .assert_problem(401, "invalid_credentials");
    let me = service
        .get("/v1/me", tokens.json()["access_token"].as_str().unwrap())
        .await;
    assert_eq!(me.json()["recovery_codes_remaining"], 9);
    assert!(codes.iter().all(|code| !me.text.contains(code.as_str().unwrap())));
}

#[tokio::test]
async fn they_are_for_accounts_with_an_authenticator() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    post(&service, PATH, &token, &Value::Null)
        .await
        .assert_problem(409, "not_enrolled");
}
