//! The names of requests, by which an answer is found in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use poem::http::{HeaderMap, HeaderName, HeaderValue};

use super::client_address::Peer;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const BEGINNING: usize = 13;

/// Names requests: a random beginning for each start of the service, and a number. A name must be unique; it is no secret.
pub(crate) struct RequestIds {
    /// Twelve digits and a hyphen.
    beginning: [u8; BEGINNING],
    count: AtomicU64,
}

impl RequestIds {
    /// Begins with these random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        let mut beginning = [b'-'; BEGINNING];
        let digits = random.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        for (place, digit) in beginning.iter_mut().take(BEGINNING - 1).zip(digits) {
            *place = hex(digit);
        }
        Self {
            beginning,
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
            self.numbered(count)
        })
    }

    /// Written by hand, because every request needs one.
    fn numbered(&self, count: u64) -> HeaderValue {
        let mut name = [0; BEGINNING + 16];
        let (beginning, number) = name.split_at_mut(BEGINNING);
        beginning.copy_from_slice(&self.beginning);
        let mut length = BEGINNING;
        let digits = (0..16).rev().map(|place| (count >> (4 * place)) & 0xf);
        for (place, digit) in number.iter_mut().zip(digits.skip(leading_zeros(count))) {
            *place = hex(u8::try_from(digit).unwrap_or(0));
            length += 1;
        }
        let name = name.get(..length).unwrap_or_default();
        HeaderValue::from_bytes(name).unwrap_or_else(|_| HeaderValue::from(count))
    }
}

/// How many of sixteen hexadecimal digits are not written; one always is.
fn leading_zeros(count: u64) -> usize {
    usize::try_from(count.leading_zeros() / 4).map_or(0, |zeros| zeros.min(15))
}

const fn hex(digit: u8) -> u8 {
    match digit {
        0..=9 => b'0' + digit,
        _ => b'a' + digit - 10,
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
    fn a_name_is_the_beginning_and_the_number_in_hexadecimal() {
        let ids = RequestIds::new([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for count in [0, 9, 10, 15, 16, 0xdead_beef, 0x1000_0000_0000_0000, u64::MAX] {
            assert_eq!(ids.numbered(count), format!("0123456789ab-{count:x}"));
        }
    }

    #[test]
    fn no_two_requests_have_one_name() {
        let ids = RequestIds::new([1; 16]);
        let headers = HeaderMap::new();
        assert_ne!(ids.name(Peer::Stranger, &headers), ids.name(Peer::Stranger, &headers));
    }
}
