//! The listener against callers that are slow, silent, many, or in the middle of something when the service ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use poem::endpoint::make;
use poem::{EndpointExt as _, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;

/// Far above what anything here takes: it only ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(20);
const LIMITS: Limits = Limits {
    header_timeout: Duration::from_millis(150),
    idle_timeout: Duration::from_mins(1),
    crowded_idle_timeout: Duration::from_mins(1),
    grace: Duration::from_secs(10),
    connections: 100,
    connections_per_network: None,
};
const HELLO: &[u8] = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";

struct Fixture {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
    /// Somebody called `/wait`.
    arrived: Arc<Notify>,
    /// Lets one caller of `/wait` have the answer.
    proceed: Arc<Notify>,
}

async fn listen(limits: Limits) -> Fixture {
    listen_behind(limits, &[]).await
}

async fn listen_behind(limits: Limits, proxies: &[&str]) -> Fixture {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (stop, stopping) = watch::channel(false);
    let (arrived, proceed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (here, go_on) = (Arc::clone(&arrived), Arc::clone(&proceed));
    let endpoint = make(move |request: Request| {
        let (here, go_on) = (Arc::clone(&here), Arc::clone(&go_on));
        async move {
            if request.uri().path() == "/wait" {
                here.notify_one();
                go_on.notified().await;
            }
            Ok::<_, poem::Error>("hello")
        }
    });
    let endpoint = endpoint.map_to_response().boxed();
    let listener = Listener {
        socket,
        endpoint: Arc::new(endpoint),
        tls: None,
        limits,
        proxies: proxies.iter().map(|network| network.parse().unwrap()).collect(),
    };
    let ended = tokio::spawn(accept(listener, stopping));
    Fixture {
        address,
        stop,
        ended,
        arrived,
        proceed,
    }
}

impl Fixture {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn end(self) {
        self.stop.send(true).unwrap();
        timeout(PATIENCE, self.ended).await.unwrap().unwrap();
    }
}

/// Everything until the other side closes; a reset counts as closing.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection stays open");
    String::from_utf8(bytes).unwrap()
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    while !text.ends_with("hello") {
        let mut bytes = [0; 1024];
        let count = timeout(PATIENCE, stream.read(&mut bytes))
            .await
            .expect("no answer")
            .unwrap();
        assert_ne!(count, 0, "the connection was closed after {text:?}");
        text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    text
}

#[tokio::test]
async fn a_request_is_answered_and_the_connection_kept() {
    let fixture = listen(LIMITS).await;
    let mut stream = fixture.connect().await;
    for _ in 0..2 {
        stream.write_all(HELLO).await.unwrap();
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
    }
    fixture.end().await;
}

#[tokio::test]
async fn callers_that_do_not_finish_their_request_head_are_closed() {
    let fixture = listen(LIMITS).await;
    for beginning in [
        &b""[..],
        b"G",
        b"GET / HTTP/1.1\r\nhost: te",
        b"PRI",
        b"PRI * HTTP/2.0\r\n\r\nS",
    ] {
        let mut stream = fixture.connect().await;
        stream.write_all(beginning).await.unwrap();
        let text = rest(&mut stream).await;
        assert!(!text.contains("200 OK"), "{beginning:?}: {text}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn a_second_request_has_the_same_time_for_its_head_however_long_the_pause_before_it() {
    let fixture = listen(LIMITS).await;
    let mut stream = fixture.connect().await;
    stream.write_all(HELLO).await.unwrap();
    answer(&mut stream).await;
    tokio::time::sleep(LIMITS.header_timeout * 3).await;
    stream.write_all(HELLO).await.unwrap();
    answer(&mut stream).await;
    stream.write_all(b"GET / HTT").await.unwrap();
    assert!(!rest(&mut stream).await.contains("200 OK"));
    fixture.end().await;
}

#[tokio::test]
async fn a_request_may_take_longer_than_its_head() {
    let fixture = listen(LIMITS).await;
    let mut stream = fixture.connect().await;
    stream
        .write_all(b"GET /wait HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    fixture.arrived.notified().await;
    tokio::time::sleep(LIMITS.header_timeout * 3).await;
    fixture.proceed.notify_one();
    answer(&mut stream).await;
    fixture.end().await;
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off_however_often_a_byte_comes() {
    let fixture = listen(LIMITS).await;
    let (mut reading, mut writing) = fixture.connect().await.into_split();
    let drip = tokio::spawn(async move {
        let _ = writing.write_all(b"GET / HTTP/1.1\r\n").await;
        while writing.write_all(b"a: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, reading.read_to_end(&mut bytes))
        .await
        .expect("the connection stays open");
    assert!(!String::from_utf8_lossy(&bytes).contains("200 OK"));
    timeout(PATIENCE, drip).await.unwrap().unwrap();
    fixture.end().await;
}

#[tokio::test]
async fn connections_above_the_limit_wait_for_a_place() {
    let fixture = listen(Limits {
        connections: 1,
        header_timeout: PATIENCE,
        ..LIMITS
    })
    .await;
    let mut first = fixture.connect().await;
    first
        .write_all(b"GET /wait HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    fixture.arrived.notified().await;

    let mut second = fixture.connect().await;
    second.write_all(HELLO).await.unwrap();
    let mut byte = [0; 1];
    let early = timeout(Duration::from_millis(200), second.peek(&mut byte)).await;
    assert!(early.is_err(), "the second connection was served beside the first");

    fixture.proceed.notify_one();
    answer(&mut first).await;
    drop(first);
    answer(&mut second).await;
    fixture.end().await;
}

/// Whether a connection is served; the other outcome is that it is closed.
async fn is_served(stream: &mut TcpStream) -> bool {
    let _ = stream.write_all(HELLO).await;
    let mut byte = [0; 1];
    let peeked = timeout(PATIENCE, stream.peek(&mut byte)).await;
    if !matches!(peeked.expect("neither answered nor closed"), Ok(1)) {
        return false;
    }
    answer(stream).await;
    true
}

#[tokio::test]
async fn one_address_gets_its_share_of_the_connections_and_no_more() {
    let limits = Limits {
        connections_per_network: NonZeroUsize::new(2),
        ..LIMITS
    };
    let fixture = listen(limits).await;
    let (mut first, mut second) = (fixture.connect().await, fixture.connect().await);
    assert!(is_served(&mut first).await && is_served(&mut second).await);
    assert!(!is_served(&mut fixture.connect().await).await);
    assert!(is_served(&mut second).await, "those that are there stay");
    drop(first);
    let again = async { while !is_served(&mut fixture.connect().await).await {} };
    timeout(PATIENCE, again).await.expect("a share is free again");
    fixture.end().await;

    let fixture = listen_behind(limits, &["127.0.0.0/8"]).await;
    let mut connections = Vec::new();
    for _ in 0..10 {
        let mut stream = fixture.connect().await;
        assert!(is_served(&mut stream).await, "a proxy has no share");
        connections.push(stream);
    }
    fixture.end().await;
}

#[tokio::test]
async fn idle_connections_make_room_where_it_is_crowded() {
    let fixture = listen(Limits {
        connections: 1,
        crowded_idle_timeout: Duration::from_millis(50),
        ..LIMITS
    })
    .await;
    let mut idle = fixture.connect().await;
    assert!(is_served(&mut idle).await);
    assert!(is_served(&mut fixture.connect().await).await);
    assert_eq!(rest(&mut idle).await, "");
    fixture.end().await;
}

#[tokio::test]
async fn a_request_in_flight_is_finished_and_nobody_new_is_admitted() {
    let fixture = listen(LIMITS).await;
    let mut stream = fixture.connect().await;
    stream
        .write_all(b"GET /wait HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    fixture.arrived.notified().await;
    let mut idle = fixture.connect().await;
    idle.write_all(HELLO).await.unwrap();
    answer(&mut idle).await;

    fixture.stop.send(true).unwrap();
    assert_eq!(rest(&mut idle).await, "", "an idle connection is closed");
    while TcpStream::connect(fixture.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    fixture.proceed.notify_one();
    let text = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.ends_with("hello"), "{text}");
    timeout(PATIENCE, fixture.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn when_the_grace_is_over_what_is_left_is_cut_off() {
    let fixture = listen(Limits {
        grace: Duration::from_millis(50),
        ..LIMITS
    })
    .await;
    let mut stream = fixture.connect().await;
    stream
        .write_all(b"GET /wait HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    fixture.arrived.notified().await;
    fixture.end().await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let fixture = listen(Limits {
        idle_timeout: Duration::from_millis(100),
        ..LIMITS
    })
    .await;
    let mut stream = fixture.connect().await;
    stream.write_all(HELLO).await.unwrap();
    answer(&mut stream).await;
    assert_eq!(rest(&mut stream).await, "");

    let mut stream = fixture.connect().await;
    // The preface and an empty SETTINGS frame (RFC 9113 section 3.4), and then nothing.
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection stays open");
    assert!(!bytes.is_empty(), "the service spoke HTTP/2");
    fixture.end().await;
}

/// The settings that the service announces over HTTP/2, and by how much it widens the window of the connection.
async fn announced(stream: &mut TcpStream) -> (HashMap<u16, u32>, u32) {
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    let mut settings = HashMap::new();
    loop {
        // RFC 9113 section 4.1: length, type, flags, stream.
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        stream.read_exact(&mut payload).await.unwrap();
        match head[3] {
            0x04 => settings.extend(payload.chunks_exact(6).map(|entry| {
                let (id, value) = entry.split_at(2);
                (
                    u16::from_be_bytes(id.try_into().unwrap()),
                    u32::from_be_bytes(value.try_into().unwrap()),
                )
            })),
            0x08 => return (settings, u32::from_be_bytes(payload.try_into().unwrap())),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_connection_over_http2_has_few_streams_and_little_room_for_what_nobody_has_read() {
    let fixture = listen(LIMITS).await;
    let mut stream = fixture.connect().await;
    let (settings, widened) = timeout(PATIENCE, announced(&mut stream)).await.unwrap();
    let (streams, window_of_a_stream) = (settings[&0x03], settings[&0x04]);
    assert_eq!((streams, window_of_a_stream), (32, 64 * 1024));
    // It begins at 65535 (RFC 9113 section 6.9.2).
    assert_eq!(65_535 + widened, 128 * 1024);
    fixture.end().await;
}
