//! The accept loop: bounded, patient with errors, and drained at the end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use poem::Addr;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connection::{Peer, serve};
use super::{Listener, Stop, stopped};

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Accepts and serves connections until `stop`, then lets those that are in flight end within the grace.
pub(crate) async fn accept(listener: Listener, mut stop: Stop) {
    let listener = Arc::new(listener);
    let places = Arc::new(Semaphore::new(listener.limits.connections));
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
            Ok((stream, place)) => {
                if !pause.is_zero() {
                    tracing::info!("connections are accepted again");
                    pause = Duration::ZERO;
                }
                connections.spawn(welcome(Arc::clone(&listener), stream, place, stop.clone()));
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

async fn next(listener: &Listener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.socket.accept().await?;
    Ok((stream, place))
}

/// Errors of `accept` that say something about the connection, not about the socket (accept(2)).
fn concerns_one_caller(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

async fn welcome(listener: Arc<Listener>, stream: TcpStream, place: OwnedSemaphorePermit, stop: Stop) {
    let _place = place;
    // Answers are small and complete when they are written: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let (Ok(local), Ok(remote)) = (stream.local_addr(), stream.peer_addr()) else {
        return;
    };
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
        None => serve(stream, peer(Scheme::HTTP), endpoint, limits, stop).await,
        Some(tls) => match timeout(limits.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve(stream, peer(Scheme::HTTPS), endpoint, limits, stop).await,
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
