//! Load over keep-alive connections: one fixed request per connection, sent again as soon as its answer is complete. As little
//! work as possible per request, because the load runs on the same cores as what it measures.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, ready to be written.
#[derive(Clone)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn form(path: &str, body: &str) -> Self {
        let length = body.len().to_string();
        let kind = "application/x-www-form-urlencoded";
        Self::text(
            "POST",
            path,
            &[("Content-Type", kind), ("Content-Length", &length)],
            body,
        )
    }

    /// A form, with this `Authorization`.
    pub fn form_as(path: &str, authorization: &str, body: &str) -> Self {
        let length = body.len().to_string();
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", &length),
            ("Authorization", authorization),
        ];
        Self::text("POST", path, &headers, body)
    }

    /// JSON, with this `Authorization`.
    pub fn post_as(path: &str, authorization: &str, body: &str) -> Self {
        let length = body.len().to_string();
        let headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", &length),
            ("Authorization", authorization),
        ];
        Self::text("POST", path, &headers, body)
    }

    pub fn get(path: &str, headers: &[(&str, &str)]) -> Self {
        Self::text("GET", path, headers, "")
    }

    pub fn post(path: &str, body: &str) -> Self {
        let length = body.len().to_string();
        Self::text(
            "POST",
            path,
            &[("Content-Type", "application/json"), ("Content-Length", &length)],
            body,
        )
    }

    fn text(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        text.push_str("\r\n");
        text.push_str(body);
        Self(text.into_bytes())
    }
}

/// What came back.
#[derive(Default)]
pub struct Measured {
    statuses: BTreeMap<u16, usize>,
    latencies: Vec<Duration>,
    span: Duration,
}

impl Measured {
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.span.as_secs_f64()
    }

    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        let place = ((self.latencies.len() - 1) as f64 * quantile).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place between nothing and the length"
        )]
        let place = place as usize;
        self.latencies[place].as_secs_f64() * 1_000.0
    }

    pub fn others(&self, status: u16) -> usize {
        self.statuses
            .iter()
            .filter(|(other, _)| **other != status)
            .map(|(_, count)| count)
            .sum()
    }

    pub const fn statuses(&self) -> &BTreeMap<u16, usize> {
        &self.statuses
    }

    fn note(&mut self, status: u16, latency: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        self.latencies.push(latency);
    }

    fn absorb(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.latencies.extend(other.latencies);
    }

    fn over(mut self, span: Duration) -> Self {
        self.span = span;
        self.latencies.sort_unstable();
        self
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::with_capacity(8_192),
        }
    }

    /// Sends the request, reads the whole answer, and returns its status and body.
    async fn exchange(&mut self, request: &Request) -> (u16, &[u8]) {
        self.stream.write_all(&request.0).await.unwrap();
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the connection was closed in the middle of an answer");
            let Some(end) = find(&self.buffer, b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.buffer[..end]).unwrap();
            let length = head
                .lines()
                .find_map(|line| {
                    line.split_once(':')
                        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                })
                .map_or(0, |(_, value)| value.trim().parse::<usize>().unwrap());
            let status = head[9..12].parse().unwrap();
            if self.buffer.len() >= end + 4 + length {
                return (status, &self.buffer[end + 4..end + 4 + length]);
            }
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// One request; returns the body of its answer, which must be 200 or 201.
pub async fn once(address: SocketAddr, request: &Request) -> String {
    let mut connection = Connection::open(address).await;
    let (status, body) = connection.exchange(request).await;
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!((200..300).contains(&status), "{status}: {body}");
    body
}

/// One connection per request of the list, each sending its own over and over for `span`.
pub async fn run(address: SocketAddr, requests: Vec<Request>, span: Duration) -> Measured {
    let same = |request: Request| -> Script { Box::new(move |_| request.clone()) };
    run_scripts(address, requests.into_iter().map(same).collect(), span).await
}

/// A request that is another one each time; it is given the body of the answer before it, which is empty at first.
pub type Script = Box<dyn FnMut(&str) -> Request + Send>;

/// One connection per script, each sending what its script says next, over and over for `span`.
pub async fn run_scripts(address: SocketAddr, scripts: Vec<Script>, span: Duration) -> Measured {
    let began = Instant::now();
    let mut connections = tokio::task::JoinSet::new();
    for mut script in scripts {
        connections.spawn(async move {
            let mut connection = Connection::open(address).await;
            let mut measured = Measured::default();
            let mut before = String::new();
            while began.elapsed() < span {
                let request = script(&before);
                let sent = Instant::now();
                let (status, body) = connection.exchange(&request).await;
                measured.note(status, sent.elapsed());
                before.clear();
                before.push_str(std::str::from_utf8(body).unwrap());
            }
            measured
        });
    }
    let mut total = Measured::default();
    while let Some(measured) = connections.join_next().await {
        total.absorb(measured.unwrap());
    }
    total.over(began.elapsed())
}

/// One connection that sends a request every `pace`, for its latency.
pub async fn paced(address: SocketAddr, request: Request, pace: Duration, span: Duration) -> Measured {
    let began = Instant::now();
    let mut connection = Connection::open(address).await;
    let mut measured = Measured::default();
    let mut ticks = tokio::time::interval(pace);
    while began.elapsed() < span {
        ticks.tick().await;
        let sent = Instant::now();
        let (status, _) = connection.exchange(&request).await;
        measured.note(status, sent.elapsed());
    }
    measured.over(began.elapsed())
}
