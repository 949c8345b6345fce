//! `[delivery]`: where requests of the service itself may go.

use std::path::PathBuf;

use crate::loading::reader::{Read, Reader};

/// What leaves the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whether it may go to private networks and to this machine.
    pub allow_private_networks: bool,
    /// Whether it may go without TLS.
    pub allow_http: bool,
    /// Certificate authorities that are believed besides those of the system.
    pub ca_file: Option<PathBuf>,
}

impl Delivery {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let allow_private_networks = from.switch("delivery.allow_private_networks");
        let allow_http = from.switch("delivery.allow_http");
        let ca_file = from.optional_path("delivery.ca_file");
        Ok(Self {
            allow_private_networks: allow_private_networks?,
            allow_http: allow_http?,
            ca_file: ca_file?,
        })
    }
}
