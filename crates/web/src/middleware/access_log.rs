//! One line in the log for each request: what it was and how it ended, never what it held. Queries, headers and bodies can
//! hold secrets; a path can hold anything, so the route's pattern stands for it.

use std::time::Duration;

use poem::http::{HeaderValue, Method, StatusCode};

/// Writes the line.
pub(crate) fn request(
    request_id: &HeaderValue,
    method: &Method,
    route: &'static str,
    status: StatusCode,
    duration: Duration,
) {
    let (status, request_id) = (status.as_u16(), request_id.to_str().unwrap_or_default());
    if status >= 500 {
        tracing::info!(request_id, %method, route, status, ?duration, "request failed");
    } else {
        tracing::debug!(request_id, %method, route, status, ?duration, "request");
    }
}
