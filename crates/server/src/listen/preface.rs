//! A time limit for the first bytes of a connection, by which HTTP/1 and HTTP/2 are told apart: hyper has none for them.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What an HTTP/2 client sends first (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose first bytes must arrive in time. As soon as they are the whole preface, or are not a preface at all,
/// the time limits of the protocol hold, and this one is gone.
pub(super) struct Preface<Stream> {
    stream: Stream,
    matched: usize,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<Stream> Preface<Stream> {
    pub(super) fn new(stream: Stream, within: Duration) -> Self {
        Self {
            stream,
            matched: 0,
            deadline: Some(Box::pin(sleep(within))),
        }
    }

    fn saw(&mut self, bytes: &[u8]) {
        let expected = PREFACE.get(self.matched..).unwrap_or_default();
        let agreed = bytes
            .iter()
            .zip(expected)
            .take_while(|(one, other)| one == other)
            .count();
        self.matched += agreed;
        let is_undecided = !bytes.is_empty() && agreed == bytes.len() && self.matched < PREFACE.len();
        if !is_undecided {
            self.deadline = None;
        }
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Preface<Stream> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(cx, buffer);
        let Some(deadline) = &mut this.deadline else {
            return outcome;
        };
        match outcome {
            Poll::Ready(Ok(())) => this.saw(buffer.filled().get(before..).unwrap_or_default()),
            Poll::Pending if deadline.as_mut().poll(cx).is_ready() => {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            Poll::Ready(Err(_)) | Poll::Pending => {}
        }
        outcome
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for Preface<Stream> {
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
