//! The password grant, in one call and in two.

use serde_json::{Value, json};

use super::{Registered, Server, assert_error, claims, text};
use crate::service::PASSWORD;

const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
const MFA_RECOVERY: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";

async fn client(server: &Server) -> Registered {
    server
        .register(json!({ "grant_types": ["password", "refresh_token"], "redirect_uris": [] }))
        .await
}

fn login<'a>(password: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", password),
    ];
    fields.extend_from_slice(more);
    fields
}

#[tokio::test]
async fn both_factors_in_one_call_give_tokens() {
    let server = Server::new().await;
    let client = client(&server).await;
    let fields = login(PASSWORD, &[("secret_key", &server.key), ("scope", "openid account")]);
    let answer = server.token(&client, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tokens = answer.json();
    let access = claims(&text(&tokens, "access_token"));
    assert_eq!(
        (&access["client_id"], &access["acr"]),
        (&json!(client.id), &json!("urn:countersign:acr:pwd+key"))
    );
    assert!(tokens["id_token"].is_string() && tokens["refresh_token"].is_string());
}

#[tokio::test]
async fn whatever_is_wrong_with_a_login_is_answered_in_one_way() {
    let server = Server::new().await;
    let client = client(&server).await;
    let right = login(PASSWORD, &[("secret_key", &server.key)]);
    let foreign = server.service.account("bob", domain::user::Role::User).await;
    let mut nobody = right.clone();
    nobody[1] = ("username", "nobody");
    let mut bodies: Vec<Value> = Vec::new();
    for fields in [
        nobody,
        login("wrong", &[("secret_key", &server.key)]),
        login("wrong", &[]),
        login(PASSWORD, &[("secret_key", &foreign)]),
    ] {
        let answer = server.token(&client, &fields).await;
        assert_error(&answer, 400, "invalid_grant");
        bodies.push(answer.json());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(server.token(&client, &right).await.status, 200);
}

#[tokio::test]
async fn a_password_alone_is_answered_with_a_token_for_the_second_call() {
    let server = Server::new().await;
    let client = client(&server).await;
    let other = self::client(&server).await;
    let answer = server.token(&client, &login(PASSWORD, &[("scope", "account")])).await;
    assert_error(&answer, 403, "mfa_required");
    let pending = answer.json();
    assert_eq!(pending["factors"], json!(["secret_key"]));
    let handle = text(&pending, "mfa_token");
    let wrong = [
        ("grant_type", MFA_RECOVERY),
        ("mfa_token", handle.as_str()),
        ("recovery_code", "ABCDE-FGHJK-MNPQR-STVWX-YZ234"),
    ];
    let answer = server.token(&other, &wrong).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    let missing = [("grant_type", MFA_OTP), ("mfa_token", handle.as_str())];
    assert_error(&server.token(&client, &missing).await, 400, "invalid_request");
    let guess = [
        ("grant_type", MFA_OTP),
        ("mfa_token", handle.as_str()),
        ("otp", "123456"),
    ];
    assert_error(&server.token(&client, &guess).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_second_call_completes_the_login_for_its_own_client_only() {
    let server = Server::new().await;
    let client = client(&server).await;
    let other = self::client(&server).await;
    let codes = recovery_codes(&server).await;
    let handle = {
        let answer = server.token(&client, &login(PASSWORD, &[("scope", "account")])).await;
        text(&answer.json(), "mfa_token")
    };
    let fields = |code| {
        [
            ("grant_type", MFA_RECOVERY),
            ("mfa_token", handle.as_str()),
            ("recovery_code", code),
        ]
    };
    assert_error(&server.token(&other, &fields(&codes[0])).await, 400, "invalid_grant");
    let answer = server.token(&client, &fields(&codes[1])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["scope"], "account", "what the login began with");
    assert_error(&server.token(&client, &fields(&codes[2])).await, 400, "invalid_grant");
    // A handle of a client is none of the service's own login.
    let answer = server.token(&client, &login(PASSWORD, &[])).await;
    let body = json!({ "auth_session": text(&answer.json(), "mfa_token"), "recovery_code": codes[3] });
    server
        .service
        .post("/v1/token", &body)
        .await
        .assert_problem(401, "invalid_credentials");
}

/// Enrols an authenticator for alice; returns her recovery codes.
async fn recovery_codes(server: &Server) -> Vec<String> {
    use domain::otp_secret::OtpSecret;
    let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": server.key });
    let token = text(&server.service.post("/v1/token", &body).await.json(), "access_token");
    let call = crate::service::Call::post("/v1/me/authenticators/totp", r#"{"name": "Phone"}"#);
    let begun = server.service.call(call.bearer(&token)).await.json();
    let secret = OtpSecret::parse(&text(&begun, "secret")).unwrap();
    let code = crate::orion::code_of(&server.service, &secret);
    let path = format!("/v1/me/authenticators/{}/confirm", text(&begun, "id"));
    let call = crate::service::Call::post(&path, &json!({ "otp": code }).to_string());
    let confirmed = server.service.call(call.bearer(&token)).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let codes = confirmed.json()["recovery_codes"].as_array().unwrap().clone();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}
