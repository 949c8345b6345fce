//! What leaves the house: requests to addresses that an administrator or a client named.
//!
//! Such an address must not make the service speak to what only the service can reach. So every address is checked, a name is
//! resolved once and only the checked addresses are connected to, and no redirect is followed.

mod client;
mod endpoint;
mod reach;
mod resolver;

use std::io;
use std::path::PathBuf;

pub use client::HttpOutbound;

/// Where requests may go, and whom they believe.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether they may go to private networks and to this machine.
    pub allow_private_networks: bool,
    /// Whether they may go without TLS.
    pub allow_http: bool,
    /// A PEM file of certificate authorities that are believed besides those of the system.
    pub ca_file: Option<PathBuf>,
}

/// Why nothing can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file of authorities cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It holds no certificate.
    #[error("{0} holds no certificate in PEM form")]
    NoCertificate(PathBuf),
    /// The client cannot be made, for example because a certificate in that file is none of an authority.
    #[error("requests cannot be sent: {0}")]
    Client(reqwest::Error),
}
