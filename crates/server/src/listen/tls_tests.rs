//! TLS: handshakes that never end, and certificates that are renewed while the service runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use settings::TlsFiles;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::tls::{Certificate, Reload, TlsFault};
use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// Writes a new self-signed certificate and its key; returns the certificate.
fn issue(files: &TlsFiles) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(&files.certificate, issued.cert.pem()).unwrap();
    fs::write(&files.key, issued.signing_key.serialize_pem()).unwrap();
    issued.cert.der().clone()
}

fn files_in(folder: &Path) -> TlsFiles {
    TlsFiles {
        certificate: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
    }
}

fn fixture() -> (TempDir, TlsFiles) {
    let folder = tempfile::tempdir().unwrap();
    let files = files_in(folder.path());
    (folder, files)
}

/// The certificate that a server shows, if it is the trusted one, and the protocol that was agreed on.
async fn shown(acceptor: tokio_rustls::TlsAcceptor, trusted: &CertificateDer<'static>) -> Option<Vec<u8>> {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let server = tokio::spawn(async move { acceptor.accept(socket.accept().await.unwrap().0).await.is_ok() });
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    let protocol = connected.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    assert!(server.await.unwrap());
    protocol
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up_without_a_restart() {
    let (_folder, files) = fixture();
    let old = issue(&files);
    let mut certificate = Certificate::load(&files).await.unwrap();
    let acceptor = certificate.acceptor().unwrap();
    assert_eq!(shown(acceptor.clone(), &old).await, Some(b"h2".to_vec()));
    assert_eq!(certificate.reload().await.unwrap(), Reload::Unchanged);

    let new = issue(&files);
    assert_eq!(certificate.reload().await.unwrap(), Reload::Renewed);
    assert!(shown(acceptor.clone(), &new).await.is_some());
    assert_eq!(shown(acceptor, &old).await, None);
}

#[tokio::test]
async fn a_broken_certificate_changes_nothing_and_is_reported_once() {
    let (_folder, files) = fixture();
    let good = issue(&files);
    let mut certificate = Certificate::load(&files).await.unwrap();
    let acceptor = certificate.acceptor().unwrap();

    fs::write(&files.certificate, "-----BEGIN CERTIFICATE-----\nnonsense").unwrap();
    assert!(matches!(certificate.reload().await, Err(TlsFault::NoCertificate(_))));
    assert_eq!(certificate.reload().await.unwrap(), Reload::Unchanged);
    assert!(shown(acceptor.clone(), &good).await.is_some());

    fs::remove_file(&files.certificate).unwrap();
    assert!(matches!(certificate.reload().await, Err(TlsFault::Unreadable { .. })));
    assert!(shown(acceptor.clone(), &good).await.is_some());

    let renewed = issue(&files);
    assert_eq!(certificate.reload().await.unwrap(), Reload::Renewed);
    assert!(shown(acceptor, &renewed).await.is_some());
}

#[tokio::test]
async fn a_certificate_with_the_key_of_another_is_refused() {
    let (_folder, files) = fixture();
    let (_elsewhere, others) = fixture();
    issue(&files);
    issue(&others);
    fs::copy(&others.key, &files.key).unwrap();
    assert!(matches!(Certificate::load(&files).await, Err(TlsFault::Unusable(_))));
    fs::write(&files.key, "").unwrap();
    assert!(matches!(Certificate::load(&files).await, Err(TlsFault::NoKey(_))));
}

#[tokio::test]
async fn a_handshake_that_never_begins_is_cut_off() {
    let (_folder, files) = fixture();
    issue(&files);
    let tls = Certificate::load(&files).await.unwrap().acceptor().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let endpoint: Endpoint = poem::EndpointExt::boxed(poem::endpoint::make_sync(|_| poem::Response::default()));
    let limits = Limits {
        header_timeout: Duration::from_millis(100),
        idle_timeout: PATIENCE,
        crowded_idle_timeout: PATIENCE,
        grace: Duration::ZERO,
        connections: 1,
        connections_per_network: None,
    };
    let (stop, stopping) = watch::channel(false);
    let listener = Listener {
        socket,
        endpoint: Arc::new(endpoint),
        tls: Some(tls),
        limits,
        proxies: Vec::new(),
    };
    let ended = tokio::spawn(accept(listener, stopping));
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, silent.read_to_end(&mut bytes))
        .await
        .expect("the connection stays open");
    stop.send(true).unwrap();
    timeout(PATIENCE, ended).await.unwrap().unwrap();
}
