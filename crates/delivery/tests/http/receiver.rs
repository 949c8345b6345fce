//! A receiver that says what a test wants it to say, byte by byte, and keeps what it heard.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// How a receiver answers.
#[derive(Clone, Copy)]
pub enum Manner {
    /// With these bytes; the connection ends with them.
    Says(&'static str),
    /// Not at all.
    Silent,
    /// With the head of an answer, a byte at a time, without end.
    DribblesHead,
    /// With a body, a byte at a time, without end.
    DribblesBody,
    /// With a body, as fast as it goes, without end.
    Floods,
}

pub const OK: Manner = Manner::Says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

/// A server on a free port of this machine, until the test ends.
pub struct Receiver {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, manner, Arc::clone(&keep)));
            }
        });
        Self { address, heard }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?a=b", self.address)
    }

    /// The requests so far, as they came.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Hears one request and answers it.
pub async fn serve(
    mut connection: impl AsyncRead + AsyncWrite + Unpin,
    manner: Manner,
    heard: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let request = hear(&mut connection).await?;
    heard.lock().unwrap().push(request);
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    match manner {
        Manner::Says(bytes) => {
            connection.write_all(bytes.as_bytes()).await?;
            connection.shutdown().await
        }
        Manner::Silent => std::future::pending().await,
        Manner::DribblesHead => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nx: ").await?;
            dribble(connection, "x").await
        }
        Manner::DribblesBody => {
            connection.write_all(chunked.as_bytes()).await?;
            dribble(connection, "1\r\nx\r\n").await
        }
        Manner::Floods => {
            connection.write_all(chunked.as_bytes()).await?;
            let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
            loop {
                connection.write_all(chunk.as_bytes()).await?;
            }
        }
    }
}

async fn dribble(mut connection: impl AsyncWrite + Unpin, piece: &str) -> std::io::Result<()> {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    loop {
        pace.tick().await;
        connection.write_all(piece.as_bytes()).await?;
        connection.flush().await?;
    }
}

/// Reads to the end of the body, whose length is given.
async fn hear(connection: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Ok(text);
            }
        }
        if connection.read_buf(&mut bytes).await? == 0 {
            return Ok(text);
        }
    }
}
