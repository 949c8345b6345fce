//! `[tls]`: whether the service speaks TLS itself.

use std::path::PathBuf;
use std::time::Duration;

use crate::loading::reader::{Grain, Read, Reader};

/// TLS on the public listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and its key; `None`: no TLS.
    pub files: Option<TlsFiles>,
    /// How often the files are looked at.
    pub reload_every: Duration,
}

/// A certificate and its key, PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Tls {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let certificate = from.optional_path("tls.certificate_file");
        let key = from.optional_path("tls.key_file");
        let intervals = Duration::from_secs(1)..=Duration::from_hours(24);
        let reload_every = from.duration("tls.reload_every", &intervals, Grain::Seconds);
        let files = match (certificate?, key?) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (Some(_), None) => return Err(alone(from, "tls.certificate_file", "tls.key_file")),
            (None, Some(_)) => return Err(alone(from, "tls.key_file", "tls.certificate_file")),
        };
        Ok(Self {
            files,
            reload_every: reload_every?,
        })
    }
}

fn alone(from: &mut Reader, set: &str, missing: &str) -> crate::loading::reader::Recorded {
    from.refuse(set, format!("it is set and {missing} is not"), "both or none")
}
