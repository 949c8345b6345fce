//! Devices without a browser.

use std::time::Duration;

use application::ports::{Purpose, Store};
use domain::consent::Consent;
use domain::device::{DeviceState, UserCode};
use serde_json::{Value, json};

use super::{Registered, Server, assert_error, text};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn begun(server: &Server) -> (Registered, Value) {
    let client = server
        .register(json!({ "authentication": "none", "grant_types": [GRANT], "redirect_uris": [] }))
        .await;
    let answer = server
        .form("/auth/device_authorization", &client.with(&[("scope", "openid files")]))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    (client, answer.json())
}

async fn poll(server: &Server, client: &Registered, begun: &Value) -> crate::service::Answer {
    let code = text(begun, "device_code");
    server
        .token(client, &[("grant_type", GRANT), ("device_code", &code)])
        .await
}

async fn decide(server: &Server, begun: &Value, state: DeviceState) {
    let code = UserCode::parse(&text(begun, "user_code")).unwrap();
    let core = &server.service.app.core;
    let user_code = core.ports.digester.digest(Purpose::UserCode, code.letters().as_bytes());
    let mut tx = server.service.store.begin().await.unwrap();
    let device = tx
        .oauth()
        .devices()
        .find_by_user_code(&user_code, core.now())
        .await
        .unwrap()
        .unwrap();
    assert!(
        tx.oauth()
            .devices()
            .decide(&device.digest, &state, core.now())
            .await
            .unwrap()
    );
    if let DeviceState::Approved(login) = state {
        let consent = Consent {
            user: login.user,
            client: device.request.client,
            scopes: device.request.scopes,
            granted_at: core.now(),
        };
        tx.oauth().consents().put(&consent).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_device_waits_until_somebody_has_decided() {
    let server = Server::new().await;
    let (client, begun) = begun(&server).await;
    assert_eq!(begun["verification_uri"], "http://localhost:8080/auth/device");
    assert!(text(&begun, "verification_uri_complete").ends_with(&text(&begun, "user_code")));
    assert_eq!((&begun["interval"], &begun["expires_in"]), (&json!(5), &json!(600)));
    assert_error(&poll(&server, &client, &begun).await, 400, "authorization_pending");
    assert_error(&poll(&server, &client, &begun).await, 400, "slow_down");
    // From now on the wait is ten seconds.
    server.service.clock.advance(Duration::from_secs(6));
    assert_error(&poll(&server, &client, &begun).await, 400, "slow_down");
    server.service.clock.advance(Duration::from_secs(15));
    assert_error(&poll(&server, &client, &begun).await, 400, "authorization_pending");
    let login = server.login_of("alice").await;
    decide(&server, &begun, DeviceState::Approved(login)).await;
    let other = server
        .register(json!({ "authentication": "none", "grant_types": [GRANT] }))
        .await;
    assert_error(&poll(&server, &other, &begun).await, 400, "invalid_grant");
    let answer = poll(&server, &client, &begun).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["scope"]),
        (200, &json!("openid files")),
        "{}",
        answer.text
    );
    assert_error(&poll(&server, &client, &begun).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_device_is_told_of_a_refusal_and_of_its_end() {
    let server = Server::new().await;
    let (client, refused) = begun(&server).await;
    decide(&server, &refused, DeviceState::Denied).await;
    assert_error(&poll(&server, &client, &refused).await, 400, "access_denied");
    let (client, late) = begun(&server).await;
    server.service.clock.advance(Duration::from_mins(11));
    assert_error(&poll(&server, &client, &late).await, 400, "expired_token");
    let unknown = [("grant_type", GRANT), ("device_code", "cdc_unknown")];
    assert_error(&server.token(&client, &unknown).await, 400, "invalid_grant");
}

#[tokio::test]
async fn only_a_client_with_the_grant_begins() {
    let server = Server::new().await;
    let client = server.register(json!({})).await;
    let answer = server.form("/auth/device_authorization", &client.with(&[])).await;
    assert_error(&answer, 400, "unauthorized_client");
}
