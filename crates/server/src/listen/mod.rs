//! Listening: poem's own server has no time limits for headers, spins when it cannot accept, and does not drain, so
//! the loop around poem's endpoint is ours.

mod accept;
mod connection;
mod metrics;
mod places;
#[cfg(test)]
mod tests;
mod timed;
pub mod tls;
#[cfg(test)]
mod tls_tests;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use poem::endpoint::BoxEndpoint;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(crate) use self::accept::accept;
pub(crate) use self::metrics::endpoint as metrics_endpoint;
use crate::error::StartError;

/// An endpoint as `web` makes it.
pub type Endpoint = BoxEndpoint<'static, poem::Response>;

/// Becomes `true` when the service is to end.
pub(crate) type Stop = watch::Receiver<bool>;

/// Resolves when the service is to end, or when whoever could tell is gone.
pub(crate) async fn stopped(stop: &mut Stop) {
    // An error means that the sender was dropped, which is the end as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What a listener allows its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the TLS handshake, and for the head of a request.
    pub header_timeout: Duration,
    /// For a connection on which nothing is under way; it is closed after this at the earliest.
    pub idle_timeout: Duration,
    /// The same, while more than three quarters of the connections are taken.
    pub crowded_idle_timeout: Duration,
    /// For what is in flight when the service ends.
    pub grace: Duration,
    /// Connections at the same time.
    pub connections: usize,
    /// How many of them one network may have: an IPv4 address, or an IPv6 /64. `None`: all.
    pub connections_per_network: Option<NonZeroUsize>,
}

/// One listening socket, and what answers on it.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) tls: Option<tokio_rustls::TlsAcceptor>,
    pub(crate) limits: Limits,
    /// They bring the connections of many: a network among them has no share that it could exceed.
    pub(crate) proxies: Vec<IpNet>,
}

/// Binds; `setting` is the name of the setting that holds the address.
pub(crate) async fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|cause| StartError::Bind {
        setting,
        address,
        cause,
    })
}
