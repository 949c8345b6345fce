//! The accept loop: bounded, patient with errors, and drained at the end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::Addr;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connection::{Peer, serve};
use super::places::{Place, Places};
use super::{Listener, Stop, stopped};

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const REFUSED: &str = "countersign_connections_refused_total";

/// Accepts and serves connections until `stop`, then lets those that are in flight end within the grace.
pub(crate) async fn accept(mut listener: Listener, mut stop: Stop) {
    let places = Places::new(
        listener.limits.connections,
        listener.limits.connections_per_network,
        std::mem::take(&mut listener.proxies),
    );
    metrics::describe_counter!(
        REFUSED,
        "Connections closed at once because their network had as many as one may"
    );
    let listener = Arc::new(listener);
    let mut somebody_was_refused = false;
    let mut connections = JoinSet::new();
    let mut pause = Duration::ZERO;
    loop {
        // A place first: connections above the limit wait in the backlog of the kernel, where they cost us nothing.
        let next = tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            next = next(&listener, &places) => next,
        };
        while connections.try_join_next().is_some() {}
        match next {
            Ok((stream, remote, free)) => {
                if !pause.is_zero() {
                    tracing::info!("connections are accepted again");
                    pause = Duration::ZERO;
                }
                if let Some(place) = places.admit(free, remote.ip()) {
                    connections.spawn(welcome(Arc::clone(&listener), stream, remote, place, stop.clone()));
                    continue;
                }
                metrics::counter!(REFUSED).increment(1);
                // Once: whoever floods us must not fill the log as well.
                if !std::mem::replace(&mut somebody_was_refused, true) {
                    tracing::warn!(
                        %remote,
                        "a network has as many connections as http.max_connections_per_address allows, and more are closed at \
                         once; if it is a proxy, name it in http.trusted_proxies"
                    );
                }
            }
            Err(error) if concerns_one_caller(&error) => {}
            Err(error) => {
                // Usually there are no file descriptors left. The connection stays in the backlog, so trying again at once
                // would only keep a core busy.
                if pause.is_zero() {
                    tracing::error!(%error, "connections cannot be accepted; trying on");
                }
                pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                tokio::select! {
                    () = stopped(&mut stop) => break,
                    () = sleep(pause) => {}
                }
            }
        }
    }
    let grace = listener.limits.grace;
    // Before the wait: callers that come now are to be refused at once, and find another node.
    drop(listener);
    drain(connections, grace).await;
}

async fn next(listener: &Listener, places: &Places) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let free = places.free().await.map_err(io::Error::other)?;
    let (stream, remote) = listener.socket.accept().await?;
    Ok((stream, remote, free))
}

/// Errors of `accept` that say something about the connection, not about the socket (accept(2)).
fn concerns_one_caller(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

async fn welcome(listener: Arc<Listener>, stream: TcpStream, remote: SocketAddr, place: Place, stop: Stop) {
    // Answers are small and complete when they are written: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else { return };
    let (endpoint, limits) = (Arc::clone(&listener.endpoint), listener.limits);
    let tls = listener.tls.clone();
    // The listening socket must close when the loop ends, however long this connection lives.
    drop(listener);
    let peer = |scheme| Peer {
        local: LocalAddr(Addr::from(local)),
        remote: RemoteAddr(Addr::from(remote)),
        scheme,
    };
    match tls {
        None => serve(stream, peer(Scheme::HTTP), endpoint, limits, &place, stop).await,
        Some(tls) => match timeout(limits.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve(stream, peer(Scheme::HTTPS), endpoint, limits, &place, stop).await,
            Ok(Err(error)) => tracing::debug!(%remote, %error, "the TLS handshake failed"),
            Err(_) => tracing::debug!(%remote, "the TLS handshake took too long"),
        },
    }
}

async fn drain(mut connections: JoinSet<()>, grace: Duration) {
    while connections.try_join_next().is_some() {}
    if connections.is_empty() {
        return;
    }
    tracing::info!(connections = connections.len(), "waiting for requests in flight");
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(grace, all).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "the grace is over; requests in flight are cut off"
        );
    }
    connections.shutdown().await;
}
