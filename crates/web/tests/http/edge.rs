//! What happens to every request, whatever it asks for.

use std::collections::BTreeMap;

use crate::service::{Call, PASSWORD, Service, options, rate_limit};
use domain::user::Role;
use poem::http::Method;
use serde_json::json;

#[tokio::test]
async fn addresses_that_do_not_exist_are_problems_too() {
    let service = Service::open().await;
    for path in [
        "/nothing",
        "/v1",
        "/v1/",
        "/v1/resource/",
        "//v1/resource",
        "/v1/%72esource",
        "/V1/resource",
        "/v1/me/sessions/a/b",
        "/docs/../v1/users",
        "/favicon.ico",
    ] {
        service
            .call(Call::new(Method::GET, path))
            .await
            .assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_known() {
    let service = Service::open().await;
    for (method, path, allow) in [
        (Method::GET, "/v1/token", "POST, OPTIONS"),
        (Method::PUT, "/v1/resource", "GET, HEAD, OPTIONS"),
        (Method::POST, "/docs", "GET, HEAD, OPTIONS"),
        (Method::TRACE, "/livez", "GET, HEAD, OPTIONS"),
    ] {
        let answer = service.call(Call::new(method, path)).await;
        answer.assert_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow);
    }
    let sessions = service.call(Call::new(Method::POST, "/v1/me/sessions")).await;
    sessions.assert_problem(405, "method_not_allowed");
    assert!(sessions.header("allow").contains("DELETE"));
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let service = Service::open().await;
    for path in ["/livez", "/openapi.json", "/docs", "/.well-known/jwks.json"] {
        let get = service.call(Call::new(Method::GET, path)).await;
        let head = service.call(Call::new(Method::HEAD, path)).await;
        assert_eq!((head.status, head.text.as_str()), (get.status, ""));
        assert_eq!(head.header("content-length"), get.text.len().to_string(), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_browsers_and_caches_out() {
    let service = Service::open().await;
    for path in ["/livez", "/v1/resource", "/nothing", "/docs", "/.well-known/jwks.json"] {
        let answer = service.call(Call::new(Method::GET, path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(!answer.header("cache-control").is_empty());
        assert_eq!(answer.header("strict-transport-security"), "");
    }
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_https_where_the_service_is_known_by_it() {
    let public_url = "https://auth.example.com".to_owned();
    let registration = application::core::Registration::Open;
    let service = Service::start(
        registration,
        web::Options {
            public_url,
            ..options()
        },
    )
    .await;
    let answer = service.call(Call::new(Method::GET, "/livez")).await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn the_published_keys_may_be_cached_as_configured() {
    let service = Service::open().await;
    let answer = service.call(Call::new(Method::GET, "/.well-known/jwks.json")).await;
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2, "active and next");
    for key in keys {
        assert_eq!((key["kty"].as_str(), key["alg"].as_str()), (Some("EC"), Some("ES256")));
        assert!(key.get("d").is_none());
    }
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let service = Service::open().await;
    let live = service.call(Call::new(Method::GET, "/livez")).await;
    assert_eq!((live.status.as_u16(), live.json()), (200, json!({ "status": "ok" })));
    let ready = service.call(Call::new(Method::GET, "/readyz")).await;
    assert_eq!(
        (ready.status.as_u16(), ready.json()["status"].as_str()),
        (200, Some("ready"))
    );
    service.store.fail_all();
    let ready = service.call(Call::new(Method::GET, "/readyz")).await;
    assert_eq!(
        (ready.status.as_u16(), ready.json()["status"].as_str()),
        (503, Some("not_ready"))
    );
    assert_eq!(service.call(Call::new(Method::GET, "/livez")).await.status, 200);
}

#[tokio::test]
async fn requests_with_credentials_are_limited_by_network() {
    let registration = application::core::Registration::Open;
    let rate_limit = Some(rate_limit(1, 2));
    let service = Service::start(
        registration,
        web::Options {
            rate_limit,
            ..options()
        },
    )
    .await;
    let login = json!({ "username": "nobody", "password": "x" }).to_string();
    let from = |peer: &str| Call::post("/v1/token", &login).from(peer);

    let first = service.call(from("[2001:db8::1]:1")).await;
    assert_eq!(first.status, 401);
    assert_eq!(first.header("ratelimit-policy"), r#""credentials";q=2;w=120"#);
    assert_eq!(first.header("ratelimit"), r#""credentials";r=1;t=60"#);
    assert_eq!(service.call(from("[2001:db8::2]:1")).await.status, 401);
    let third = service.call(from("[2001:db8::3]:1")).await;
    third.assert_problem(429, "rate_limited");
    let wait: u64 = third.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert!(third.header("ratelimit").starts_with(r#""credentials";r=0;"#));

    assert_eq!(
        service.call(from("[2001:db8:0:1::1]:1")).await.status,
        401,
        "another /64"
    );
    let spoofed = from("[2001:db8::4]:1").header("x-forwarded-for", "192.0.2.77");
    service.call(spoofed).await.assert_problem(429, "rate_limited");
    let other_operation = Call::post("/v1/token/refresh", "{}").from("[2001:db8::5]:1");
    service.call(other_operation).await.assert_problem(429, "rate_limited");
    let reading = Call::new(Method::GET, "/livez").from("[2001:db8::6]:1");
    assert_eq!(service.call(reading).await.status, 200);
}

#[tokio::test]
async fn a_proxy_s_clients_are_limited_one_by_one() {
    let registration = application::core::Registration::Open;
    let rate_limit = Some(rate_limit(1, 1));
    let service = Service::start(
        registration,
        web::Options {
            rate_limit,
            ..options()
        },
    )
    .await;
    let login = json!({ "username": "nobody", "password": "x" }).to_string();
    let through_proxy = |client: &str| {
        Call::post("/v1/token", &login)
            .from("10.0.0.1:1")
            .header("x-forwarded-for", client)
    };
    assert_eq!(service.call(through_proxy("198.51.100.1")).await.status, 401);
    assert_eq!(service.call(through_proxy("198.51.100.2")).await.status, 401);
    assert_eq!(service.call(through_proxy("198.51.100.1")).await.status, 429);
}

#[tokio::test]
async fn a_proxy_names_requests_and_a_stranger_does_not() {
    let service = Service::open().await;
    let named = |peer: &str| {
        Call::new(Method::GET, "/livez")
            .header("x-request-id", "trace-1")
            .from(peer)
    };
    assert_eq!(
        service.call(named("10.0.0.1:1")).await.header("x-request-id"),
        "trace-1"
    );
    assert_ne!(
        service.call(named("192.0.2.1:1")).await.header("x-request-id"),
        "trace-1"
    );
}

#[tokio::test]
async fn scripts_of_configured_origins_may_call_and_no_others() {
    let service = Service::open().await;
    let from = |origin: &str| Call::new(Method::GET, "/livez").header("origin", origin);
    let ours = service.call(from("https://app.example.com")).await;
    assert_eq!(ours.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(ours.header("vary"), "Origin");
    for origin in [
        "https://evil.example",
        "null",
        "https://app.example.com.evil.example",
        "https://APP.example.com",
    ] {
        let other = service.call(from(origin)).await;
        assert_eq!(other.status, 200);
        assert_eq!(other.header("access-control-allow-origin"), "", "{origin}");
        assert_eq!(other.header("vary"), "Origin");
    }
    let preflight = |origin: &str| {
        Call::new(Method::OPTIONS, "/v1/token")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
    };
    let ours = service.call(preflight("https://app.example.com")).await;
    assert_eq!(ours.status, 204);
    assert!(ours.header("access-control-allow-methods").contains("POST"));
    assert!(ours.header("access-control-allow-headers").contains("Authorization"));
    assert_eq!(ours.header("access-control-allow-credentials"), "");
    let other = service.call(preflight("https://evil.example")).await;
    assert_eq!(other.header("access-control-allow-methods"), "");
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let service = Service::open().await;
    let start = service.call(Call::new(Method::GET, "/")).await;
    assert_eq!((start.status.as_u16(), start.header("location")), (302, "docs"));
    let page = service.call(Call::new(Method::GET, "/docs")).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        !page
            .header("content-security-policy")
            .contains("script-src 'self' 'unsafe-inline'")
    );
    assert!(
        !page.text.contains("http://") && !page.text.contains("https://"),
        "{}",
        page.text
    );
    for path in [
        "docs/swagger-ui.css",
        "docs/swagger-ui.js",
        "docs/start.js",
        "openapi.json",
    ] {
        assert!(page.text.contains(path) || path == "openapi.json");
        let file = service.call(Call::new(Method::GET, &format!("/{path}"))).await;
        assert_eq!(file.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_served_document_is_the_published_one() {
    let service = Service::open().await;
    let answer = service.call(Call::new(Method::GET, "/openapi.json")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.text, web::document());
}

#[test]
fn every_operation_has_a_name_a_chapter_and_words() {
    let document: serde_json::Value = serde_json::from_str(&web::document()).unwrap();
    let mut names = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let place = format!("{method} {path}");
            let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{place}"));
            assert_eq!(names.insert(name.to_owned(), place.clone()), None, "{place}");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.ends_with('.')),
                "{place}"
            );
            let is_public = operation.get("security").is_none();
            let declares_401 = operation["responses"].get("401").is_some();
            assert!(is_public || declares_401, "{place}");
            if let Some(body) = operation.get("requestBody") {
                let name = body["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
                let name = name.rsplit('/').next().unwrap();
                let schema = &document["components"]["schemas"][name];
                assert_eq!(schema["additionalProperties"], false, "{name}");
                for status in ["400", "408", "413", "415"] {
                    assert!(operation["responses"].get(status).is_some(), "{place} {status}");
                }
            }
        }
    }
    assert!(names.len() >= 27, "{names:?}");
}

#[tokio::test]
async fn no_operation_that_needs_a_token_answers_without_one() {
    let service = Service::open().await;
    let user = service.token("carol", Role::User).await;
    let document: serde_json::Value = serde_json::from_str(&web::document()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let needs_token = operation["security"] == json!([{ "bearer": [] }]);
            if !needs_token {
                continue;
            }
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.replace("{id}", "00000000-0000-4000-8000-000000000000");
            let call = || Call::new(method.clone(), &path).json("{}");
            service.call(call()).await.assert_problem(401, "token_required");
            service
                .call(call().bearer("abc"))
                .await
                .assert_problem(401, "invalid_token");
            if path.starts_with("/v1/admin") {
                let answer = service.call(call().bearer(&user)).await;
                answer.assert_problem(403, "insufficient_scope");
                assert_eq!(
                    answer.header("www-authenticate"),
                    r#"Bearer realm="countersign", error="insufficient_scope", scope="admin""#
                );
            }
        }
    }
    let key = service.account("root", Role::Admin).await;
    let body = json!({ "username": "root", "password": PASSWORD, "secret_key": key, "scope": "admin" });
    let tokens = service.post("/v1/token", &body).await.json();
    let answer = service.get("/v1/me", tokens["access_token"].as_str().unwrap()).await;
    answer.assert_problem(403, "insufficient_scope");
    assert!(answer.header("www-authenticate").contains(r#"scope="account""#));
}
