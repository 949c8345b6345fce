//! The headers that every answer carries, whatever made it.

use poem::Response;
use poem::http::HeaderValue;
use poem::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

/// Whether the service is reached by HTTPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// It is, so browsers are told never to come without (RFC 6797).
    Https,
    /// It is not, or not yet.
    Http,
}

impl Transport {
    /// By the address under which the service is known.
    pub fn of(public_url: &str) -> Self {
        if public_url.starts_with("https://") {
            Self::Https
        } else {
            Self::Http
        }
    }
}

/// Adds what the answer does not say itself.
pub(crate) fn add(response: &mut Response, transport: Transport) {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A page with a form says `same-origin`: under `no-referrer`, browsers send `Origin: null` with the form.
    headers
        .entry(REFERRER_POLICY)
        .or_insert_with(|| HeaderValue::from_static("no-referrer"));
    // Answers hold tokens and personal data: nobody keeps them unless an operation says otherwise (RFC 9111 section 5.2.2.5).
    headers
        .entry(CACHE_CONTROL)
        .or_insert_with(|| HeaderValue::from_static("no-store"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert_with(|| HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    if transport == Transport::Https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_a_form_may_say_its_own_referrer_policy_and_others_get_the_strict_one() {
        for (own, expected) in [(Some("same-origin"), "same-origin"), (None, "no-referrer")] {
            let mut response = Response::default();
            if let Some(own) = own {
                response
                    .headers_mut()
                    .insert(REFERRER_POLICY, HeaderValue::from_static(own));
            }
            add(&mut response, Transport::Https);
            assert_eq!(response.headers()[REFERRER_POLICY], expected);
        }
    }
}
