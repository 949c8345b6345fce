//! `[metrics]`: the listener for Prometheus.

use std::net::SocketAddr;

use crate::loading::reader::{Read, Reader};

/// The metrics listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Whether it is there.
    pub enabled: bool,
    /// Where it listens.
    pub listen: SocketAddr,
}

impl Metrics {
    pub(crate) fn read(from: &mut Reader, service: Read<SocketAddr>) -> Read<Self> {
        let enabled = from.switch("metrics.enabled");
        let listen = from.address("metrics.listen");
        let metrics = Self {
            enabled: enabled?,
            listen: listen?,
        };
        match service {
            Ok(service) if metrics.enabled && collide(service, metrics.listen) => {
                let problem = format!("{} is taken by http.listen ({service})", metrics.listen);
                Err(from.refuse("metrics.listen", problem, "another port"))
            }
            _ => Ok(metrics),
        }
    }
}

/// Whether both cannot be bound at once: port 0 is never the same, and 0.0.0.0 is every address.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let same_address = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && same_address
}
