//! Which certificates are believed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use application::ports::OutboundError;
use delivery::{HttpOutbound, Options};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::receiver::{OK, serve};
use crate::support::deliver;

/// A receiver with a certificate for `name`, and the file of the authority that made it.
async fn receiver(name: &str) -> (SocketAddr, NamedTempFile) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &authority).unwrap();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();

    let chain = vec![certificate.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key);
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(
                async move { serve(acceptor.accept(connection).await?, OK, Arc::new(Mutex::default())).await },
            );
        }
    });
    (address, file)
}

fn believing(authority: Option<&NamedTempFile>) -> HttpOutbound {
    HttpOutbound::open(Options {
        allow_private_networks: true,
        allow_http: false,
        ca_file: authority.map(|file| file.path().to_owned()),
    })
    .unwrap()
}

#[tokio::test]
async fn a_certificate_is_believed_by_its_authority_and_its_name() {
    let (address, authority) = receiver("localhost").await;
    let (_, another) = receiver("localhost").await;
    let endpoint = format!("https://localhost:{}/", address.port());
    let unbelieved = Err(OutboundError::Connection);
    assert_eq!(deliver(&believing(Some(&authority)), &endpoint).await, Ok(200));
    assert_eq!(deliver(&believing(None), &endpoint).await, unbelieved);
    assert_eq!(deliver(&believing(Some(&another)), &endpoint).await, unbelieved);
    let by_address = format!("https://{address}/");
    assert_eq!(deliver(&believing(Some(&authority)), &by_address).await, unbelieved);
}
