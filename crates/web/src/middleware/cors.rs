//! Which scripts of other web origins may call (Fetch standard, CORS protocol): of the origins in the settings and, at
//! the authorization server's endpoints, of the origins of clients. On pages, none.

use application::App;
use poem::Response;
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use poem::http::{HeaderMap, HeaderValue};

use crate::routes::Route;

/// Whose scripts may read an answer.
enum Readers {
    /// Nobody's.
    Nobody,
    /// Those of the settings.
    Configured,
    /// Those, and those of clients.
    Clients,
}

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

    /// The origin of a request, if its scripts may call this address: an origin of the settings everywhere but on pages, one of a
    /// client at the authorization server's endpoints.
    pub async fn admitted(&self, headers: &HeaderMap, route: Option<&Route>, app: &App) -> Option<HeaderValue> {
        let origin = headers.get(ORIGIN)?;
        match self.readers(route) {
            Readers::Nobody => None,
            Readers::Configured => self.origins.iter().find(|known| *known == origin).cloned(),
            Readers::Clients => {
                if self.origins.contains(origin) {
                    return Some(origin.clone());
                }
                let text = origin.to_str().ok()?;
                match app.oauth.client_origins.admits(text).await {
                    Ok(true) => Some(origin.clone()),
                    Ok(false) => None,
                    Err(error) => {
                        tracing::warn!(%error, "nobody can say which origins clients have");
                        None
                    }
                }
            }
        }
    }

    fn readers(&self, route: Option<&Route>) -> Readers {
        match route {
            Some(route) if route.is_page() => Readers::Nobody,
            Some(route) if route.admits_scripts_of_clients() => Readers::Clients,
            _ if self.origins.is_empty() => Readers::Nobody,
            _ => Readers::Configured,
        }
    }

    /// Tells the browser. An origin that is not admitted gets an answer without the headers, which its scripts cannot read.
    pub fn describe(&self, admitted: Option<HeaderValue>, route: Option<&Route>, response: &mut Response) {
        if matches!(self.readers(route), Readers::Nobody) {
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
