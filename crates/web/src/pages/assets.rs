//! The style sheet and the script of the pages. Their addresses carry a digest of the content, so browsers may keep them for
//! ever.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::Response;
use poem::http::HeaderValue;
use poem::http::header::CACHE_CONTROL;
use sha2::{Digest, Sha256};

/// Where the style sheet is.
pub const STYLE_PATH: &str = "/auth/assets/pages.css";
/// Where the script is.
pub const SCRIPT_PATH: &str = "/auth/assets/pages.js";

const STYLE: &str = include_str!("../../assets/pages.css");
const SCRIPT: &str = include_str!("../../assets/pages.js");

static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| address(STYLE_PATH, STYLE));
static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address(SCRIPT_PATH, SCRIPT));

/// The address of the style sheet as it is now.
pub(crate) fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

/// The address of the script as it is now.
pub(crate) fn script_address() -> &'static str {
    &SCRIPT_ADDRESS
}

fn address(path: &str, content: &str) -> String {
    let digest = Sha256::digest(content);
    let version: String = URL_SAFE_NO_PAD.encode(digest).chars().take(16).collect();
    format!("{path}?v={version}")
}

/// The file at this path, asked for with this query; `None` if there is none.
pub fn file(path: &str, query: Option<&str>) -> Option<Response> {
    let (content_type, content, address) = match path {
        STYLE_PATH => ("text/css; charset=utf-8", STYLE, style_address()),
        SCRIPT_PATH => ("text/javascript; charset=utf-8", SCRIPT, script_address()),
        _ => return None,
    };
    let is_current = query.is_some_and(|query| address.strip_prefix(path) == Some(&format!("?{query}")));
    let mut response = Response::builder().content_type(content_type).body(content);
    response.headers_mut().insert(
        CACHE_CONTROL,
        // An old address brings the new content, which must not be kept under it.
        HeaderValue::from_static(if is_current {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }),
    );
    Some(response)
}

#[cfg(test)]
mod tests;
