//! Every error is a problem (RFC 9457), the framework's own failures too, and bad input never ends in anything but a 4xx.

use serde_json::json;
use tests::{PASSWORD, Service};

#[tokio::test]
async fn what_is_not_json_is_told_by_its_place_and_not_repeated() {
    let service = Service::sqlite().await;
    for body in [
        "{",
        "",
        "   ",
        "null",
        "[]",
        "\"alice\"",
        "17",
        "{\"username\": \"alice\",}",
        "{'username': 'alice'}",
        "{\"username\": \"hush-hush\" x}",
        "{\"username\": \"alice\"} {}",
        "{\"username\": NaN}",
        "\u{feff}{}",
    ] {
        let answer = service.post("/v1/users").body("application/json", body).await;
        let problem = answer.expect_faults(400, "invalid_request", &[""]);
        assert!(!problem.to_string().contains("hush-hush"), "{problem}");
    }
    let invalid_utf8 = b"{\"username\": \"\xff\xfe\"}".to_vec();
    let answer = service.post("/v1/users").body("application/json", invalid_utf8).await;
    answer.expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn a_name_that_is_there_twice_is_refused() {
    let service = Service::sqlite().await;
    let body = format!(r#"{{"username": "alice", "username": "root", "password": "{PASSWORD}"}}"#);
    let answer = service.post("/v1/users").body("application/json", body).await;
    answer.expect_faults(400, "invalid_request", &["/username"]);
}

#[tokio::test]
async fn nesting_without_end_is_refused() {
    let service = Service::sqlite().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
        let answer = service.post("/v1/token").body("application/json", body).await;
        answer.expect_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn odd_member_names_are_escaped_in_pointers() {
    let service = Service::sqlite().await;
    let body = json!({"username": "alice", "password": PASSWORD, "a/b~c": 1, "": 2});
    service
        .post("/v1/users")
        .json(&body)
        .await
        .expect_faults(400, "invalid_request", &["/a~1b~0c", "/"]);
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let service = Service::sqlite().await;
    let body = json!({"username": "alice", "password": PASSWORD}).to_string();
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json-patch+json",
        "application/jsonp",
        "application/json; charset=utf-16",
        "json",
        "",
    ] {
        let answer = service.post("/v1/users").body(media_type, body.clone()).await;
        answer.expect_problem(415, "unsupported_media_type");
    }
    for media_type in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        let name = format!("user-{}", media_type.len());
        let body = json!({"username": name, "password": PASSWORD}).to_string();
        service.post("/v1/users").body(media_type, body).await.expect(201);
    }
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_not_found_whatever_the_method() {
    let service = Service::sqlite().await;
    for path in [
        "/nowhere",
        "/v1",
        "/v1/",
        "/v1/users/",
        "/v1//users",
        "/V1/users",
        "/v1/me/sessions/a/b",
        "/v1/admin",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/users%2f",
        "/docs/../v1/admin/users/",
        "/docs/unknown.js",
        "/.well-known/",
        "/metrics",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            service.call(method, path).await.expect_problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn an_address_that_does_not_know_the_method_names_those_it_knows() {
    let service = Service::sqlite().await;
    for (method, path, allowed) in [
        ("GET", "/v1/token", "POST, OPTIONS"),
        ("DELETE", "/v1/users", "POST, OPTIONS"),
        ("POST", "/v1/resource", "GET, HEAD, OPTIONS"),
        ("PUT", "/v1/me", "GET, HEAD, OPTIONS"),
        ("PATCH", "/livez", "GET, HEAD, OPTIONS"),
        ("TRACE", "/v1/token", "POST, OPTIONS"),
        ("BREW", "/v1/token", "POST, OPTIONS"),
    ] {
        let answer = service.call(method, path).await;
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        answer.expect_problem(405, "method_not_allowed");
    }
    let answer = service.call("OPTIONS", "/v1/token").await.expect(204);
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
}

#[tokio::test]
async fn each_answer_has_a_name_of_its_own_and_takes_none_from_strangers() {
    let service = Service::sqlite().await;
    let one = service.get("/livez").header("x-request-id", "mine").await;
    let two = service.get("/livez").header("x-request-id", "mine").await;
    let (one, two) = (one.header("x-request-id").unwrap(), two.header("x-request-id").unwrap());
    assert!(one != two && one != "mine" && two != "mine");
}

/// Bodies that are wrong in every way that came to mind, for every operation that takes one.
#[tokio::test]
async fn bad_input_never_ends_in_anything_but_a_4xx() {
    let service = Service::sqlite().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let admin = service.admin_token().await;
    let user = format!("/v1/admin/users/{}", alice.id);
    let operations = [
        ("POST", "/v1/users", None),
        ("POST", "/v1/token", None),
        ("POST", "/v1/token/refresh", None),
        ("POST", "/v1/token/revoke", None),
        ("POST", "/v1/me/password", Some(&tokens.access)),
        ("POST", "/v1/me/secret-key/rotate", Some(&tokens.access)),
        ("POST", "/v1/admin/users", Some(&admin)),
        ("PATCH", user.as_str(), Some(&admin)),
        ("POST", "/v1/admin/keys/rotate", Some(&admin)),
    ];
    let huge = "9".repeat(400);
    let texts = [
        "null",
        "true",
        "-1",
        "1e999",
        &huge,
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\u{202e}\"",
        "[]",
        "[[]]",
        "{}",
        "{\"$where\":\"1\"}",
        "\"' OR '1'='1\"",
        "\"%s%n\"",
        "18446744073709551616",
        "-0.0",
        "\"a\\nb\"",
    ];
    let members = [
        "username",
        "password",
        "secret_key",
        "auth_session",
        "scope",
        "use",
        "refresh_token",
        "token",
        "email",
        "display_name",
        "role",
        "current_password",
        "new_password",
        "overlap_seconds",
        "expires_in",
        "compromised",
        "id",
    ];
    for (method, path, token) in operations {
        for text in texts {
            let mut bodies = vec![text.to_owned()];
            bodies.extend(members.iter().map(|member| format!("{{\"{member}\": {text}}}")));
            bodies.push(format!(
                "{{{}}}",
                members.map(|member| format!("\"{member}\": {text}")).join(",")
            ));
            for body in bodies {
                // The one body here that is good for one operation.
                if path.ends_with("/keys/rotate") && text == "true" && body.contains("{\"compromised") {
                    continue;
                }
                let call = service.call(method, path).body("application/json", body.clone());
                let call = match token {
                    Some(token) => call.bearer(token),
                    None => call,
                };
                let answer = call.await;
                let is_harmless = (400..500).contains(&answer.status)
                    || (path == user && answer.status == 200)
                    || (path == "/v1/token/revoke" && answer.status == 200);
                assert!(is_harmless, "{method} {path} {body}: {answer:?}");
                if answer.status >= 400 {
                    let code = answer.json()["code"].as_str().unwrap().to_owned();
                    answer.problem(answer.status, &code);
                }
            }
        }
    }
    assert_eq!(service.resource(&tokens.access).await, 200);
}

#[tokio::test]
async fn odd_queries_and_headers_end_in_4xx_too() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for query in [
        "%",
        "%zz",
        "%ff",
        "limit",
        "limit=",
        "limit=1&limit=2",
        "search=%00",
        "search=%ff",
        "&&&",
        "a=b",
        "=",
    ] {
        for path in ["/v1/admin/users", "/v1/admin/events"] {
            let answer = service.get(&format!("{path}?{query}")).bearer(&admin).await;
            assert!(
                answer.status == 200 || (400..500).contains(&answer.status),
                "{path}?{query}: {answer:?}"
            );
        }
    }
    for (name, value) in [
        ("x-secret-key", &b"\xff\xfe"[..]),
        ("x-secret-key", b""),
        ("authorization", b"Basic \xff"),
        ("authorization", b"\xff"),
        ("user-agent", b"\xff\xfe"),
        ("accept", b"application/xml"),
        ("content-encoding", b"gzip"),
        ("expect", b"100-continue"),
        ("x-forwarded-for", b"\xff"),
        ("forwarded", b"for=\"[::"),
    ] {
        let body = json!({"username": "nobody", "password": PASSWORD});
        let answer = service.post("/v1/token").header(name, value).json(&body).await;
        assert!((400..500).contains(&answer.status), "{name}: {answer:?}");
    }
}
