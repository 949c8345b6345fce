//! Proving a second factor again.

use std::time::Duration;

use crate::otp::{NOBODY, code, enrolled, post, wrong};
use crate::service::{PASSWORD, Service};
use domain::user::Role;
use serde_json::json;

const STEP_UP: &str = "/v1/token/step-up";

#[tokio::test]
async fn each_kind_of_second_factor_makes_a_session_fresh() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let key = json!({ "username": "alice", "password": PASSWORD, "secret_key": alice.secret_key });
    let tokens = service.post("/v1/token", &key).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    service.clock.advance(Duration::from_mins(2));
    let otp = json!({ "otp": code(&service, &alice.begun), "authenticator": alice.begun["id"] });
    let answer = post(&service, STEP_UP, token, &otp).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let stepped = answer.json();
    assert!(stepped.get("recovery_codes").is_none());
    let proof = service
        .get("/v1/resource", stepped["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(proof["acr"], "urn:countersign:acr:pwd+otp");
    assert_eq!(proof["auth_time"], "2026-01-15T12:03:00Z");
    let before = json!({ "refresh_token": tokens["refresh_token"] });
    service
        .post("/v1/token/refresh", &before)
        .await
        .assert_problem(401, "invalid_refresh_token");

    for body in [
        json!({ "recovery_code": alice.recovery_codes[0] }),
        json!({ "secret_key": alice.secret_key }),
    ] {
        let answer = post(&service, STEP_UP, &alice.token, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let again = json!({ "recovery_code": alice.recovery_codes[0] });
    post(&service, STEP_UP, &alice.token, &again)
        .await
        .assert_problem(403, "proof_refused");
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_a_code_is_good_once() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let bob = enrolled(&service, "bob", Role::User).await;
    for body in [
        json!({ "otp": wrong(&service, &alice.begun) }),
        json!({ "otp": code(&service, &alice.begun), "authenticator": NOBODY }),
        json!({ "secret_key": bob.secret_key }),
        json!({ "recovery_code": bob.recovery_codes[0] }),
    ] {
        post(&service, STEP_UP, &alice.token, &body)
            .await
            .assert_problem(403, "proof_refused");
    }
    let right = json!({ "otp": code(&service, &alice.begun) });
    assert_eq!(post(&service, STEP_UP, &alice.token, &right).await.status, 200);
    post(&service, STEP_UP, &alice.token, &right)
        .await
        .assert_problem(403, "proof_refused");
}

#[tokio::test]
async fn one_second_factor_is_sent_and_in_its_form() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let cases = [
        (json!({}), "invalid_request", vec!["/otp"]),
        (json!({ "otp": 123_456 }), "invalid_request", vec!["/otp"]),
        (json!({ "otp": "123 456" }), "invalid_request", vec!["/otp"]),
        (
            json!({ "otp": "123456", "secret_key": "x" }),
            "invalid_request",
            vec!["/otp"],
        ),
        (
            json!({ "otp": "123456", "recovery_code": "x" }),
            "invalid_request",
            vec!["/recovery_code"],
        ),
        (
            json!({ "next_otp": "123456" }),
            "invalid_request",
            vec!["/next_otp", "/otp"],
        ),
        (
            json!({ "otp": "123456", "authenticator": "x" }),
            "invalid_request",
            vec!["/authenticator"],
        ),
        (json!({ "password": "x" }), "invalid_request", vec!["/password"]),
        (
            json!({ "secret_key": "csk_x" }),
            "invalid_secret_key",
            vec!["/secret_key"],
        ),
        (
            json!({ "recovery_code": "aaaaa-aaaaa" }),
            "invalid_recovery_code",
            vec!["/recovery_code"],
        ),
    ];
    for (body, code, pointers) in cases {
        let answer = post(&service, STEP_UP, &token, &body).await;
        answer.assert_problem(400, code);
        assert_eq!(answer.pointers(), pointers, "{body}");
    }
    let nobody = service.post(STEP_UP, &json!({ "otp": "123456" })).await;
    nobody.assert_problem(401, "token_required");
}
