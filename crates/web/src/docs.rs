//! Pages for people: Swagger UI at `/docs`, from files that are part of the program, so that it works without a network.

use std::sync::LazyLock;

use hyper::body::Bytes;
use poem::Response;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use poem::http::{HeaderValue, StatusCode};
use poem_openapi::OpenApiService;

use crate::document::{self, Edition};

/// The addresses of this module.
pub(crate) const PATHS: [&str; 6] = [
    "/",
    "/docs",
    "/docs/start.js",
    "/docs/swagger-ui.css",
    "/docs/swagger-ui.js",
    "/openapi.json",
];

const PAGE: &str = include_str!("docs/page.html");
const START: &str = include_str!("docs/start.js");

/// Scripts and styles come from here and nowhere else. The UI sets styles on elements, draws icons from
/// `data:`, and shows pictures that an operation answered from `blob:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The files of Swagger UI. The library that brings them along shows them only inside a whole page of its own making.
struct Bundle {
    style: Bytes,
    script: Bytes,
}

static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    let part = |begin: &str, end: &str| {
        let (_, rest) = page.split_once(begin)?;
        let (part, _) = rest.split_once(end)?;
        Some(Bytes::copy_from_slice(part.as_bytes()))
    };
    Bundle {
        style: part("<style charset=\"UTF-8\">", "</style>").unwrap_or_default(),
        script: part("<script charset=\"UTF-8\">", "</script>").unwrap_or_default(),
    }
});

/// The page at this address, of a service that offers this much.
pub(crate) fn page(pattern: &str, edition: Edition) -> Option<Response> {
    match pattern {
        "/" => Some(redirect_to_docs()),
        "/docs" => Some(file("text/html; charset=utf-8", PAGE)),
        "/docs/start.js" => Some(file("text/javascript; charset=utf-8", START)),
        "/docs/swagger-ui.css" => Some(file("text/css; charset=utf-8", BUNDLE.style.clone())),
        "/docs/swagger-ui.js" => Some(file("text/javascript; charset=utf-8", BUNDLE.script.clone())),
        "/openapi.json" => Some(file("application/json", document::text(edition))),
        _ => None,
    }
}

fn redirect_to_docs() -> Response {
    Response::builder()
        .status(StatusCode::FOUND)
        .header(LOCATION, "docs")
        .finish()
}

fn file(content_type: &str, body: impl Into<poem::Body>) -> Response {
    let mut response = Response::builder().content_type(content_type).body(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // They change with the program and not otherwise, but an old one after an update would be a puzzle.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_is_found_in_the_library_that_brings_it() {
        assert!(BUNDLE.style.len() > 10_000 && BUNDLE.script.len() > 100_000);
        assert!(BUNDLE.script.windows(15).any(|bytes| bytes == b"SwaggerUIBundle"));
    }
}
