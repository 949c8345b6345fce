//! The Aidbox profile over real HTTP: the documents of that product's own page as they stand there, and one-time codes that are
//! sent to real receivers, good ones and bad ones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::one_time_code::{Digits, HashAlgorithm, OneTimeCode};
use domain::otp_secret::OtpSecret;
use domain::totp::Period;
use serde_json::{Value, json};
use testkit::clock::ManualClock;
use tests::{Service, Setup};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const AUTH_CONFIG: &str = "
twoFactor:
 issuerName: my-app 
 validPastTokensCount: 3 
 webhook:
  endpoint: https://my-app.com
  timeout: 500
";
const CLIENT: &str = "
secret: verysecret
first_party: true
grant_types:
  - code
auth:
  authorization_code:
    redirect_uri: 'http://localhost:3001'
    access_token_expiration: 360
    token_format: jwt
    secret_required: true
    refresh_token: true
";
const USER: &str = "
id: my-user
password: password
";
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const PASSWORD: &str = "correct horse battery staple";

/// A service with the profile, and an administrator's token.
async fn service() -> (Service, Arc<ManualClock>, String) {
    let clock = Arc::new(ManualClock::default());
    let service = Setup::default()
        .clock(&clock)
        .set("compat.aidbox.enabled", "true")
        .set("delivery.allow_private_networks", "true")
        .set("delivery.allow_http", "true")
        .start()
        .await;
    let admin = service.admin_token().await;
    (service, clock, admin)
}

async fn put(service: &Service, admin: &str, path: &str, document: &Value) {
    let answer = service.call("PUT", path).json(document).bearer(admin).await;
    assert!([200, 201].contains(&answer.status), "{answer:?}");
}

/// An account with an authenticator whose codes are sent to `endpoint`, and a client that logs it in by JSON.
async fn with_receiver(endpoint: &str, timeout: u64) -> (Service, Arc<ManualClock>, String) {
    let (service, clock, admin) = service().await;
    let headers = json!({ "Authorization": "Basic cm9vdDpzZWNyZXQ=", "X-Tenant": "north" });
    let webhook = json!({ "endpoint": endpoint, "timeout": timeout, "headers": headers });
    let config = json!({ "twoFactor": { "validPastTokensCount": 3, "webhook": webhook } });
    put(&service, &admin, "/AuthConfig/myconfig", &config).await;
    let second = json!({ "enabled": true, "secretKey": SECRET, "transport": "sms" });
    put(
        &service,
        &admin,
        "/User/my-user",
        &json!({ "password": PASSWORD, "twoFactor": second }),
    )
    .await;
    let flow = json!({ "password": { "token_format": "jwt" } });
    let client = json!({ "secret": "a client's secret", "grant_types": ["password"], "auth": flow });
    put(&service, &admin, "/Client/legacy", &client).await;
    (service, clock, admin)
}

fn code(clock: &ManualClock, steps: i64) -> String {
    use application::ports::Clock as _;
    let step = Period::Thirty.step(clock.now()).later(steps);
    let secret = OtpSecret::parse(SECRET).unwrap();
    OneTimeCode::compute(&secret, step, HashAlgorithm::Sha1, Digits::Six)
        .expose()
        .to_owned()
}

/// Proves the password; gives what to go on with, and how long it took.
async fn password(service: &Service) -> (String, Duration) {
    let body = json!({
        "grant_type": "password", "client_id": "legacy", "client_secret": "a client's secret",
        "username": "my-user", "password": PASSWORD,
    });
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a caller waits for a dead receiver is what is measured"
    )]
    let now = Instant::now;
    let begun = now();
    let answer = service.post("/auth/token").json(&body).await;
    let took = begun.elapsed();
    let json = answer.json();
    assert_eq!(json["error"], "mfa_required", "{answer:?}");
    (json["mfa_token"].as_str().unwrap().to_owned(), took)
}

async fn complete(service: &Service, mfa_token: &str, otp: &str) -> u16 {
    let body = json!({
        "grant_type": "http://auth0.com/oauth/grant-type/mfa-otp", "client_id": "legacy",
        "client_secret": "a client's secret", "mfa_token": mfa_token, "otp": otp,
    });
    service.post("/auth/token").json(&body).await.status
}

/// What a receiver does with a request.
#[derive(Clone, Copy)]
enum Receiver {
    Takes,
    Redirects,
    IsSilent,
    NeverEnds,
}

async fn receive(mut stream: TcpStream, receiver: Receiver, requests: mpsc::UnboundedSender<String>) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap_or_default();
        seen.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return;
            }
            continue;
        };
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok());
        if length.is_some_and(|length| body.len() >= length) {
            let _ = requests.send(text);
            break;
        }
    }
    let answer: &[u8] = match receiver {
        Receiver::Takes => b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        Receiver::Redirects => b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
        Receiver::IsSilent => b"",
        Receiver::NeverEnds => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    };
    let _ = stream.write_all(answer).await;
    if matches!(receiver, Receiver::NeverEnds) {
        while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
        return;
    }
    // Until the other side has enough.
    let _ = stream.read(&mut buffer).await;
}

async fn receiver(receiver: Receiver) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/hook", listener.local_addr().unwrap());
    let (requests, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(receive(stream, receiver, requests.clone()));
        }
    });
    (endpoint, received)
}

#[tokio::test]
async fn the_documents_of_the_products_own_page_are_taken_in_both_notations() {
    let (service, _, admin) = service().await;
    let documents = [
        ("/AuthConfig/myconfig", AUTH_CONFIG),
        ("/Client/mywebapp", CLIENT),
        ("/User/my-user", USER),
    ];
    for (path, document) in documents {
        let call = service.call("PUT", path).body("text/yaml", document).bearer(&admin);
        let written = call.await.expect(201);
        assert_eq!(written.header("content-type"), Some("text/yaml"));
        let json = service.get(path).bearer(&admin).await.expect_json(200);
        let again = service.call("PUT", path).json(&json).bearer(&admin).await;
        again.expect(200);
        let yaml = service
            .get(path)
            .header("accept", "application/x-yaml")
            .bearer(&admin)
            .await
            .expect(200);
        let back = service
            .call("PUT", path)
            .body("application/yaml", yaml.text().as_bytes())
            .bearer(&admin);
        back.await.expect(200);
    }
    let client = service
        .get("/v1/admin/clients/mywebapp")
        .bearer(&admin)
        .await
        .expect_json(200);
    assert_eq!(client["redirect_uris"], json!(["http://localhost:3001"]));
}

#[tokio::test]
async fn a_receiver_gets_the_code_with_the_headers_of_the_document_and_no_secret() {
    let (endpoint, mut received) = receiver(Receiver::Takes).await;
    let (service, clock, admin) = with_receiver(&endpoint, 2_000).await;
    let (mfa_token, _) = password(&service).await;
    let request = received.recv().await.unwrap();
    assert!(request.starts_with("POST /hook HTTP/1.1\r\n"), "{request}");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    for header in [
        "authorization: basic cm9vddpzzwnyzxq=",
        "x-tenant: north",
        "content-type: application/json",
    ] {
        assert!(head.contains(header), "{head}");
    }
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["user"]["id"], "my-user");
    for secret in [SECRET, PASSWORD, "password", "secretKey", "argon2"] {
        assert!(!request.contains(secret), "{secret}: {request}");
    }
    assert_eq!(body["token"], json!(code(&clock, 0)));
    // It is good for as long as the document says, and once.
    clock.advance(Duration::from_secs(90));
    let sent = body["token"].as_str().unwrap();
    assert_eq!(complete(&service, &mfa_token, sent).await, 200);
    let (mfa_token, _) = password(&service).await;
    assert_ne!(complete(&service, &mfa_token, sent).await, 200);
    assert!(!service.events(&admin, "code.sent").await.is_empty());
}

#[tokio::test]
async fn three_past_codes_count_and_neither_a_fourth_nor_a_future_one() {
    let (endpoint, _received) = receiver(Receiver::Takes).await;
    let (service, clock, _) = with_receiver(&endpoint, 2_000).await;
    for (steps, is_accepted) in [(-4, false), (1, false), (-3, true)] {
        let (mfa_token, _) = password(&service).await;
        let status = complete(&service, &mfa_token, &code(&clock, steps)).await;
        assert_eq!(status == 200, is_accepted, "{steps}: {status}");
    }
}

#[tokio::test]
async fn no_receiver_holds_a_login_longer_than_its_timeout_nor_keeps_anybody_out() {
    let dead = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/hook", listener.local_addr().unwrap())
    };
    let mut endpoints = vec![("dead", dead)];
    let mut kept = Vec::new();
    for (name, kind) in [
        ("redirects", Receiver::Redirects),
        ("silent", Receiver::IsSilent),
        ("endless", Receiver::NeverEnds),
    ] {
        let (endpoint, received) = receiver(kind).await;
        endpoints.push((name, endpoint));
        kept.push(received);
    }
    for (name, endpoint) in endpoints {
        let (service, clock, admin) = with_receiver(&endpoint, 500).await;
        let (mfa_token, took) = password(&service).await;
        // The timeout, and what a loaded machine takes for the rest of the call.
        assert!(took < Duration::from_secs(5), "{name}: {took:?}");
        assert_eq!(complete(&service, &mfa_token, &code(&clock, 0)).await, 200, "{name}");
        assert_eq!(service.events(&admin, "code.not_sent").await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn no_file_of_the_database_holds_a_secret_of_a_document() {
    let (service, _, _) = with_receiver("http://127.0.0.1:9/hook", 50).await;
    password(&service).await;
    let setup = service.stop().await;
    for entry in std::fs::read_dir(setup.folder()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for secret in [SECRET, PASSWORD, "a client's secret", "cm9vdDpzZWNyZXQ="] {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{secret} in {}", path.display());
        }
    }
}
