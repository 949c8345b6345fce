//! What a caller may send, how much of it, how fast, and how often.

use serde_json::json;
use tests::{PASSWORD, Service, raw};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

const LIMIT: usize = 64 * 1024;

/// A login that is padded to exactly this length. It is refused, and by the login.
fn login_of(length: usize) -> String {
    let empty = json!({"username": "nobody", "password": ""}).to_string();
    json!({"username": "nobody", "password": "x".repeat(length - empty.len())}).to_string()
}

#[tokio::test]
async fn a_body_of_64_kib_is_read_and_one_byte_more_is_not() {
    let service = Service::sqlite().await;
    let post = |length| service.post("/v1/token").body("application/json", login_of(length));
    // The password is far too long; what counts is that somebody looked.
    post(LIMIT).await.expect_faults(400, "invalid_request", &["/password"]);
    post(LIMIT + 1).await.expect_problem(413, "body_too_large");
    post(1_000_000).await.expect_problem(413, "body_too_large");
}

#[tokio::test]
async fn the_limit_is_a_setting() {
    let service = Service::with(|setup| setup.set("http.body_limit_kib", "1")).await;
    let post = |length| service.post("/v1/token").body("application/json", login_of(length));
    post(1_024).await.expect_faults(400, "invalid_request", &["/password"]);
    post(1_025).await.expect_problem(413, "body_too_large");
}

fn head(service: &Service, more: &str) -> String {
    format!(
        "POST /v1/token HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nConnection: close\r\n{more}\r\n",
        service.address()
    )
}

fn chunked(body: &str) -> String {
    let chunks = body.as_bytes().chunks(1_000).fold(String::new(), |chunks, chunk| {
        format!("{chunks}{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk))
    });
    format!("{chunks}0\r\n\r\n")
}

#[tokio::test]
async fn a_body_that_does_not_say_its_length_is_counted_as_it_comes() {
    let service = Service::sqlite().await;
    let request = |length| head(&service, "Transfer-Encoding: chunked\r\n") + &chunked(&login_of(length));
    let answer = raw::exchange(service.address(), request(LIMIT).as_bytes()).await;
    assert_eq!(raw::status(&answer), Some(400), "{answer}");
    let answer = raw::exchange(service.address(), request(LIMIT + 1).as_bytes()).await;
    assert_eq!(raw::status(&answer), Some(413), "{answer}");
    assert!(answer.contains("body_too_large"), "{answer}");
    // A body without end does not have to end to be refused.
    let mut stream = TcpStream::connect(service.address()).await.unwrap();
    stream
        .write_all(head(&service, "Transfer-Encoding: chunked\r\n").as_bytes())
        .await
        .unwrap();
    for _ in 0..70 {
        let chunk = format!("400\r\n{}\r\n", " ".repeat(1_024));
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let answer = raw::read_to_end(&mut stream).await;
    assert_eq!(raw::status(&answer), Some(413), "{answer}");
}

#[tokio::test]
async fn a_length_that_is_too_large_is_refused_before_a_byte_comes() {
    let service = Service::sqlite().await;
    for length in ["65537", "4294967296", "9223372036854775807"] {
        let request = head(&service, &format!("Content-Length: {length}\r\n"));
        let answer = raw::exchange(service.address(), request.as_bytes()).await;
        assert_eq!(raw::status(&answer), Some(413), "{length}: {answer}");
    }
}

#[tokio::test]
async fn a_request_that_two_readers_could_cut_differently_is_refused() {
    let service = Service::sqlite().await;
    for more in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x10\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: nonsense\r\n",
    ] {
        let answer = raw::exchange(service.address(), (head(&service, more) + "0\r\n\r\n").as_bytes()).await;
        assert!(
            answer.is_empty() || raw::status(&answer).is_some_and(|status| [400, 431].contains(&status)),
            "{more:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_in_time_ends_the_connection() {
    let service = Service::with(|setup| setup.set("http.header_timeout", "1s")).await;
    for begun in ["", "P", "POST /v1/token HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(service.address()).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let answer = raw::read_to_end(&mut stream).await;
        assert!(
            answer.is_empty() || raw::status(&answer) == Some(408),
            "{begun:?}: {answer}"
        );
    }
    assert_eq!(service.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_refused() {
    let service = Service::with(|setup| setup.set("http.request_timeout", "1s")).await;
    let request = head(&service, "Content-Length: 100\r\n") + "{\"username\": ";
    let answer = raw::exchange(service.address(), request.as_bytes()).await;
    assert_eq!(raw::status(&answer), Some(408), "{answer}");
    assert!(answer.contains("request_timeout"), "{answer}");
}

#[tokio::test]
async fn a_monstrous_head_is_refused() {
    let service = Service::sqlite().await;
    let request = head(&service, &format!("X-Large: {}\r\n", "x".repeat(1_000_000)));
    let answer = raw::exchange(service.address(), request.as_bytes()).await;
    assert!(
        answer.is_empty() || [Some(400), Some(431)].contains(&raw::status(&answer)),
        "{answer}"
    );
    assert_eq!(service.get("/livez").await.status, 200);
}

async fn limited(per_minute: u32, burst: u32) -> Service {
    Service::with(|setup| {
        setup
            .set("rate_limit.enabled", "true")
            .set("rate_limit.credentials_per_minute", &per_minute.to_string())
            .set("rate_limit.credentials_burst", &burst.to_string())
    })
    .await
}

#[tokio::test]
async fn credentials_may_be_sent_so_often_and_then_later() {
    let service = limited(1, 5).await;
    let alice = service.register("alice").await;
    for left in [3, 2, 1, 0] {
        let answer = service.token(&alice.credentials()).await.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""credentials";q=5;w=300"#));
        let state = answer.header("ratelimit").unwrap();
        assert!(state.starts_with(&format!(r#""credentials";r={left};t="#)), "{state}");
        assert_eq!(answer.header("retry-after"), None);
    }
    let answer = service.token(&alice.credentials()).await;
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(
        answer.header("ratelimit"),
        Some(format!(r#""credentials";r=0;t={wait}"#).as_str())
    );
    answer.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn every_operation_that_takes_a_secret_is_limited_and_no_other() {
    let service = limited(1, 2).await;
    let (_, tokens) = service.logged_in("alice").await;
    for path in [
        "/v1/token",
        "/v1/token/refresh",
        "/v1/token/revoke",
        "/v1/users",
        "/v1/me/password",
        "/v1/me/secret-key/rotate",
    ] {
        let call = service.post(path).bearer(&tokens.access).json(&json!({}));
        call.await.expect_problem(429, "rate_limited");
    }
    for _ in 0..10 {
        assert_eq!(service.resource(&tokens.access).await, 200);
        let answer = service.get("/livez").await.expect(200);
        assert_eq!(answer.header("ratelimit"), None);
    }
}

#[tokio::test]
async fn a_refused_request_does_no_work_and_is_no_guess() {
    let service = limited(1, 6).await;
    let alice = service.register("alice").await;
    let admin = service.admin_token().await;
    let wrong = json!({"username": "alice", "password": "wrong password"});
    for _ in 0..4 {
        service.token(&wrong).await.expect(401);
    }
    for _ in 0..20 {
        service.token(&wrong).await.expect_problem(429, "rate_limited");
    }
    assert_eq!(service.events(&admin, "login.refused").await.len(), 4);
    let view = service
        .get(&format!("/v1/admin/users/{}", alice.id))
        .bearer(&admin)
        .await
        .expect_json(200);
    assert_eq!(view["held"], json!([]));
}

#[tokio::test]
async fn passwords_beyond_the_longest_are_refused_without_being_hashed() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    for length in [257, 5_000] {
        let body = alice.credentials_with(&json!({"password": "x".repeat(length)}));
        service
            .token(&body)
            .await
            .expect_faults(400, "invalid_request", &["/password"]);
    }
    let fits = json!({"username": "nobody", "password": PASSWORD});
    service.token(&fits).await.expect_problem(401, "invalid_credentials");
}
