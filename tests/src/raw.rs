//! Bytes on a connection, for requests that no HTTP client would send.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longer than any answer takes, so that a test that hangs ends.
const LIMIT: Duration = Duration::from_secs(20);

/// Sends bytes and gives everything that comes back until the connection ends. Ask for `Connection: close`.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A service that refuses a body may close before all of it is sent.
    let _ = stream.write_all(bytes).await;
    read_to_end(&mut stream).await
}

/// Everything that comes until the connection ends.
pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let reading = async {
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer).await {
                // A reset after the answer is as good as an end.
                Ok(0) | Err(_) => break,
                Ok(length) => received.extend_from_slice(&buffer[..length]),
            }
        }
    };
    let outcome = tokio::time::timeout(LIMIT, reading).await;
    assert!(
        outcome.is_ok(),
        "the connection stays open; so far: {}",
        String::from_utf8_lossy(&received)
    );
    String::from_utf8_lossy(&received).into_owned()
}

/// The status of a response in HTTP/1.1.
pub fn status(response: &str) -> Option<u16> {
    response.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}
