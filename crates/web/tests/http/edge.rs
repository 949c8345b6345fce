//! What happens to every request, whatever it asks for.

use crate::service::{Call, Service, options, rate_limit};
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
        "/v1/admin/users/",
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
async fn the_files_of_the_pages_are_there_and_kept() {
    let service = Service::open().await;
    for (path, content_type) in [
        ("/auth/assets/pages.css", "text/css; charset=utf-8"),
        ("/auth/assets/pages.js", "text/javascript; charset=utf-8"),
    ] {
        let file = service.call(Call::new(Method::GET, path)).await;
        assert_eq!(
            (file.status, file.header("content-type")),
            (poem::http::StatusCode::OK, content_type)
        );
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert_eq!(file.header("cache-control"), "no-cache", "without its version");
    }
    let missing = service.call(Call::new(Method::GET, "/auth/assets/pages.txt")).await;
    missing.assert_problem(404, "not_found");
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
    assert_eq!(keys.len(), 4, "active and next, for access tokens and for ID tokens");
    for key in keys {
        let kind = (key["kty"].as_str(), key["alg"].as_str());
        assert!([(Some("EC"), Some("ES256")), (Some("RSA"), Some("RS256"))].contains(&kind));
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
    for path in ["/v1/token/refresh", "/v1/token/revoke"] {
        let other_operation = Call::post(path, "{}").from("[2001:db8::5]:1");
        service.call(other_operation).await.assert_problem(429, "rate_limited");
    }
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
