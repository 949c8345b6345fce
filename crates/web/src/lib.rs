//! The HTTP adapter: translates requests into use cases and their outcomes into answers. It decides nothing.

mod aidbox;
mod api;
mod basic;
mod bearer;
mod context;
mod docs;
mod document;
mod form;
mod header;
mod json;
mod middleware;
mod oauth;
mod orion;
pub mod pages;
mod parameter;
mod picture;
mod problem;
mod qr;
mod routes;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use application::App;
use ipnet::IpNet;
use poem::endpoint::BoxEndpoint;
use poem::{EndpointExt, IntoEndpoint, Response};

use crate::middleware::Edge;
use crate::routes::Routes;

/// The header in which trusted proxies name the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`: a list, the nearest hop last.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Real-IP`: one address.
    XRealIp,
}

/// How many requests with credentials one network may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// In the long run, each minute.
    pub per_minute: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

/// What of the adapter can be configured.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address by which callers know the service, without a final slash; the issuer.
    pub public_url: String,
    /// The proxies whose forwarding header is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Which header that is.
    pub forwarded_header: ForwardedHeader,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// How long a request may take in all.
    pub request_timeout: Duration,
    /// How many requests with credentials one network may send; `None` for any number.
    pub rate_limit: Option<RateLimit>,
    /// How long others may cache the published keys.
    pub jwks_max_age: Duration,
    /// The web origins whose scripts may call the service.
    pub cors_origins: Vec<String>,
    /// How the pages look, and what they speak.
    pub pages: PageOptions,
}

/// How pages look where neither the client nor a profile says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Theme {
    /// The name of the service in the title of the window; `None`: the brand, if it is a name.
    pub title: Option<String>,
    /// What stands at the head of each page, a name or the `https` URL of a picture; `None`: our own mark and name.
    pub brand: Option<String>,
    /// A style sheet besides the built-in one. It is loaded only if its origin is one of the allowed ones.
    pub style_url: Option<String>,
    /// Where somebody goes who has forgotten a password; `None`: the service's own page.
    pub forgot_password_url: Option<String>,
}

/// The pages of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOptions {
    /// How they look.
    pub theme: Theme,
    /// The `https` origins from which they may load style sheets, whoever names the sheet.
    pub style_origins: Vec<String>,
    /// A folder with more languages, one `.ftl` file for each.
    pub locales_dir: Option<PathBuf>,
    /// The language of visitors whose browser asks for none that is there.
    pub default_locale: String,
}

impl Default for PageOptions {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            style_origins: Vec::new(),
            locales_dir: None,
            default_locale: "en".to_owned(),
        }
    }
}

/// The whole HTTP surface over `app`. It answers every request and never returns an error.
pub fn endpoint(app: Arc<App>, options: Options) -> BoxEndpoint<'static, Response> {
    static ROUTES: LazyLock<Routes> = LazyLock::new(|| Routes::new(&document::value()));
    Edge::new(document::service().into_endpoint(), app, &ROUTES, options).boxed()
}

/// The whole OpenAPI document: JSON, indented, with a newline at the end.
pub fn document() -> String {
    document::text(document::Edition::WHOLE).to_owned()
}
