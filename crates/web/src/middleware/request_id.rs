//! The names of requests, by which an answer is found in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use poem::http::{HeaderMap, HeaderName, HeaderValue};

use super::client_address::Peer;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names requests: a random beginning for each start of the service, and a number. A name must be unique; it is no secret.
pub(crate) struct RequestIds {
    beginning: u64,
    count: AtomicU64,
}

impl RequestIds {
    /// Begins with these random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self {
            beginning: u64::try_from(u128::from_be_bytes(random) >> 80).unwrap_or(0),
            count: AtomicU64::new(0),
        }
    }

    /// The name that a proxy gave, or a new one.
    pub fn name(&self, peer: Peer, headers: &HeaderMap) -> HeaderValue {
        let given = match peer {
            Peer::Proxy => headers.get(REQUEST_ID).filter(|value| is_name(value.as_bytes())),
            // A stranger could give the names of others' requests, and write into the log.
            Peer::Stranger => None,
        };
        given.cloned().unwrap_or_else(|| {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            let name = format!("{:012x}-{count:x}", self.beginning);
            HeaderValue::try_from(name).unwrap_or_else(|_| HeaderValue::from(count))
        })
    }
}

fn is_name(bytes: &[u8]) -> bool {
    (1..=64).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(peer: Peer, name: &str) -> String {
        let ids = RequestIds::new([0xab; 16]);
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(name.as_bytes()).unwrap());
        ids.name(peer, &headers).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_name_is_taken_from_a_proxy_only() {
        assert_eq!(named(Peer::Proxy, "trace_1-A"), "trace_1-A");
        assert_eq!(named(Peer::Stranger, "trace_1-A"), "abababababab-0");
    }

    #[test]
    fn a_name_that_could_confuse_a_log_is_replaced() {
        let long = "a".repeat(65);
        for name in ["", "a b", "a\"b", "é", long.as_str()] {
            assert_eq!(named(Peer::Proxy, name), "abababababab-0", "{name}");
        }
    }

    #[test]
    fn no_two_requests_have_one_name() {
        let ids = RequestIds::new([1; 16]);
        let headers = HeaderMap::new();
        assert_ne!(ids.name(Peer::Stranger, &headers), ids.name(Peer::Stranger, &headers));
    }
}
