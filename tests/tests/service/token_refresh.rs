//! `POST /v1/token/refresh`.

use std::time::Duration;

use serde_json::json;
use tests::person::mistyped;
use tests::{Service, Tokens, token};

#[tokio::test]
async fn a_refresh_token_gives_a_new_pair_that_proves_what_the_login_proved() {
    let (service, clock) = Service::with_clock().await;
    let (alice, first) = service.logged_in("alice").await;
    clock.advance(Duration::from_mins(5));
    let answer = service.refresh(&first.refresh).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.expect_json(200);
    let second = Tokens::read(&body);
    assert_eq!(
        body,
        json!({
            "access_token": second.access, "token_type": "Bearer", "expires_in": 600, "refresh_token": second.refresh,
            "scope": "account",
        })
    );
    assert_ne!(first.refresh, second.refresh);
    let (old, new) = (token::claims(&first.access), token::claims(&second.access));
    assert_ne!(old["jti"], new["jti"]);
    for claim in ["sub", "sid", "amr", "acr", "scope", "client_id"] {
        assert_eq!(old[claim], new[claim], "{claim}");
    }
    // Nothing was proved again: a resource that wants a fresh proof must see that.
    assert_eq!(
        (new["auth_time"].as_i64(), new["iat"].as_i64()),
        (Some(1_768_478_400), Some(1_768_478_700))
    );
    assert_eq!(new["sub"], alice.id.as_str());
    // The access token before it stays good until it expires.
    assert_eq!(
        (
            service.resource(&first.access).await,
            service.resource(&second.access).await
        ),
        (200, 200)
    );
}

#[tokio::test]
async fn a_used_one_ends_the_session_and_everything_from_it() {
    let service = Service::sqlite().await;
    let (alice, first) = service.logged_in("alice").await;
    let other_login = service.log_in(&alice).await;
    let second = Tokens::read(&service.refresh(&first.refresh).await.expect_json(200));
    let third = Tokens::read(&service.refresh(&second.refresh).await.expect_json(200));

    service
        .refresh(&first.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    for refresh_token in [&first.refresh, &second.refresh, &third.refresh] {
        service
            .refresh(refresh_token)
            .await
            .expect_problem(401, "invalid_refresh_token");
    }
    for access_token in [&first.access, &second.access, &third.access] {
        assert_eq!(service.resource(access_token).await, 401);
    }
    // Another login of the same account is another family.
    assert_eq!(service.resource(&other_login.access).await, 200);
    service.refresh(&other_login.refresh).await.expect_json(200);

    let admin = service.admin_token().await;
    let reused = service.events(&admin, "refresh_token.reused").await;
    assert_eq!(reused.len(), 1, "{reused:?}");
    assert_eq!(reused[0]["subject"], alice.id.as_str());
}

#[tokio::test]
async fn whatever_is_wrong_with_it_is_answered_in_one_way() {
    let (service, clock) = Service::with_clock().await;
    let (_, revoked) = service.logged_in("revoked").await;
    service
        .post("/v1/token/revoke")
        .json(&json!({"token": revoked.refresh}))
        .await
        .expect(200);
    let (_, used) = service.logged_in("used").await;
    service.refresh(&used.refresh).await.expect(200);
    let (_, expired) = service.logged_in("expired").await;
    clock.advance(Duration::from_hours(24));
    let other = Service::sqlite().await;
    let (_, foreign) = other.logged_in("foreign").await;
    let (_, good) = service.logged_in("good").await;

    let mut seen = Vec::new();
    for token in [
        &revoked.refresh,
        &used.refresh,
        &expired.refresh,
        &foreign.refresh,
        &mistyped(&good.refresh),
        &good.access,
        &String::new(),
        &"rubbish".to_owned(),
    ] {
        let answer = service.refresh(token).await;
        answer.problem(401, "invalid_refresh_token");
        assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer realm="countersign""#));
        seen.push(answer.body);
    }
    assert!(seen.iter().all(|body| *body == seen[0]));
}

#[tokio::test]
async fn it_ends_when_it_is_not_used_for_a_day_and_lives_on_when_it_is() {
    let (service, clock) = Service::with_clock().await;
    let (_, mut tokens) = service.logged_in("alice").await;
    for _ in 0..3 {
        clock.advance(Duration::from_hours(23));
        tokens = Tokens::read(&service.refresh(&tokens.refresh).await.expect_json(200));
    }
    clock.advance(Duration::from_hours(24));
    service
        .refresh(&tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn a_session_ends_after_a_month_however_often_it_is_refreshed() {
    let (service, clock) = Service::with_clock().await;
    let (_, mut tokens) = service.logged_in("alice").await;
    for _ in 0..59 {
        clock.advance(Duration::from_hours(12));
        tokens = Tokens::read(&service.refresh(&tokens.refresh).await.expect_json(200));
    }
    clock.advance(Duration::from_hours(12));
    service
        .refresh(&tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn an_access_token_never_outlives_its_session() {
    let (service, clock) = Service::with_clock().await;
    let (_, mut tokens) = service.logged_in("alice").await;
    for _ in 0..59 {
        clock.advance(Duration::from_hours(12));
        tokens = Tokens::read(&service.refresh(&tokens.refresh).await.expect_json(200));
    }
    clock.advance(Duration::from_mins(12 * 60 - 1));
    let last = service.refresh(&tokens.refresh).await.expect_json(200);
    assert_eq!(last["expires_in"], 60);
}

#[tokio::test]
async fn the_account_is_looked_at_again() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let path = format!("/v1/admin/users/{}", alice.id);
    service
        .post(&format!("{path}/disable"))
        .bearer(&admin)
        .await
        .expect(200);
    service
        .refresh(&tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    // Enabling brings the account back, and nothing that it was issued before.
    service.post(&format!("{path}/enable")).bearer(&admin).await.expect(200);
    service
        .refresh(&tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    service.log_in(&alice).await;
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_from_what_follows() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let second = service.admin("second").await;
    let tokens = service.log_in(&second).await;
    let path = format!("/v1/admin/users/{}", second.id);
    service
        .call("PATCH", &path)
        .bearer(&admin)
        .json(&json!({"role": "user"}))
        .await
        .expect_json(200);
    service
        .refresh(&tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    assert_eq!(
        service.token(&second.credentials()).await.expect_json(200)["scope"],
        "account"
    );
}

#[tokio::test]
async fn its_form_is_checked() {
    let service = Service::sqlite().await;
    let post = || service.post("/v1/token/refresh");
    post()
        .json(&json!({}))
        .await
        .expect_faults(400, "invalid_request", &["/refresh_token"]);
    let unknown = json!({"refresh_token": "csr_x", "scope": "admin"});
    post()
        .json(&unknown)
        .await
        .expect_faults(400, "invalid_request", &["/scope"]);
    post()
        .json(&json!({"refresh_token": 7}))
        .await
        .expect_faults(400, "invalid_request", &["/refresh_token"]);
    post()
        .form(&[("refresh_token", "csr_x")])
        .await
        .expect_problem(415, "unsupported_media_type");
}
