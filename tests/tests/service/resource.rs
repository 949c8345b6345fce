//! `GET /v1/resource`: what a token proves, and the refusals of RFC 6750.

use std::time::Duration;

use serde_json::json;
use tests::{Service, Tokens, token};

const INVALID: &str =
    r#"Bearer realm="countersign", error="invalid_token", error_description="the token is not accepted""#;

#[tokio::test]
async fn it_answers_what_the_token_proves() {
    let (service, clock) = Service::with_clock().await;
    let (alice, tokens) = service.logged_in("alice").await;
    clock.advance(Duration::from_secs(61));
    let answer = service.get("/v1/resource").bearer(&tokens.access).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("www-authenticate"), None);
    let claims = token::claims(&tokens.access);
    assert_eq!(
        answer.expect_json(200),
        json!({
            "subject": alice.id, "username": "alice", "client_id": "countersign", "scope": "account",
            "amr": ["pwd", "secret_key"], "acr": "urn:countersign:acr:pwd+key",
            "auth_time": "2026-01-15T12:00:00Z", "issued_at": "2026-01-15T12:00:00Z",
            "expires_at": "2026-01-15T12:10:00Z", "token_id": claims["jti"], "session_id": claims["sid"],
            "issuer": service.issuer(), "audience": service.issuer(),
        })
    );
}

#[tokio::test]
async fn without_a_token_it_asks_for_one_and_names_no_error() {
    let service = Service::sqlite().await;
    for authorization in [None, Some("Basic YWxpY2U6cGFzc3dvcmQ="), Some("Digest x=y")] {
        let call = service.get("/v1/resource");
        let call = match authorization {
            Some(value) => call.header("authorization", value),
            None => call,
        };
        let answer = call.await;
        // RFC 6750 section 3.1: no error code when no token was sent.
        assert_eq!(
            answer.header("www-authenticate"),
            Some(r#"Bearer realm="countersign""#),
            "{authorization:?}"
        );
        answer.expect_problem(401, "token_required");
    }
}

#[tokio::test]
async fn a_token_in_the_query_or_a_form_is_no_token() {
    let service = Service::sqlite().await;
    let (_, tokens) = service.logged_in("alice").await;
    let path = format!("/v1/resource?access_token={}", tokens.access);
    service.get(&path).await.expect_problem(401, "token_required");
    let call = service
        .call("GET", "/v1/resource")
        .form(&[("access_token", &tokens.access)]);
    call.await.expect_problem(401, "token_required");
}

#[tokio::test]
async fn the_scheme_is_read_in_any_letter_case_and_the_token_exactly() {
    let service = Service::sqlite().await;
    let (_, tokens) = service.logged_in("alice").await;
    let get = |value: String| service.get("/v1/resource").header("authorization", value);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        get(format!("{scheme} {}", tokens.access)).await.expect(200);
    }
    for value in [
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer \"{}\"", tokens.access),
    ] {
        get(value).await.expect_problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn two_tokens_are_a_bad_request() {
    let service = Service::sqlite().await;
    let (_, tokens) = service.logged_in("alice").await;
    let answer = service
        .get("/v1/resource")
        .bearer(&tokens.access)
        .bearer(&tokens.access)
        .await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert_eq!(challenge, r#"Bearer realm="countersign", error="invalid_request""#);
    answer.expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn every_bad_token_is_refused_in_one_way() {
    let (service, clock) = Service::with_clock().await;
    let (_, expired) = service.logged_in("expired").await;
    clock.advance(Duration::from_mins(11));
    let (_, revoked) = service.logged_in("revoked").await;
    service
        .post("/v1/token/revoke")
        .json(&json!({"token": revoked.access}))
        .await
        .expect(200);
    let (disabled, disabled_tokens) = service.logged_in("disabled").await;
    let admin = service.admin_token().await;
    service
        .post(&format!("/v1/admin/users/{}/disable", disabled.id))
        .bearer(&admin)
        .await
        .expect(200);
    let other = Service::sqlite().await;
    let (_, foreign) = other.logged_in("foreign").await;
    let (_, good) = service.logged_in("good").await;
    let cut = &good.access[..good.access.len() - 4];
    let mut bodies = Vec::new();
    for token in [
        expired.access.as_str(),
        &revoked.access,
        &disabled_tokens.access,
        &foreign.access,
        &good.refresh,
        cut,
        "rubbish",
        "a.b.c",
        "...",
    ] {
        let answer = service.get("/v1/resource").bearer(token).await;
        assert_eq!(answer.header("www-authenticate"), Some(INVALID), "{token}");
        answer.problem(401, "invalid_token");
        bodies.push(answer.body);
    }
    assert!(
        bodies.iter().all(|body| *body == bodies[0]),
        "the reason is for the log only"
    );
    assert_eq!(service.resource(&good.access).await, 200);
}

#[tokio::test]
async fn a_token_is_good_from_its_beginning_to_its_end_with_the_configured_leeway() {
    let (service, clock) = Service::with_clock().await;
    let (_, tokens) = service.logged_in("alice").await;
    let at = async |second: i64| {
        clock.set(domain::time::Timestamp::from_seconds(1_768_478_400 + second));
        service.resource(&tokens.access).await
    };
    // Leeway is 5 s by default; verified tokens are remembered, and must be judged anew each time.
    assert_eq!(at(0).await, 200);
    assert_eq!(at(604).await, 200);
    assert_eq!(at(605).await, 401);
    assert_eq!(at(-5).await, 200);
    assert_eq!(at(-6).await, 401);
    assert_eq!(at(0).await, 200);
}

#[tokio::test]
async fn everything_that_voids_tokens_voids_them_at_once() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for (name, method, suffix) in [
        ("disabled", "POST", "/disable"),
        ("deleted", "DELETE", ""),
        ("reset", "POST", "/secret-key"),
        ("ended", "DELETE", "/sessions"),
    ] {
        let (person, tokens) = service.logged_in(name).await;
        assert_eq!(service.resource(&tokens.access).await, 200, "{name}");
        let done = service
            .call(method, &format!("/v1/admin/users/{}{suffix}", person.id))
            .bearer(&admin)
            .await;
        assert!(done.status < 300, "{name}: {done:?}");
        assert_eq!(service.resource(&tokens.access).await, 401, "{name}");
    }
}

#[tokio::test]
async fn a_head_request_is_answered_like_a_get_without_a_body() {
    let service = Service::sqlite().await;
    let (_, tokens) = service.logged_in("alice").await;
    let get = service.get("/v1/resource").bearer(&tokens.access).await;
    let head = service
        .call("HEAD", "/v1/resource")
        .bearer(&tokens.access)
        .await
        .expect(200);
    assert_eq!(head.body, b"");
    assert_eq!(head.header("content-type"), get.header("content-type"));
    service.call("HEAD", "/v1/resource").await.expect(401);
}

#[tokio::test]
async fn it_needs_no_scope() {
    let service = Service::sqlite().await;
    let root = service.admin("root").await;
    let body = service
        .token(&root.credentials_with(&json!({"scope": "admin"})))
        .await
        .expect_json(200);
    let tokens = Tokens::read(&body);
    assert_eq!(
        service
            .get("/v1/resource")
            .bearer(&tokens.access)
            .await
            .expect_json(200)["scope"],
        "admin"
    );
    let answer = service.get("/v1/me").bearer(&tokens.access).await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert_eq!(
        challenge,
        r#"Bearer realm="countersign", error="insufficient_scope", scope="account""#
    );
    answer.expect_problem(403, "insufficient_scope");
}
