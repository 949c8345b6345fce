//! `POST /v1/token` in two calls: the password first, the second factor with the `auth_session` that this gave.

use std::time::Duration;

use serde_json::json;
use tests::person::{foreign_secret_key, mistyped};
use tests::{Service, Tokens, token};

#[tokio::test]
async fn a_right_password_alone_is_answered_with_what_is_missing() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let answer = service.token(&alice.password_only()).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("www-authenticate"), None);
    let problem = answer.expect_problem(403, "mfa_required");
    let auth_session = problem["auth_session"].as_str().unwrap();
    assert!(auth_session.starts_with("cas_") && auth_session.len() == 43);
    assert_eq!(
        problem,
        json!({
            "type": "urn:countersign:problem:mfa_required", "status": 403, "code": "mfa_required",
            "title": problem["title"], "detail": problem["detail"],
            "auth_session": auth_session, "expires_in": 600, "factors": ["secret_key"],
        })
    );
}

#[tokio::test]
async fn the_second_call_completes_the_login() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let auth_session = service.auth_session(&alice).await;
    clock.advance(Duration::from_secs(30));
    let body = json!({"auth_session": auth_session, "secret_key": alice.secret_key});
    let tokens = Tokens::read(&service.token(&body).await.expect_json(200));
    assert_eq!(service.resource(&tokens.access).await, 200);
    let claims = token::claims(&tokens.access);
    assert_eq!(claims["amr"], json!(["pwd", "secret_key"]));
    // When the last factor was proved.
    assert_eq!(claims["auth_time"], 1_768_478_430);
}

#[tokio::test]
async fn the_key_may_come_in_the_header_and_terms_with_the_second_call() {
    let service = Service::sqlite().await;
    let root = service.admin("root").await;
    let auth_session = service.auth_session(&root).await;
    let body = json!({"auth_session": auth_session, "scope": "admin", "use": "once"});
    let answer = service
        .post("/v1/token")
        .header("x-secret-key", &root.secret_key)
        .json(&body)
        .await
        .expect_json(200);
    assert_eq!(answer["scope"], "admin");
    assert_eq!(answer.get("refresh_token"), None);
}

#[tokio::test]
async fn an_auth_session_is_no_credential() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let auth_session = service.auth_session(&alice).await;
    assert_eq!(service.resource(&auth_session).await, 401);
    let refresh = json!({"refresh_token": auth_session});
    service
        .post("/v1/token/refresh")
        .json(&refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    let alone = json!({"auth_session": auth_session});
    service
        .token(&alone)
        .await
        .expect_faults(400, "invalid_request", &["/otp"]);
    // It is still good for what it is for.
    let body = json!({"auth_session": auth_session, "secret_key": alice.secret_key});
    service.token(&body).await.expect_json(200);
}

#[tokio::test]
async fn it_is_good_once() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let body = json!({"auth_session": service.auth_session(&alice).await, "secret_key": alice.secret_key});
    service.token(&body).await.expect_json(200);
    service.token(&body).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn it_ends_after_ten_minutes() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let (one, other) = (service.auth_session(&alice).await, service.auth_session(&alice).await);
    clock.advance(Duration::from_secs(599));
    let body = json!({"auth_session": one, "secret_key": alice.secret_key});
    service.token(&body).await.expect_json(200);
    clock.advance(Duration::from_secs(1));
    let body = json!({"auth_session": other, "secret_key": alice.secret_key});
    service.token(&body).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn another_accounts_key_does_not_complete_it() {
    let service = Service::sqlite().await;
    let (alice, bob) = (service.register("alice").await, service.register("bob").await);
    let auth_session = service.auth_session(&alice).await;
    let body = json!({"auth_session": auth_session, "secret_key": bob.secret_key});
    service.token(&body).await.expect_problem(401, "invalid_credentials");
    // A wrong key does not use it up; the right one still may come.
    let body = json!({"auth_session": auth_session, "secret_key": alice.secret_key});
    let tokens = Tokens::read(&service.token(&body).await.expect_json(200));
    assert_eq!(token::claims(&tokens.access)["sub"], alice.id.as_str());
}

#[tokio::test]
async fn an_unknown_one_is_refused_as_wrong_and_a_malformed_one_as_malformed() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let auth_session = service.auth_session(&alice).await;
    let malformed = json!({"auth_session": mistyped(&auth_session), "secret_key": alice.secret_key});
    service
        .token(&malformed)
        .await
        .expect_faults(400, "invalid_request", &["/auth_session"]);

    let other = Service::sqlite().await;
    let stranger = other.register("alice").await;
    let foreign = json!({"auth_session": other.auth_session(&stranger).await, "secret_key": alice.secret_key});
    service.token(&foreign).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn wrong_keys_are_counted_over_all_sessions_of_the_account() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    for _ in 0..5 {
        // A new session each time must not give a new budget.
        let auth_session = service.auth_session(&alice).await;
        let body = json!({"auth_session": auth_session, "secret_key": foreign_secret_key()});
        service.token(&body).await.expect_problem(401, "invalid_credentials");
    }
    let auth_session = service.auth_session(&alice).await;
    let body = json!({"auth_session": auth_session, "secret_key": alice.secret_key});
    service.token(&body).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn what_happens_to_the_account_in_between_counts() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for (name, action) in [("disabled", "disable"), ("keyless", "secret-key")] {
        let person = service.register(name).await;
        let auth_session = service.auth_session(&person).await;
        let path = format!("/v1/admin/users/{}/{action}", person.id);
        let done = service.post(&path).bearer(&admin).await;
        assert!(done.status < 300, "{done:?}");
        let body = json!({"auth_session": auth_session, "secret_key": person.secret_key});
        service.token(&body).await.expect_problem(401, "invalid_credentials");
    }
    let person = service.register("changing").await;
    let (tokens, auth_session) = (service.log_in(&person).await, service.auth_session(&person).await);
    let change = json!({"current_password": person.password, "new_password": "another good battery"});
    service
        .post("/v1/me/password")
        .bearer(&tokens.access)
        .json(&change)
        .await
        .expect(204);
    let body = json!({"auth_session": auth_session, "secret_key": person.secret_key});
    service.token(&body).await.expect_problem(401, "invalid_credentials");
}
