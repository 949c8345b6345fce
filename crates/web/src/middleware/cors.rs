//! Which scripts of other web origins may call (Fetch standard, CORS protocol). Without configured origins, none.

use poem::Response;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use poem::http::{HeaderMap, HeaderValue};

/// The origins whose scripts may call.
pub(crate) struct Cors {
    origins: Vec<HeaderValue>,
}

impl Cors {
    /// These origins.
    pub fn new(origins: &[String]) -> Self {
        Self {
            origins: origins
                .iter()
                .filter_map(|origin| HeaderValue::from_str(origin.trim_end_matches('/')).ok())
                .collect(),
        }
    }

    /// The origin of a request, if its scripts may call.
    pub fn admitted(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if self.origins.is_empty() {
            return None;
        }
        let origin = headers.get(ORIGIN)?;
        self.origins.iter().find(|known| *known == origin).cloned()
    }

    /// Tells the browser. An origin that is not admitted gets an answer without the headers, which its scripts cannot read.
    pub fn describe(&self, admitted: Option<HeaderValue>, response: &mut Response) {
        if self.origins.is_empty() {
            return;
        }
        let headers = response.headers_mut();
        // The answer differs by origin, whoever asks: a shared cache must know.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = admitted {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id"),
            );
        }
    }
}

/// What a preflight is told besides.
pub(crate) fn describe_preflight(methods: HeaderValue, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, Content-Type, X-Secret-Key"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}
