//! What an administrator of documents must not get by them: secrets that others wrote, and the identities of others.

use application::ports::Store as _;
use domain::aidbox::ResourceKind;
use domain::user::Role;
use poem::http::Method;
use serde_json::{Value, json};

use super::{CLIENT, Profile, SECRET, USER};
use crate::service::{Call, PASSWORD};

fn webhook(endpoint: &str, header: Option<&str>) -> Value {
    json!({ "twoFactor": { "webhook": { "endpoint": endpoint, "headers": { "Authorization": header } } } })
}

async fn header_in_effect(profile: &Profile) -> Option<String> {
    let config = profile.service.app.aidbox.configs.in_effect().await.unwrap().unwrap();
    let pairs = config.webhook?.headers.to_pairs();
    pairs.into_iter().next().map(|(_, value)| value)
}

#[tokio::test]
async fn a_header_that_nobody_is_shown_is_not_sent_to_another_receiver() {
    let profile = Profile::new().await;
    let written = webhook("https://codes.example/send?a=b", Some("Bearer topsecret"));
    assert_eq!(profile.put("/AuthConfig/a", &written).await.status, 201);
    for elsewhere in [
        "https://evil.example/send?a=b",
        "https://codes.example:8443/send?a=b",
        "http://codes.example/send?a=b",
    ] {
        let answer = profile.put("/AuthConfig/a", &webhook(elsewhere, None)).await;
        assert_eq!(answer.status, 400, "{elsewhere}: {}", answer.text);
        assert_eq!(answer.pointers(), ["/twoFactor/webhook/headers/Authorization"]);
    }
    assert_eq!(header_in_effect(&profile).await.as_deref(), Some("Bearer topsecret"));
    // Another path of the same receiver is nobody else.
    let moved = webhook("https://codes.example/v2", None);
    assert_eq!(profile.put("/AuthConfig/a", &moved).await.status, 200);
    assert_eq!(header_in_effect(&profile).await.as_deref(), Some("Bearer topsecret"));
    // Whoever knows the value may send it where it is wanted.
    let known = webhook("https://evil.example/", Some("Bearer topsecret"));
    assert_eq!(profile.put("/AuthConfig/a", &known).await.status, 200);
}

#[tokio::test]
async fn the_other_name_of_the_shared_secret_is_not_kept_in_the_clear() {
    let profile = Profile::new().await;
    let user = json!({
        "password": PASSWORD,
        "twoFactor": { "enabled": true, "secretKey": SECRET, "secret": SECRET, "transport": "sms" },
    });
    profile.put("/User/u", &user).await;
    let shown = profile.get("/User/u").await;
    assert!(!shown.text.contains(SECRET), "{}", shown.text);
    let mut tx = profile.service.store.read().await.unwrap();
    for stored in tx.aidbox_resources().list(ResourceKind::User, None, 10).await.unwrap() {
        assert!(!stored.document.contains(SECRET), "{}", stored.document);
    }
}

#[tokio::test]
async fn a_document_does_not_take_the_identity_of_an_account_that_another_describes() {
    let profile = Profile::new().await;
    let created = profile.put("/User/alice", &json!({ "password": PASSWORD })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let mut tx = profile.service.store.read().await.unwrap();
    let stored = tx.aidbox_resources().find(ResourceKind::User, "alice").await.unwrap();
    let account = stored.unwrap().account.unwrap();
    drop(tx);
    let path = format!("/User/{account}");
    let answer = profile
        .put(&path, &json!({ "userName": "mallory", "password": PASSWORD }))
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.pointers(), ["/id"]);
    assert_eq!(profile.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_private_key_of_a_client_is_not_kept() {
    let profile = Profile::new().await;
    let key = json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "k", "use": "sig",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    });
    for flow in [
        json!({ "client_credentials": { "client_assertion_types":
            ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"] } }),
        json!({ "client_credentials": {} }),
    ] {
        let client = json!({ "secret": "a client's secret", "grant_types": ["client_credentials"], "auth": flow,
            "jwks": [key] });
        let answer = profile.put("/Client/c", &client).await;
        let shown = profile.get("/Client/c").await;
        assert!(!shown.text.contains("jpsQnnGQ"), "{} {}", answer.text, shown.text);
    }
}

#[tokio::test]
async fn only_administrators_touch_documents() {
    let profile = Profile::with_documents().await;
    let user = profile.service.token("bob", Role::User).await;
    for path in [
        "/AuthConfig",
        "/AuthConfig/myconfig",
        "/Client/mywebapp",
        "/User",
        "/User/my-user",
    ] {
        assert_eq!(profile.service.get(path, &user).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn writing_a_document_again_does_not_let_in_who_was_locked_out() {
    let profile = Profile::with_documents().await;
    let mut tx = profile.service.store.read().await.unwrap();
    let stored = tx.aidbox_resources().find(ResourceKind::User, "my-user").await.unwrap();
    let account = stored.unwrap().account.unwrap();
    drop(tx);
    let disabling = Call::new(Method::POST, &format!("/v1/admin/users/{account}/disable")).bearer(&profile.admin);
    assert!(profile.service.call(disabling).await.status.is_success());
    let answer = profile.put_yaml("/User/my-user", USER).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(profile.get("/User/my-user").await.json()["inactive"], true);
    let answer = profile.put("/User/my-user", &json!({ "inactive": false })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(profile.get("/User/my-user").await.json()["inactive"], false);
}

#[tokio::test]
async fn writing_a_document_again_takes_nothing_away_that_a_document_cannot_say() {
    let profile = Profile::with_documents().await;
    let path = "/v1/admin/clients/mywebapp";
    let tightened = json!({
        "state": "disabled",
        "factors": ["totp"],
        "require_pushed_authorization_requests": true,
        "backchannel_logout_uri": "https://app.example/logout",
    });
    let call = Call::new(Method::PATCH, path)
        .json(&tightened.to_string())
        .bearer(&profile.admin);
    let answer = profile.service.call(call).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let before = answer.json();
    let answer = profile.put_yaml("/Client/mywebapp", CLIENT).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let after = profile.get(path).await.json();
    for (name, value) in tightened.as_object().unwrap() {
        assert!(!value.is_null());
        assert_eq!(after[name], before[name], "{name}: {after}");
    }
}
