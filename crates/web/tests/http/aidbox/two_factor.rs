//! Enrolling an authenticator in two calls.

use domain::key_uri;
use domain::user::Role;
use serde_json::{Value, json};

use super::{AUTH_CONFIG, Profile};
use crate::service::{Answer, Call};

async fn call(profile: &Profile, token: &str, name: &str, body: &Value) -> Answer {
    let path = format!("/app/auth/two-factor/{name}");
    profile
        .service
        .call(Call::post(&path, &body.to_string()).bearer(token))
        .await
}

fn refused(answer: &Answer, error: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let json = answer.json();
    assert_eq!(json["error"], error);
    assert!(json["error_description"].is_string());
}

#[tokio::test]
async fn an_authenticator_is_requested_and_confirmed() {
    let profile = Profile::with_documents().await;
    let token = profile.service.token("alice", Role::User).await;
    refused(
        &call(&profile, &token, "confirm", &json!({ "token": "123456" })).await,
        "not_requested",
    );
    let first = call(&profile, &token, "request", &json!({})).await.json();
    let second = call(&profile, &token, "request", &json!({})).await.json();
    assert_ne!(first["uri"], second["uri"], "a new key each time");
    let uri = second["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/my-app:alice?secret="), "{uri}");
    let secret = key_uri::parse(uri).unwrap().secret.to_base32();
    refused(
        &call(
            &profile,
            &token,
            "confirm",
            &json!({ "token": profile.code(&secret, 5) }),
        )
        .await,
        "wrong_token",
    );
    refused(
        &call(&profile, &token, "confirm", &json!({ "token": "12" })).await,
        "wrong_token",
    );
    let confirmed = call(
        &profile,
        &token,
        "confirm",
        &json!({ "token": profile.code(&secret, -3) }),
    )
    .await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    assert_eq!(confirmed.json()["recovery_codes"].as_array().unwrap().len(), 10);
    refused(&call(&profile, &token, "request", &json!({})).await, "already_enabled");
    refused(
        &call(&profile, &token, "confirm", &json!({ "token": "123456" })).await,
        "already_enabled",
    );
}

#[tokio::test]
async fn with_a_transport_the_code_is_sent() {
    let profile = Profile::with_documents().await;
    let token = profile.service.token("alice", Role::User).await;
    let answer = call(&profile, &token, "request", &json!({ "transport": "sms" })).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
    let sent = profile.service.outbound.take();
    let sent: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(sent["user"]["userName"], "alice");
    assert_eq!(
        sent["user"]["twoFactor"],
        json!({ "transport": "sms", "enabled": false })
    );
    let answer = call(&profile, &token, "confirm", &json!({ "token": sent["token"] })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let id = sent["user"]["id"].as_str().unwrap();
    let user = profile.get(&format!("/User/{id}")).await.json();
    assert_eq!(user["twoFactor"], json!({ "transport": "sms", "enabled": true }));
}

#[tokio::test]
async fn where_nothing_can_be_sent_the_caller_is_told() {
    let profile = Profile::with_documents().await;
    let document = AUTH_CONFIG.split(" webhook:").next().unwrap();
    assert_eq!(profile.put_yaml("/AuthConfig/myconfig", document).await.status, 200);
    let token = profile.service.token("alice", Role::User).await;
    refused(
        &call(&profile, &token, "request", &json!({ "transport": "sms" })).await,
        "token_not_sent",
    );
    refused(
        &call(&profile, &token, "request", &json!({ "transport": " " })).await,
        "invalid_transport",
    );
}

#[tokio::test]
async fn it_takes_a_fresh_proof_as_everywhere() {
    let profile = Profile::with_documents().await;
    let token = profile.service.token("alice", Role::User).await;
    profile.service.clock.advance(std::time::Duration::from_secs(301));
    let answer = call(&profile, &token, "request", &json!({})).await;
    answer.assert_problem(401, "insufficient_user_authentication");
}
