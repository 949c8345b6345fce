//! Whether a form comes from one of our own pages, by what browsers say of it and scripts cannot change. It stands beside the
//! hidden field, which alone would be enough.

use poem::http::HeaderMap;
use poem::http::header::{HOST, ORIGIN};

/// Whether the headers say so, as far as they say anything: `Sec-Fetch-Site` (Fetch Metadata) and `Origin` (RFC 6454). `own` is
/// the origin by which the service is known; a browser that names the very host that it asked is at home, too.
pub(crate) fn is_same_origin(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site_fits = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let host = text(HOST.as_str()).unwrap_or_default();
    let origin_fits = text(ORIGIN.as_str()).is_none_or(|origin| {
        let names_host = origin
            .split_once("://")
            .is_some_and(|(_, named)| !host.is_empty() && named == host);
        origin == own || names_host
    });
    site_fits && origin_fits
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderName, HeaderValue};

    use super::*;

    fn judged(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_same_origin(&headers.collect(), "https://auth.example")
    }

    #[test]
    fn only_our_own_pages_send_our_forms() {
        assert!(judged(&[("host", "auth.example")]));
        assert!(judged(&[("host", "inner:8080"), ("origin", "https://auth.example")]));
        assert!(judged(&[
            ("host", "localhost:8080"),
            ("origin", "http://localhost:8080")
        ]));
        assert!(judged(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://auth.example")
        ]));
        for pairs in [
            &[("host", "auth.example"), ("origin", "https://evil.example")][..],
            &[("host", "auth.example"), ("origin", "null")],
            &[("host", "auth.example"), ("origin", "https://auth.example.evil")],
            &[
                ("host", "auth.example"),
                ("origin", "https://evil.example@auth.example"),
            ],
            &[("origin", "https://auth.example"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://auth.example"), ("sec-fetch-site", "same-site")],
            &[("host", ""), ("origin", "https://")],
        ] {
            assert!(!judged(pairs), "{pairs:?}");
        }
    }
}
