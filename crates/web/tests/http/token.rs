//! Logging in, refreshing, revoking, and calling the resource.

use crate::service::{Answer, Call, PASSWORD, Service};
use domain::user::Role;
use poem::http::Method;
use serde_json::json;

fn basic(username: &str, password: &str) -> String {
    use base64::Engine;
    let pair = format!("{username}:{password}");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

fn mistyped(secret: &str) -> String {
    let mut text = secret.to_owned();
    let last = if text.pop() == Some('0') { '1' } else { '0' };
    text.push(last);
    text
}

#[tokio::test]
async fn the_main_job_register_token_resource() {
    let service = Service::open().await;
    let registration = json!({ "username": "Alice", "password": PASSWORD, "email": "alice@example.com" });
    let registered = service.post("/v1/users", &registration).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    assert_eq!(registered.header("cache-control"), "no-store");
    let account = registered.json();
    assert_eq!(account["username"], "alice");
    assert_eq!(account["role"], "user");
    assert_eq!(account["state"], "active");
    let login = json!({ "username": "ALICE", "password": PASSWORD, "secret_key": account["secret_key"] });
    let answer = service.post("/v1/token", &login).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 600);
    assert_eq!(tokens["scope"], "account");
    let token = tokens["access_token"].as_str().unwrap();
    let proof = service.get("/v1/resource", token).await;
    assert_eq!(proof.status, 200, "{}", proof.text);
    let proof = proof.json();
    assert_eq!(proof["subject"], account["id"]);
    assert_eq!(proof["username"], "alice");
    assert_eq!(proof["amr"], json!(["pwd", "secret_key"]));
    assert_eq!(proof["acr"], "urn:countersign:acr:pwd+key");
    assert_eq!(proof["auth_time"], "2026-01-15T12:00:00Z");
    assert_eq!(proof["issued_at"], "2026-01-15T12:00:00Z");
    assert_eq!(proof["expires_at"], "2026-01-15T12:10:00Z");
    assert_eq!(proof["issuer"], "http://localhost:8080");
    assert_eq!(proof["audience"], "http://localhost:8080");
}

#[tokio::test]
async fn the_two_factors_can_come_by_header() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let call = Call::new(Method::POST, "/v1/token")
        .header("authorization", &basic("alice", PASSWORD))
        .header("x-secret-key", &key);
    assert_eq!(service.call(call).await.status, 200, "without any body");
    let call = Call::post("/v1/token", &json!({ "secret_key": key }).to_string())
        .header("authorization", &basic("alice", PASSWORD));
    assert_eq!(service.call(call).await.status, 200, "half and half");
}

#[tokio::test]
async fn each_thing_is_sent_one_way() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": key }).to_string();
    let cases: [(Call, &[&str]); 4] = [
        (
            Call::post("/v1/token", &body).header("authorization", &basic("alice", PASSWORD)),
            &["/password", "/username"],
        ),
        (
            Call::post("/v1/token", &body).header("x-secret-key", &key),
            &["/secret_key"],
        ),
        (
            Call::post("/v1/token", "{}")
                .header("x-secret-key", &key)
                .header("x-secret-key", &key),
            &["header:X-Secret-Key"],
        ),
        (Call::post("/v1/token", &body).bearer("abc"), &["header:Authorization"]),
    ];
    for (call, pointers) in cases {
        let answer = service.call(call).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), pointers, "{}", answer.text);
    }
}

#[tokio::test]
async fn two_calls_do_what_one_does() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let first = service
        .post("/v1/token", &json!({ "username": "alice", "password": PASSWORD }))
        .await;
    first.assert_problem(403, "mfa_required");
    let needed = first.json();
    assert_eq!(needed["factors"], json!(["secret_key"]));
    assert_eq!(needed["expires_in"], 600);
    let handle = needed["auth_session"].as_str().unwrap();
    let second = json!({ "auth_session": handle, "secret_key": key });
    assert_eq!(service.post("/v1/token", &second).await.status, 200);
    service
        .post("/v1/token", &second)
        .await
        .assert_problem(401, "invalid_credentials");
    let malformed = json!({ "auth_session": mistyped(handle), "secret_key": key });
    let answer = service.post("/v1/token", &malformed).await;
    answer.assert_problem(400, "invalid_request");
    assert_eq!(answer.pointers(), ["/auth_session"]);
}

#[tokio::test]
async fn a_mistyped_secret_key_is_told_and_no_guess_is_charged() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    for _ in 0..10 {
        let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": mistyped(&key) });
        let answer = service.post("/v1/token", &body).await;
        answer.assert_problem(400, "invalid_secret_key");
        assert_eq!(answer.pointers(), ["/secret_key"]);
    }
    let call = Call::new(Method::POST, "/v1/token")
        .header("authorization", &basic("alice", PASSWORD))
        .header("x-secret-key", "csk_short");
    let answer = service.call(call).await;
    answer.assert_problem(400, "invalid_secret_key");
    assert_eq!(answer.pointers(), ["header:X-Secret-Key"]);
    let right = json!({ "username": "alice", "password": PASSWORD, "secret_key": key });
    assert_eq!(service.post("/v1/token", &right).await.status, 200);
}

fn comparable(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "x-request-id")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    (answer.status.as_u16(), answer.text.clone(), headers)
}

#[tokio::test]
async fn every_refusal_of_a_login_looks_the_same() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let other = service.account("bob", Role::User).await;
    let unknown = json!({ "username": "nobody", "password": PASSWORD, "secret_key": key });
    let wrong_password = json!({ "username": "alice", "password": "wrong", "secret_key": key });
    let wrong_key = json!({ "username": "alice", "password": PASSWORD, "secret_key": other });
    let unknown_without_key = json!({ "username": "nobody", "password": PASSWORD });
    let expected = comparable(&service.post("/v1/token", &unknown).await);
    assert_eq!(expected.0, 401);
    for body in [wrong_password, wrong_key, unknown_without_key] {
        assert_eq!(comparable(&service.post("/v1/token", &body).await), expected, "{body}");
    }
    for _ in 0..6 {
        let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": other });
        assert_eq!(comparable(&service.post("/v1/token", &body).await), expected);
    }
    let held = json!({ "username": "alice", "password": PASSWORD, "secret_key": key });
    assert_eq!(comparable(&service.post("/v1/token", &held).await), expected, "held");
}

#[tokio::test]
async fn basic_is_challenged_only_where_basic_was_used() {
    let service = Service::open().await;
    let body = service
        .post("/v1/token", &json!({ "username": "nobody", "password": "x" }))
        .await;
    assert_eq!(body.header("www-authenticate"), r#"Bearer realm="countersign""#);
    let call = Call::new(Method::POST, "/v1/token").header("authorization", &basic("nobody", "x"));
    let by_header = service.call(call).await;
    by_header.assert_problem(401, "invalid_credentials");
    assert_eq!(
        by_header.header("www-authenticate"),
        r#"Basic realm="countersign", charset="UTF-8""#
    );
}

#[tokio::test]
async fn scopes_are_checked_and_cut_to_what_the_account_may_have() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let login = |scope: &str| json!({ "username": "alice", "password": PASSWORD, "secret_key": key, "scope": scope });
    let unknown = service.post("/v1/token", &login("everything")).await;
    unknown.assert_problem(400, "invalid_scope");
    assert_eq!(unknown.pointers(), ["/scope"]);
    assert!(!unknown.text.contains("everything"));
    let none = service.post("/v1/token", &login("admin")).await;
    none.assert_problem(400, "invalid_scope");
    let both = service.post("/v1/token", &login("admin account")).await;
    assert_eq!(both.json()["scope"], "account");
}

#[tokio::test]
async fn a_token_for_one_use_is_spent_by_its_first_call() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": key, "use": "once" });
    let tokens = service.post("/v1/token", &body).await.json();
    assert!(tokens.get("refresh_token").is_none());
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(service.get("/v1/resource", token).await.status, 200);
    service
        .get("/v1/resource", token)
        .await
        .assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let service = Service::open().await;
    let tokens = service.login("alice", Role::User).await;
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    let next = service.post("/v1/token/refresh", &body).await;
    assert_eq!(next.status, 200, "{}", next.text);
    let reused = service.post("/v1/token/refresh", &body).await;
    reused.assert_problem(401, "invalid_refresh_token");
    assert_eq!(reused.header("www-authenticate"), r#"Bearer realm="countersign""#);
    let malformed = service
        .post("/v1/token/refresh", &json!({ "refresh_token": "nonsense" }))
        .await;
    assert_eq!(comparable(&malformed), comparable(&reused));
    let token = next.json()["access_token"].as_str().unwrap().to_owned();
    service
        .get("/v1/resource", &token)
        .await
        .assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn revoking_answers_200_whatever_the_token_was() {
    let service = Service::open().await;
    let tokens = service.login("alice", Role::User).await;
    let token = tokens["access_token"].as_str().unwrap();
    for body in [
        json!({ "token": "nonsense" }),
        json!({ "token": "", "token_type_hint": "a_type_of_tomorrow" }),
        json!({ "token": token, "token_type_hint": "refresh_token" }),
        json!({ "token": token }),
    ] {
        let answer = service.post("/v1/token/revoke", &body).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    }
    service
        .get("/v1/resource", token)
        .await
        .assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn clients_of_rfc_7009_may_revoke_with_a_form() {
    let service = Service::open().await;
    let tokens = service.login("alice", Role::User).await;
    let token = tokens["access_token"].as_str().unwrap();
    let form = |body: &str| {
        Call::new(Method::POST, "/v1/token/revoke")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.as_bytes())
    };
    let body = format!("token={token}&token_type_hint=access_token&client_id=unknown+here&other=");
    assert_eq!(service.call(form(&body)).await.status, 200);
    service
        .get("/v1/resource", token)
        .await
        .assert_problem(401, "invalid_token");
    for (body, pointer) in [("", "/token"), ("token=", "/token"), ("token=a&token=b", "/token")] {
        let answer = service.call(form(body)).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
}

#[tokio::test]
async fn the_short_way_to_the_resource_answers_what_the_framework_does() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let get = || Call::new(Method::GET, "/v1/resource");
    let tokens = [&token, "abc", "a b", ""];
    for token in tokens {
        let short = service.call(get().bearer(token)).await;
        // A body, even an empty one, is for the framework.
        let long = service.call(get().bearer(token).body(b"")).await;
        assert_eq!(comparable(&short), comparable(&long), "{token}");
        let head = service
            .call(Call::new(Method::HEAD, "/v1/resource").bearer(token))
            .await;
        assert_eq!(head.status, short.status, "{token}");
        assert_eq!(head.header("content-length"), short.text.len().to_string(), "{token}");
    }
}

#[tokio::test]
async fn the_resource_is_for_bearers_of_a_good_token_only() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let missing = service.call(Call::new(Method::GET, "/v1/resource")).await;
    missing.assert_problem(401, "token_required");
    assert_eq!(missing.header("www-authenticate"), r#"Bearer realm="countersign""#);

    let query = format!("/v1/resource?access_token={token}");
    let in_query = service.call(Call::new(Method::GET, &query)).await;
    in_query.assert_problem(401, "token_required");

    let tampered = format!("{}x", &token[..token.len() - 1]);
    let bad = service.get("/v1/resource", &tampered).await;
    bad.assert_problem(401, "invalid_token");
    assert!(bad.header("www-authenticate").contains(r#"error="invalid_token""#));

    let twice = Call::new(Method::GET, "/v1/resource").bearer(&token).bearer(&token);
    let twice = service.call(twice).await;
    twice.assert_problem(400, "invalid_request");
    assert!(twice.header("www-authenticate").contains(r#"error="invalid_request""#));
    assert_eq!(twice.pointers(), ["header:Authorization"]);

    let lower = Call::new(Method::GET, "/v1/resource").header("authorization", &format!("bEARER {token}"));
    assert_eq!(service.call(lower).await.status, 200);

    service.clock.advance(std::time::Duration::from_mins(11));
    service.app.revocation_feed.follow().await.unwrap();
    let expired = service.get("/v1/resource", &token).await;
    assert_eq!(comparable(&expired), comparable(&bad), "expired looks as tampered");
}

#[tokio::test]
async fn a_store_that_is_away_is_503_and_nothing_is_told() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    service.store.fail_all();
    for (path, body) in [
        (
            "/v1/token",
            json!({ "username": "alice", "password": PASSWORD, "secret_key": key }),
        ),
        ("/v1/users", json!({ "username": "bob", "password": PASSWORD })),
    ] {
        let answer = service.post(path, &body).await;
        answer.assert_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "1");
        assert!(answer.json().get("errors").is_none());
    }
    service.store.recover();
    let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": key });
    assert_eq!(service.post("/v1/token", &body).await.status, 200);
}
