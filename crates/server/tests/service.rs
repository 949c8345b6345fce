//! Whole services in one process, on ports of their own.
#![expect(
    clippy::unwrap_used,
    reason = "a failure of the test's own machinery is a failure of the test"
)]

use std::net::SocketAddr;
use std::path::Path;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use server::{Overrides, Running, StartError, start};
use settings::{Override, Settings, Sources};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn settings_in(folder: &Path, more: &[(&str, &str)]) -> Settings {
    let mut overrides = vec![
        Override::data(folder.to_string_lossy()),
        Override::listen("127.0.0.1:0"),
        Override::new("test", "metrics.listen", "127.0.0.1:0"),
    ];
    overrides.extend(more.iter().map(|(key, value)| Override::new("test", *key, *value)));
    Settings::load(&Sources {
        overrides,
        ..Sources::default()
    })
    .unwrap()
}

async fn started(folder: &Path) -> Running {
    start(&settings_in(folder, &[]), Overrides::default()).await.unwrap()
}

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client
        .get(format!("http://{address}{path}").parse().unwrap())
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_live_in_one_process_and_answer_as_soon_as_they_are_started() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (started(one.path()).await, started(other.path()).await);
    for running in [&one, &other] {
        assert_eq!(get(running.address, "/readyz").await.0, 200);
        assert_eq!(running.public_url, format!("http://{}", running.address));
    }
    let address = one.address;
    one.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert_eq!(get(other.address, "/readyz").await.0, 200);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_on_a_listener_of_their_own_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    let metrics = running.metrics_address.unwrap();
    let (status, text) = get(metrics, "/metrics").await;
    assert_eq!(status, 200);
    for name in [
        "countersign_build_info{",
        "countersign_password_hash_queue_capacity 128",
        "countersign_revocations_held",
    ] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert_eq!(get(metrics, "/readyz").await.0, 404);
    assert_eq!(get(metrics, "/v1/resource").await.0, 404);
    assert_eq!(get(running.address, "/metrics").await.0, 404);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_finds_its_keys_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = started(folder.path()).await;
    let keys = get(first.address, "/.well-known/jwks.json").await;
    assert_eq!(keys.0, 200);
    first.stop().await;
    let second = started(folder.path()).await;
    assert_eq!(get(second.address, "/.well-known/jwks.json").await, keys);
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_together_on_an_empty_folder_share_one_key_ring() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings_in(folder.path(), &[]);
    let (one, other) = tokio::join!(
        start(&settings, Overrides::default()),
        start(&settings, Overrides::default())
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    let set = |keys: (u16, String)| {
        let keys: serde_json::Value = serde_json::from_str(&keys.1).unwrap();
        let mut kids: Vec<_> = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["kid"].to_string())
            .collect();
        kids.sort();
        kids
    };
    one.app.key_ring.reload().await.unwrap();
    other.app.key_ring.reload().await.unwrap();
    let published = set(get(one.address, "/.well-known/jwks.json").await);
    assert_eq!(published.len(), 4);
    assert_eq!(set(get(other.address, "/.well-known/jwks.json").await), published);
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_certificate_a_service_does_not_fall_back_to_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem");
    let missing = missing.to_str().unwrap();
    let settings = settings_in(
        folder.path(),
        &[("tls.certificate_file", missing), ("tls.key_file", missing)],
    );
    let error = start(&settings, Overrides::default()).await.err().unwrap();
    assert!(matches!(error, StartError::Tls(_)), "{error}");
    assert!(error.to_string().contains("missing.pem"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_gets_no_more_connections_than_the_setting_says_unless_it_is_a_proxy() {
    for (proxies, served) in [("", false), ("127.0.0.1", true)] {
        let folder = tempfile::tempdir().unwrap();
        let more = [
            ("http.max_connections_per_address", "1"),
            ("http.trusted_proxies", proxies),
        ];
        let running = start(&settings_in(folder.path(), &more), Overrides::default())
            .await
            .unwrap();
        // Silent connections are closed after the time for a head, which is far away.
        let _first = tokio::net::TcpStream::connect(running.address).await.unwrap();
        let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let livez = format!("http://{}/livez", running.address).parse().unwrap();
        assert_eq!(client.get(livez).await.is_ok(), served, "proxies: {proxies:?}");
        drop(client);
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_1_needs_one_host() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    for (head, status) in [
        ("GET /livez HTTP/1.1\r\nhost: localhost\r\n", "200"),
        ("GET /livez HTTP/1.0\r\n", "200"),
        ("GET /livez HTTP/1.1\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n", "400"),
        ("GET /livez HTTP/1.1\r\nhost: me@localhost\r\n", "400"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(running.address).await.unwrap();
        let request = format!("{head}connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head:?}: {answer}");
        assert_eq!(answer.contains("header:Host"), status == "400", "{answer}");
    }
    running.stop().await;
}
