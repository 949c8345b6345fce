//! TLS by rustls: the certificate, and taking up a renewed one without a restart.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use settings::TlsFiles;
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

/// A certificate and its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file holds no certificate.
    #[error("{0} holds no certificate in PEM form")]
    NoCertificate(PathBuf),
    /// The file holds no private key.
    #[error("{0} holds no private key in PEM form")]
    NoKey(PathBuf),
    /// The two do not belong together, or the key is of a kind that is not supported.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The certificate in use, and the files that it came from.
pub struct Certificate {
    files: TlsFiles,
    current: Arc<Current>,
    seen: Content,
}

#[derive(PartialEq, Eq)]
struct Content {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Current(..)")
    }
}

/// What a look at the files led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// The files are as they were.
    Unchanged,
    /// The new certificate is in use.
    Renewed,
}

impl Certificate {
    /// Reads the files.
    pub async fn load(files: &TlsFiles) -> Result<Self, TlsFault> {
        let seen = read(files).await?;
        let current = Arc::new(Current(RwLock::new(Arc::new(certified(files, &seen)?))));
        Ok(Self {
            files: files.clone(),
            current,
            seen,
        })
    }

    /// Speaks TLS 1.3 and 1.2, HTTP/2 and HTTP/1.1, with whatever certificate is in use at that moment.
    pub fn acceptor(&self) -> Result<TlsAcceptor, TlsFault> {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&self.current) as _;
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Takes up the files if they changed. A broken pair changes nothing, and is reported once and not at each look: the
    /// two files are rarely replaced in the same moment.
    pub async fn reload(&mut self) -> Result<Reload, TlsFault> {
        let content = read(&self.files).await?;
        if content == self.seen {
            return Ok(Reload::Unchanged);
        }
        let renewed = certified(&self.files, &content);
        self.seen = content;
        *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(renewed?);
        Ok(Reload::Renewed)
    }
}

async fn read(files: &TlsFiles) -> Result<Content, TlsFault> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |cause| TlsFault::Unreadable { path, cause }
    };
    Ok(Content {
        chain: tokio::fs::read(&files.certificate)
            .await
            .map_err(unreadable(&files.certificate))?,
        key: Zeroizing::new(tokio::fs::read(&files.key).await.map_err(unreadable(&files.key))?),
    })
}

fn certified(files: &TlsFiles, content: &Content) -> Result<CertifiedKey, TlsFault> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&content.chain)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsFault::NoCertificate(files.certificate.clone()))?;
    if chain.is_empty() {
        return Err(TlsFault::NoCertificate(files.certificate.clone()));
    }
    let key = PrivateKeyDer::from_pem_slice(&content.key).map_err(|_| TlsFault::NoKey(files.key.clone()))?;
    Ok(CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?)
}
