//! A connection between a service and its database that can be cut.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// They are passed on.
    Open,
    /// They are held, and connections stay: a network that loses everything.
    Silent,
    /// Connections end at once, old and new: a server that is gone.
    Cut,
}

/// Passes bytes on to a server, as long as the line is open.
pub struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Stands in front of the server of this database URL.
    pub async fn before(database_url: &str) -> Self {
        let server = server_of(database_url).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (line, _) = watch::channel(Line::Open);
        let lines = line.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server.clone(), lines.subscribe()));
            }
        });
        Self {
            address,
            line,
            accepting,
        }
    }

    /// The database URL by way of this proxy.
    pub fn url(&self, database_url: &str) -> String {
        database_url.replace(server_of(database_url), &self.address.to_string())
    }

    /// Changes what becomes of the bytes.
    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Line::Cut);
    }
}

fn server_of(database_url: &str) -> &str {
    let rest = database_url.split_once('@').expect("a URL with a user").1;
    rest.split_once('/').expect("a URL with a database").0
}

async fn connect(client: TcpStream, server: String, mut line: watch::Receiver<Line>) {
    if *line.borrow() == Line::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (client_reads, client_writes) = client.into_split();
    let (server_reads, server_writes) = server.into_split();
    let (there, back) = (line.clone(), line.clone());
    tokio::select! {
        () = pass(client_reads, server_writes, there) => {}
        () = pass(server_reads, client_writes, back) => {}
        _ = line.wait_for(|line| *line == Line::Cut) => {}
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut line: watch::Receiver<Line>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        if line.wait_for(|line| *line == Line::Open).await.is_err() || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
