//! One connection: HTTP/1 or HTTP/2, with time limits, until it is idle or the service ends.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use poem::Endpoint as _;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::unconstrained;
use tokio::time::sleep;

use super::places::Place;
use super::timed::Timed;
use super::{Endpoint, Limits, Stop, stopped};

/// The head of an HTTP/1 request: a token and a cookie or two fit many times.
const HEAD_BYTES: usize = 64 * 1024;
const HEAD_BYTES_HTTP2: u32 = 16 * 1024;
/// With what nobody has read yet, this bounds what a connection can make us hold.
const STREAMS: u32 = 32;
const WINDOW_OF_A_STREAM: u32 = 64 * 1024;
const WINDOW_OF_A_CONNECTION: u32 = 128 * 1024;
/// Streams that a client reset before we answered them; above it the client only makes work (CVE-2023-44487).
const RESET_STREAMS: usize = 20;
const PING_EVERY: Duration = Duration::from_secs(30);
const PONG_WITHIN: Duration = Duration::from_secs(20);

/// Both ends of a connection.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) local: LocalAddr,
    pub(super) remote: RemoteAddr,
    pub(super) scheme: Scheme,
}

/// The requests of a connection, counted at both ends: equal numbers mean that none is under way.
#[derive(Default)]
pub(super) struct Requests {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Requests {
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) fn none_under_way(&self) -> bool {
        self.at_rest().is_some()
    }

    /// How many there were, if none is under way. The same number twice: nothing happened between.
    fn at_rest(&self) -> Option<u64> {
        let ended = self.ended.load(Ordering::Relaxed);
        (ended == self.begun()).then_some(ended)
    }
}

/// What all requests of a connection share.
pub(super) struct Caller {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) peer: Peer,
    pub(super) requests: Requests,
}

/// A request that counts its end, also when the caller is gone before it.
struct UnderWay(Arc<Caller>);

impl UnderWay {
    fn begin(caller: &Arc<Caller>) -> Self {
        caller.requests.begun.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(caller))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.requests.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// Serves one connection.
pub(super) async fn serve<Stream>(
    stream: Stream,
    peer: Peer,
    endpoint: Arc<Endpoint>,
    limits: Limits,
    place: &Place,
    mut stop: Stop,
) where
    Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let caller = Arc::new(Caller {
        endpoint,
        peer,
        requests: Requests::default(),
    });
    let requests = &caller.requests;
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let under_way = UnderWay::begin(&caller);
        async move {
            let Caller { endpoint, peer, .. } = &*under_way.0;
            let Peer { local, remote, scheme } = peer.clone();
            let response = endpoint.get_response((request, local, remote, scheme).into()).await;
            Ok::<_, Infallible>(hyper::Response::from(response))
        }
    });
    let stream = TokioIo::new(Timed::new(stream, Arc::clone(&caller), limits.header_timeout));
    let mut connection = pin!(PROTOCOLS.serve_connection(stream, service));
    // Looks are frequent enough for the shorter limit: a crowd comes without notice.
    let look_every = limits.idle_timeout.min(limits.crowded_idle_timeout);
    let (mut seen, mut idle_for) = (Some(0), Duration::ZERO);
    loop {
        // The connection first: it is what wakes us up, nearly always.
        tokio::select! {
            biased;
            outcome = connection.as_mut() => {
                if let Err(error) = outcome {
                    // Callers that hang up, and callers that are too slow.
                    tracing::debug!(remote = %caller.peer.remote, %error, "a connection ended");
                }
                return;
            }
            // Unconstrained: else a connection that is never quiet would use up the budget of the task before the end is seen.
            () = unconstrained(stopped(&mut stop)) => break,
            () = sleep(look_every) => {
                let now = requests.at_rest();
                if now.is_none() || now != seen {
                    (seen, idle_for) = (now, Duration::ZERO);
                    continue;
                }
                idle_for += look_every;
                let limit = if place.is_crowded() { limits.crowded_idle_timeout } else { limits.idle_timeout };
                if idle_for >= limit {
                    break;
                }
            }
        }
    }
    // Tells the caller (`connection: close`, or GOAWAY), and lets what is in flight end.
    connection.as_mut().graceful_shutdown();
    loop {
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            () = sleep(limits.header_timeout) => {
                if requests.none_under_way() {
                    return;
                }
            }
        }
    }
}

static PROTOCOLS: LazyLock<Builder<TokioExecutor>> = LazyLock::new(protocols);

fn protocols() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        // `Timed` does it.
        .header_read_timeout(None)
        // Answers are small: to copy one behind its head is cheaper than to hand the kernel two pieces.
        .writev(false)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PONG_WITHIN)
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(WINDOW_OF_A_STREAM)
        .initial_connection_window_size(WINDOW_OF_A_CONNECTION)
        .max_pending_accept_reset_streams(RESET_STREAMS)
        .max_header_list_size(HEAD_BYTES_HTTP2);
    builder
}
