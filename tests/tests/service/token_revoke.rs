//! `POST /v1/token/revoke` (RFC 7009).

use serde_json::json;
use tests::{Answer, Service, Tokens};

async fn revoke(service: &Service, token: &str) -> Answer {
    service.post("/v1/token/revoke").json(&json!({"token": token})).await
}

#[tokio::test]
async fn a_revoked_access_token_is_refused_at_once_and_it_alone() {
    let service = Service::sqlite().await;
    let (alice, one) = service.logged_in("alice").await;
    let other = service.log_in(&alice).await;
    // A service that remembers verified tokens must not remember this one.
    assert_eq!(service.resource(&one.access).await, 200);
    let answer = revoke(&service, &one.access).await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let refused = service.get("/v1/resource").bearer(&one.access).await;
    refused.expect_problem(401, "invalid_token");
    assert_eq!(service.resource(&other.access).await, 200);
    // The session goes on.
    let next = Tokens::read(&service.refresh(&one.refresh).await.expect_json(200));
    assert_eq!(service.resource(&next.access).await, 200);
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_session() {
    let service = Service::sqlite().await;
    let (alice, one) = service.logged_in("alice").await;
    let other = service.log_in(&alice).await;
    let two = Tokens::read(&service.refresh(&one.refresh).await.expect_json(200));
    revoke(&service, &two.refresh).await.expect(200);
    service
        .refresh(&two.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    for access in [&one.access, &two.access] {
        assert_eq!(service.resource(access).await, 401);
    }
    assert_eq!(service.resource(&other.access).await, 200);
}

#[tokio::test]
async fn a_used_refresh_token_still_ends_its_session() {
    let service = Service::sqlite().await;
    let (_, one) = service.logged_in("alice").await;
    let two = Tokens::read(&service.refresh(&one.refresh).await.expect_json(200));
    revoke(&service, &one.refresh).await.expect(200);
    assert_eq!(service.resource(&two.access).await, 401);
    service
        .refresh(&two.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn what_does_not_work_is_answered_like_what_did() {
    let service = Service::sqlite().await;
    let (_, tokens) = service.logged_in("alice").await;
    let done = revoke(&service, &tokens.refresh).await.expect(200);
    let other = Service::sqlite().await;
    let (_, foreign) = other.logged_in("alice").await;
    for token in [
        &tokens.refresh,
        &tokens.access,
        &foreign.access,
        &foreign.refresh,
        "rubbish",
        "a.b.c",
        "",
    ] {
        let answer = revoke(&service, token).await.expect(200);
        assert_eq!(answer.body, done.body, "{token}");
    }
    assert_eq!(other.resource(&foreign.access).await, 200);
}

#[tokio::test]
async fn it_may_come_as_a_form_with_a_hint() {
    let service = Service::sqlite().await;
    let (alice, one) = service.logged_in("alice").await;
    let post = || service.post("/v1/token/revoke");
    post()
        .form(&[("token", &one.access), ("token_type_hint", "access_token")])
        .await
        .expect(200);
    assert_eq!(service.resource(&one.access).await, 401);
    // A wrong hint changes nothing (RFC 7009 section 2.1).
    let two = service.log_in(&alice).await;
    post()
        .form(&[("token", &two.access), ("token_type_hint", "refresh_token")])
        .await
        .expect(200);
    assert_eq!(service.resource(&two.access).await, 401);
    let three = service.log_in(&alice).await;
    let hinted = json!({"token": three.refresh, "token_type_hint": "something"});
    post().json(&hinted).await.expect(200);
    assert_eq!(service.resource(&three.access).await, 401);
}

#[tokio::test]
async fn its_form_is_checked() {
    let service = Service::sqlite().await;
    let post = || service.post("/v1/token/revoke");
    post()
        .json(&json!({}))
        .await
        .expect_faults(400, "invalid_request", &["/token"]);
    post().form(&[("hint", "x")]).await.problem(400, "invalid_request");
    post()
        .form(&[("token", "a"), ("token", "b")])
        .await
        .problem(400, "invalid_request");
    post()
        .body("text/plain", "token=x")
        .await
        .expect_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn a_revocation_outlives_the_service() {
    let service = Service::with(|setup| setup.set("http.public_url", "http://countersign.example")).await;
    let (_, tokens) = service.logged_in("alice").await;
    revoke(&service, &tokens.access).await.expect(200);
    let service = service.stop().await.start().await;
    assert_eq!(service.resource(&tokens.access).await, 401);
    let next = Tokens::read(&service.refresh(&tokens.refresh).await.expect_json(200));
    assert_eq!(service.resource(&next.access).await, 200);
}
