//! Where a request comes from: forwarding headers count from configured proxies only.

use serde_json::json;
use tests::{Answer, Service, Setup};

/// One request with credentials for each address, so that the second from one address is refused.
fn one_each(setup: Setup) -> Setup {
    setup
        .set("rate_limit.enabled", "true")
        .set("rate_limit.credentials_per_minute", "1")
        .set("rate_limit.credentials_burst", "1")
}

async fn knock(service: &Service, headers: &[(&str, &str)]) -> Answer {
    let body = json!({"username": "nobody", "password": "nothing at all"});
    let call = service.post("/v1/token").json(&body);
    headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value))
        .await
}

#[tokio::test]
async fn a_stranger_cannot_say_where_he_comes_from() {
    let service = Service::with(one_each).await;
    knock(&service, &[("x-forwarded-for", "203.0.113.1")]).await.expect(401);
    for header in [
        "x-forwarded-for",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
    ] {
        knock(&service, &[(header, "203.0.113.2")]).await.expect(429);
    }
    knock(&service, &[("forwarded", "for=203.0.113.3")]).await.expect(429);
}

#[tokio::test]
async fn a_proxy_says_it_and_only_its_own_word_counts() {
    let trust = |setup: Setup| one_each(setup).set("http.trusted_proxies", "127.0.0.1,10.0.0.0/8");
    let service = Service::with(trust).await;
    knock(&service, &[("x-forwarded-for", "203.0.113.1")]).await.expect(401);
    knock(&service, &[("x-forwarded-for", "203.0.113.1")]).await.expect(429);
    knock(&service, &[("x-forwarded-for", "203.0.113.2")]).await.expect(401);
    // What stands further left was written by whoever came to the proxy.
    knock(&service, &[("x-forwarded-for", "198.51.100.1, 203.0.113.1")])
        .await
        .expect(429);
    knock(
        &service,
        &[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.1")],
    )
    .await
    .expect(429);
    // A chain of proxies of ours is followed to the first stranger.
    knock(&service, &[("x-forwarded-for", "203.0.113.2, 10.1.2.3")])
        .await
        .expect(429);
    knock(&service, &[("x-forwarded-for", "203.0.113.3, 10.1.2.3")])
        .await
        .expect(401);
    // The other headers are not the configured one.
    knock(
        &service,
        &[("x-forwarded-for", "203.0.113.3"), ("x-real-ip", "203.0.113.9")],
    )
    .await
    .expect(429);
    // What cannot be read is not believed: then the caller is the proxy.
    knock(&service, &[("x-forwarded-for", "unknown")]).await.expect(401);
    for unreadable in ["localhost", "203.0.113.9.9", "", "203.0.113.20, garbage"] {
        knock(&service, &[("x-forwarded-for", unreadable)]).await.expect(429);
    }
}

#[tokio::test]
async fn a_site_with_ipv6_is_one_network() {
    let trust = |setup: Setup| one_each(setup).set("http.trusted_proxies", "127.0.0.1");
    let service = Service::with(trust).await;
    knock(&service, &[("x-forwarded-for", "2001:db8:1:2::1")])
        .await
        .expect(401);
    for last in 2..20 {
        let address = format!("2001:db8:1:2:{last:x}::{last:x}");
        knock(&service, &[("x-forwarded-for", &address)]).await.expect(429);
    }
    knock(&service, &[("x-forwarded-for", "2001:db8:1:3::1")])
        .await
        .expect(401);
    // An IPv4 address in IPv6 clothes is that IPv4 address.
    knock(&service, &[("x-forwarded-for", "203.0.113.1")]).await.expect(401);
    knock(&service, &[("x-forwarded-for", "::ffff:203.0.113.1")])
        .await
        .expect(429);
}

#[tokio::test]
async fn the_other_headers_are_read_where_they_are_configured() {
    for (header, one, same) in [
        (
            "forwarded",
            "for=203.0.113.1;proto=https",
            "for=198.51.100.9, For=\"203.0.113.1:4711\";by=x",
        ),
        ("x-real-ip", "203.0.113.1", "203.0.113.1"),
    ] {
        let trust = |setup: Setup| {
            one_each(setup)
                .set("http.trusted_proxies", "127.0.0.1")
                .set("http.forwarded_header", header)
        };
        let service = Service::with(trust).await;
        knock(&service, &[(header, one)]).await.expect(401);
        knock(&service, &[(header, same)]).await.expect(429);
        knock(&service, &[(header, &one.replace("113.1", "113.2"))])
            .await
            .expect(401);
    }
}

#[tokio::test]
async fn the_audit_log_names_the_caller_and_not_the_proxy() {
    let service = Service::with(|setup| setup.set("http.trusted_proxies", "127.0.0.1")).await;
    let admin = service.admin_token().await;
    let headers = [
        ("x-forwarded-for", "198.51.100.1, 203.0.113.7"),
        ("x-request-id", "trace-1"),
    ];
    let answer = knock(&service, &headers).await;
    assert_eq!(answer.header("x-request-id"), Some("trace-1"));
    let refused = service.events(&admin, "login.refused").await;
    let (address, request) = (&refused[0]["address"], &refused[0]["request_id"]);
    assert_eq!((address, request), (&json!("203.0.113.7"), &json!("trace-1")));
}
