//! Why the service does not start, told to the person who started it: what happened, and what to do.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use application::keys::RotateError;
use application::ports::StoreError;
use crypto::password_hasher::ParametersFault;
use delivery::OpenError as DeliveryError;
use persistence::{MigrationError, OpenError};
use settings::Faults;

use crate::listen::tls::TlsFault;
use crate::master_key::MasterKeyError;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// The cost of password hashes is out of bounds.
    #[error("[passwords]: {0}")]
    Passwords(#[from] ParametersFault),
    /// `--dev` was asked for on an address that others can reach.
    #[error(
        "serve --dev lets anybody register, and therefore only listens on the loopback interface; {0} is another address.\n\
         Use --listen 127.0.0.1:8080, or serve without --dev."
    )]
    NotLoopback(SocketAddr),
    /// An address cannot be listened on.
    #[error("{setting}: cannot listen on {address}: {cause}.\nStop what listens there, or choose another address.")]
    Bind {
        /// The setting that holds the address.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// The certificate cannot be used.
    #[error("[tls]: {0}")]
    Tls(#[from] TlsFault),
    /// Nothing can be sent to others.
    #[error("[delivery]: {0}")]
    Delivery(#[from] DeliveryError),
    /// A folder cannot be made.
    #[error("the data folder {path} cannot be made: {cause}")]
    DataFolder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no database, and this command is not the one to make it.
    #[error(
        "there is no database at {0}.\nName the data folder with --data DIR, or make the database first: `countersign serve` \
         or `countersign migrate`."
    )]
    NoDatabase(PathBuf),
    /// The schema cannot be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The schema is not up to date, and nobody allowed to change it.
    #[error(
        "the database lacks these migrations: {}.\nRun `countersign migrate`, or set database.auto_migrate = true.",
        .0.join(", ")
    )]
    Pending(Vec<String>),
    /// There is no usable master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The master key does not fit the database.
    #[error(
        "the master key is not the one of this database: the signing keys in it cannot be opened. Nothing was changed.\n\
         Give the right key: restore {file}, or set COUNTERSIGN__SECRETS__MASTER_KEY_FILE to a file that holds it."
    )]
    OtherMasterKey {
        /// Where the key came from, or where the right one belongs.
        file: String,
    },
    /// Two nodes made a master key at the same moment.
    #[error(
        "another node filled this database under another master key at the same moment.\n\
         Empty the database, remove {file}, and give all nodes one key: `countersign key generate-master` makes it."
    )]
    TwoMasterKeys {
        /// Where the key of this node is.
        file: String,
    },
    /// No thread can be started.
    #[error("the threads that hash passwords cannot be started: {0}")]
    Threads(io::Error),
    /// The node could not be made ready.
    #[error("the signing keys cannot be made ready: {0}")]
    Wake(#[from] RotateError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StartError {
    /// Whether the operator has to change the configuration, rather than to try again.
    pub const fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::Settings(_)
                | Self::Passwords(_)
                | Self::NotLoopback(_)
                | Self::Tls(_)
                | Self::Delivery(_)
                | Self::MasterKey(_)
                | Self::OtherMasterKey { .. }
                | Self::TwoMasterKeys { .. }
        )
    }
}

/// An error with its causes in one line.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Transparent errors repeat the text of their cause.
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
