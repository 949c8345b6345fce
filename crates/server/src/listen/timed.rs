//! A time limit for the heads of requests, from the first byte of each.
//!
//! hyper has one too, and it is not enough: it does not hold for the first bytes, by which HTTP/1 and HTTP/2 are told
//! apart, and it holds for connections on which nothing is under way, so that a limit that is short enough for slow callers
//! would close the connections that proxies keep.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::connection::Caller;

/// What an HTTP/2 client sends first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which protocol the bytes so far belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// This many bytes of the preface came, and nothing else.
    Undecided(usize),
    Http1,
    Http2,
}

impl Protocol {
    fn after(self, bytes: &[u8]) -> Self {
        let Self::Undecided(matched) = self else { return self };
        let expected = PREFACE.get(matched..).unwrap_or_default();
        let agreed = bytes
            .iter()
            .zip(expected)
            .take_while(|(one, other)| one == other)
            .count();
        match matched + agreed {
            all if all == PREFACE.len() => Self::Http2,
            _ if agreed < bytes.len() => Self::Http1,
            some => Self::Undecided(some),
        }
    }
}

/// A head that has begun and is not complete.
struct Awaited {
    /// How many requests there were when it began: one more means that it is complete.
    after: u64,
    /// Made when the head does not come in one piece, which is rare.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// A stream on which heads must arrive in time. For HTTP/2, only the preface: the rest is for the limit on idle connections.
pub(super) struct Timed<Stream> {
    stream: Stream,
    caller: Arc<Caller>,
    within: Duration,
    protocol: Protocol,
    awaited: Option<Awaited>,
}

impl<Stream> Timed<Stream> {
    pub(super) fn new(stream: Stream, caller: Arc<Caller>, within: Duration) -> Self {
        // Somebody who connects has something to say.
        let awaited = Some(Awaited {
            after: 0,
            deadline: None,
        });
        Self {
            stream,
            caller,
            within,
            protocol: Protocol::Undecided(0),
            awaited,
        }
    }

    fn saw(&mut self, bytes: &[u8]) {
        self.protocol = self.protocol.after(bytes);
        if self.protocol == Protocol::Http2 {
            self.awaited = None;
        } else if self.awaited.is_none() && !bytes.is_empty() && self.caller.requests.none_under_way() {
            self.awaited = Some(Awaited {
                after: self.caller.requests.begun(),
                deadline: None,
            });
        }
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(awaited) = &mut self.awaited else { return false };
        if self.caller.requests.begun() != awaited.after {
            self.awaited = None;
            return false;
        }
        let deadline = awaited.deadline.get_or_insert_with(|| Box::pin(sleep(self.within)));
        deadline.as_mut().poll(cx).is_ready()
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Timed<Stream> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // Also when there are bytes to read: a head that drips would never be late otherwise.
        if this.is_late(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if let Poll::Ready(Ok(())) = outcome {
            this.saw(buffer.filled().get(before..).unwrap_or_default());
        }
        outcome
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for Timed<Stream> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol(pieces: &[&[u8]]) -> Protocol {
        pieces
            .iter()
            .fold(Protocol::Undecided(0), |protocol, bytes| protocol.after(bytes))
    }

    #[test]
    fn the_protocol_is_known_by_the_first_bytes_in_whatever_pieces_they_come() {
        assert_eq!(protocol(&[b"GET"]), Protocol::Http1);
        assert_eq!(protocol(&[b"PR", b"OPFIND"]), Protocol::Http1);
        assert_eq!(protocol(&[b"PR", b"I * "]), Protocol::Undecided(6));
        assert_eq!(protocol(&[PREFACE]), Protocol::Http2);
        assert_eq!(
            protocol(&[b"PRI * HTTP/2.0\r\n\r\n", b"SM\r\n\r\n\0\0\0", b"GET"]),
            Protocol::Http2
        );
    }
}
