//! What each scope tells about the person, and where.

use serde_json::{Value, json};

use super::world::{EMAIL, Granted, NAME, World};

/// Logs in with these scopes, and asks who it was.
async fn told(scope: &str) -> (World, Granted, Value) {
    let world = World::new().await;
    let granted = world.log_in(&[("scope", scope)]).await;
    let told = world.userinfo(granted.access()).await;
    (world, granted, told)
}

/// Claims by scope are for `UserInfo`, because there is an access token (OpenID Connect Core section 5.4).
#[track_caller]
fn assert_not_in_id_token(granted: &Granted, names: &[&str]) {
    for name in names {
        assert!(granted.claims.get(name).is_none(), "{name} in {}", granted.claims);
    }
}

#[tokio::test]
async fn oidcc_scope_profile() {
    let (world, granted, told) = told("openid profile").await;
    assert_eq!(told["name"], NAME);
    assert_eq!(told["preferred_username"], json!(world.person.username));
    assert_eq!(told["email"], Value::Null, "nobody asked for it");
    assert_not_in_id_token(&granted, &["name", "preferred_username"]);
}

#[tokio::test]
async fn oidcc_scope_email() {
    let (_, granted, told) = told("openid email").await;
    assert_eq!(told["email"], EMAIL);
    assert!(told["email_verified"].is_boolean(), "{told}");
    assert_eq!(told["name"], Value::Null, "nobody asked for it");
    assert_not_in_id_token(&granted, &["email"]);
}

/// No addresses are kept here. A scope that is not understood is ignored (OpenID Connect Core section 3.1.2.1).
#[tokio::test]
async fn oidcc_scope_address() {
    let (_, granted, told) = told("openid address").await;
    assert_eq!(told["address"], Value::Null);
    assert_not_in_id_token(&granted, &["address"]);
}

/// As with addresses.
#[tokio::test]
async fn oidcc_scope_phone() {
    let (_, granted, told) = told("openid phone").await;
    assert!(
        told["phone_number"].is_null() || told["phone_number"].is_string(),
        "{told}"
    );
    assert_not_in_id_token(&granted, &["phone_number"]);
}

#[tokio::test]
async fn oidcc_scope_all() {
    let (_, _, told) = told("openid profile email address phone").await;
    assert_eq!((&told["name"], &told["email"]), (&json!(NAME), &json!(EMAIL)));
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let world = World::new().await;
    let claims = json!({"userinfo": {"name": {"essential": true}}}).to_string();
    let granted = world.log_in(&[("claims", &claims)]).await;
    let told = world.userinfo(granted.access()).await;
    assert_eq!(told["name"], NAME);
    assert_eq!(told["email"], Value::Null, "nobody asked for it");
}
