//! Libraries for relying parties, one program on each: `tests/peers`.

use serde_json::{Value, json};
use tests::{Browser, token};
use tokio::process::Command;

use super::party::Party;
use super::{SCOPE, Scene, assert_identity, installed, picture};

/// How the client of a relying party is registered, besides where it listens.
struct Registration {
    authentication: &'static str,
    pushed: bool,
}

const SECRET: Registration = Registration {
    authentication: "client_secret",
    pushed: false,
};

/// The whole way of a relying party, from its start to the logout.
async fn go_all_the_way(name: &str, command: Option<Command>, registration: Registration) {
    let Some(command) = command else { return };
    let Some(browser) = Browser::start().await else { return };
    let scene = Scene::new().await;
    let mut party = Party::start(command);
    let listening = party.hear("listening").await;
    let client = register(&scene, &listening, &registration).await;
    let told = json!({
        "issuer": scene.service.issuer(),
        "client_id": client.id,
        "client_secret": client.secret,
        "scope": SCOPE,
        "pushed": registration.pushed,
        "signs": registration.authentication == "private_key_jwt",
    });
    party.tell(&told).await;

    let authorize = party.hear("authorize").await;
    browser.open(authorize["url"].as_str().unwrap()).await;
    browser.screenshot(&picture(name)).await;
    let callback = listening["redirect_uri"].as_str().unwrap();
    scene.log_in(&browser, callback).await;
    let result = party.hear("result").await;
    judge(&scene, &client.id, &result).await;

    let logout = party.hear("logout").await;
    browser.open(logout["url"].as_str().unwrap()).await;
    let goodbye = listening["post_logout_redirect_uri"].as_str().unwrap();
    scene.confirm_logout(&browser, goodbye).await;
    assert_eq!(party.hear("logged_out").await["state_returned"], true);
    party.end().await;
    browser.expect_clean_console().await;
    browser.quit().await;
    scene.service.stop().await;
}

async fn register(scene: &Scene, listening: &Value, registration: &Registration) -> tests::Client {
    let changes = json!({
        "authentication": registration.authentication,
        "jwks": if registration.authentication == "private_key_jwt" { listening["jwks"].clone() } else { Value::Null },
        "post_logout_redirect_uris": [listening["post_logout_redirect_uri"]],
        "require_pushed_authorization_requests": registration.pushed,
    });
    let callback = listening["redirect_uri"].as_str().unwrap();
    scene.service.client(&scene.admin, callback, &changes).await
}

/// Judges what the relying party says it was told.
async fn judge(scene: &Scene, client_id: &str, result: &Value) {
    let (claims, userinfo, refreshed) = (&result["claims"], &result["userinfo"], &result["refreshed"]);
    assert_identity(claims, scene);
    assert!(claims["auth_time"].is_u64(), "{claims}");
    assert_eq!(userinfo["sub"], json!(scene.person.id), "{userinfo}");
    assert_eq!(
        userinfo["preferred_username"],
        json!(scene.person.username),
        "{userinfo}"
    );
    let granted: Vec<&str> = result["scope"]
        .as_str()
        .map_or_else(Vec::new, |scope| scope.split(' ').collect());
    assert!(granted.is_empty() || granted.contains(&"offline_access"), "{result}");

    let access = result["access_token"].as_str().unwrap();
    let content = token::claims(access);
    assert_eq!(
        (&content["client_id"], &content["acr"]),
        (&json!(client_id), &claims["acr"])
    );
    let again = refreshed["access_token"].as_str().unwrap();
    assert_ne!(again, access);
    if !refreshed["claims"].is_null() {
        assert_identity(&refreshed["claims"], scene);
        // OpenID Connect Core section 12.2.
        assert_eq!(refreshed["claims"]["auth_time"], claims["auth_time"]);
    }
    assert_eq!(result["afterwards"], "invalid_grant");
    // The session is over, and with it what was issued last.
    let userinfo = scene.service.get("/auth/userinfo").bearer(again).await;
    assert_eq!(userinfo.status, 401, "{userinfo:?}");
}

#[tokio::test]
async fn openid_client_logs_a_person_in_by_a_pushed_request() {
    let command = installed::node("openid-client");
    let registration = Registration { pushed: true, ..SECRET };
    go_all_the_way("openid-client", command, registration).await;
}

#[tokio::test]
async fn oauth4webapi_logs_a_person_in_as_a_public_client() {
    let command = installed::node("oauth4webapi");
    let registration = Registration {
        authentication: "none",
        ..SECRET
    };
    go_all_the_way("oauth4webapi-public", command, registration).await;
}

#[tokio::test]
async fn oauth4webapi_logs_a_person_in_with_a_key_of_its_own() {
    let command = installed::node("oauth4webapi");
    let registration = Registration {
        authentication: "private_key_jwt",
        ..SECRET
    };
    go_all_the_way("oauth4webapi-key", command, registration).await;
}

#[tokio::test]
async fn authlib_logs_a_person_in() {
    let command = installed::python("authlib_party.py", &["authlib", "joserfc", "requests"]).await;
    go_all_the_way("authlib", command, SECRET).await;
}

#[tokio::test]
async fn the_crate_openidconnect_logs_a_person_in() {
    go_all_the_way("openidconnect", installed::openidconnect().await, SECRET).await;
}
