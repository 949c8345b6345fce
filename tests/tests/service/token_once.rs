//! Tokens that their first call spends: `"use": "once"`.

use serde_json::json;
use tests::{Service, Tokens, token};

async fn once(service: &Service) -> String {
    let alice = service.register("alice").await;
    let body = service
        .token(&alice.credentials_with(&json!({"use": "once"})))
        .await
        .expect_json(200);
    assert_eq!(body.get("refresh_token"), None, "a second token would be a second use");
    Tokens::read(&body).access
}

#[tokio::test]
async fn the_first_call_spends_it() {
    let service = Service::sqlite().await;
    let token = once(&service).await;
    assert_eq!(token::claims(&token)["use"], "once");
    assert_eq!(service.resource(&token).await, 200);
    let second = service.get("/v1/resource").bearer(&token).await;
    assert!(
        second
            .header("www-authenticate")
            .unwrap()
            .contains(r#"error="invalid_token""#)
    );
    second.expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn any_call_spends_it() {
    let service = Service::sqlite().await;
    let token = once(&service).await;
    service.get("/v1/me").bearer(&token).await.expect_json(200);
    assert_eq!(service.resource(&token).await, 401);
}

#[tokio::test]
async fn a_call_that_is_not_permitted_spends_it_too() {
    let service = Service::sqlite().await;
    let token = once(&service).await;
    service
        .get("/v1/admin/users")
        .bearer(&token)
        .await
        .expect_problem(403, "insufficient_scope");
    assert_eq!(service.resource(&token).await, 401);
}

#[tokio::test]
async fn it_stays_spent_after_a_restart() {
    let service = Service::with(|setup| setup.set("http.public_url", "http://countersign.example")).await;
    let token = once(&service).await;
    assert_eq!(service.resource(&token).await, 200);
    let service = service.stop().await.start().await;
    assert_eq!(service.resource(&token).await, 401);
}

#[tokio::test]
async fn other_uses_do_not_exist() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    for usage in [json!("twice"), json!("ONCE"), json!(""), json!(1), json!(["once"])] {
        let body = alice.credentials_with(&json!({"use": usage}));
        service
            .token(&body)
            .await
            .expect_faults(400, "invalid_request", &["/use"]);
    }
}
