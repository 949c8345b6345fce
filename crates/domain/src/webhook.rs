//! What an administrator may add to the requests that the service sends to others.

use zeroize::Zeroizing;

/// Headers at most.
pub const HEADERS_MAX: usize = 32;
/// Bytes of a name at most.
pub const HEADER_NAME_MAX: usize = 128;
/// Bytes of a value at most.
pub const HEADER_VALUE_MAX: usize = 4096;

/// The headers that belong to the connection and not to the one who configures a request: with them, the receiver or something
/// before it could be made to see another request than the one that was sent (RFC 9112 section 11.2).
const FRAMING: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that may be added to a request: each once, well formed, and none that frames it. The values are often credentials,
/// so they are wiped after use and never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WebhookHeaders(Vec<(String, Zeroizing<String>)>);

/// What is wrong with a list of headers. Names are repeated, values never.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookHeaderFault {
    /// There are too many.
    #[error("there are more than {HEADERS_MAX} headers")]
    TooMany,
    /// A name is not a token (RFC 9110 section 5.1).
    #[error("{0:?} is not the name of a header")]
    Name(String),
    /// A value has another character than visible ASCII, and spaces and tabs between them (RFC 9110 section 5.5).
    #[error("the value of the header {0} is too long, or has a character that no header may have")]
    Value(String),
    /// The name is one of those that frame the request.
    #[error("the header {0} is set by the service itself")]
    Framing(String),
    /// The same name is there twice, maybe in other letters.
    #[error("the header {0} is there twice")]
    Twice(String),
}

impl WebhookHeaders {
    /// Takes names and values.
    pub fn parse(headers: impl IntoIterator<Item = (String, String)>) -> Result<Self, WebhookHeaderFault> {
        let mut taken: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (name, value) in headers {
            let value = Zeroizing::new(value);
            if taken.len() == HEADERS_MAX {
                return Err(WebhookHeaderFault::TooMany);
            }
            if name.is_empty() || name.len() > HEADER_NAME_MAX || !name.bytes().all(is_token) {
                let shown = name.chars().take(HEADER_NAME_MAX).collect();
                return Err(WebhookHeaderFault::Name(shown));
            }
            if FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
                return Err(WebhookHeaderFault::Framing(name));
            }
            if !is_value(&value) {
                return Err(WebhookHeaderFault::Value(name));
            }
            if taken.iter().any(|(other, _)| name.eq_ignore_ascii_case(other)) {
                return Err(WebhookHeaderFault::Twice(name));
            }
            taken.push((name, value));
        }
        Ok(Self(taken))
    }

    /// Names and values, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Copies for a request.
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        let pairs = self.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        pairs.collect()
    }
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

fn is_value(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_graphic() || byte == b' ' || byte == b'\t';
    text.len() <= HEADER_VALUE_MAX && text.trim_matches([' ', '\t']) == text && text.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(name: &str, value: &str) -> Option<WebhookHeaderFault> {
        WebhookHeaders::parse([(name.to_owned(), value.to_owned())]).err()
    }

    #[test]
    fn credentials_and_labels_are_taken_in_their_order() {
        let pairs = [
            ("Authorization", "Basic cm9vdDpzZWNyZXQ="),
            ("x-tenant", "one, two\tthree"),
            ("X-Empty", ""),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers = WebhookHeaders::parse(pairs.clone()).unwrap();
        assert_eq!(headers.to_pairs(), pairs);
    }

    #[test]
    fn a_header_that_frames_the_request_is_refused_in_any_spelling() {
        for name in FRAMING {
            assert_eq!(fault(name, "1"), Some(WebhookHeaderFault::Framing(name.to_owned())));
            let loud = name.to_uppercase();
            assert_eq!(fault(&loud, "1"), Some(WebhookHeaderFault::Framing(loud.clone())));
        }
    }

    #[test]
    fn what_would_end_a_line_or_is_no_header_is_refused() {
        for name in ["", "two words", "a:b", "x\r\ny", "ü", "host ", "(x)"] {
            assert_eq!(
                fault(name, "1"),
                Some(WebhookHeaderFault::Name(name.to_owned())),
                "{name:?}"
            );
        }
        let long = "x".repeat(HEADER_NAME_MAX + 1);
        assert!(matches!(fault(&long, "1"), Some(WebhookHeaderFault::Name(_))));
        for value in ["a\r\nHost: b", "a\nb", "a\0b", "ü", " a", "a ", "a\u{7f}"] {
            assert_eq!(
                fault("x", value),
                Some(WebhookHeaderFault::Value("x".to_owned())),
                "{value:?}"
            );
        }
        assert_eq!(fault("x", &"v".repeat(HEADER_VALUE_MAX)), None);
        assert!(fault("x", &"v".repeat(HEADER_VALUE_MAX + 1)).is_some());
    }

    #[test]
    fn each_name_is_there_once_and_not_too_many_of_them() {
        let twice = [("X-A", "1"), ("x-a", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            WebhookHeaders::parse(twice).err(),
            Some(WebhookHeaderFault::Twice("x-a".to_owned()))
        );
        let many = |count: usize| (0..count).map(|number| (format!("x-{number}"), "1".to_owned()));
        assert!(WebhookHeaders::parse(many(HEADERS_MAX)).is_ok());
        assert_eq!(
            WebhookHeaders::parse(many(HEADERS_MAX + 1)).err(),
            Some(WebhookHeaderFault::TooMany)
        );
    }
}
