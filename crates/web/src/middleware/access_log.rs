//! One line in the log for each request: what it was and how it ended, never what it held. Queries, headers and bodies can
//! hold secrets; a path can hold anything, so the route's pattern stands for it.

use std::time::Duration;

use poem::http::{HeaderValue, Method, StatusCode};

use crate::problem::Cause;

/// A request and how it ended.
pub(crate) struct Line<'a> {
    pub request_id: &'a HeaderValue,
    pub method: &'a Method,
    pub route: &'static str,
    pub status: StatusCode,
    pub duration: Duration,
    pub cause: Option<&'a Cause>,
}

/// Writes the line.
pub(crate) fn write(line: &Line<'_>) {
    let Line {
        method,
        route,
        duration,
        ..
    } = line;
    let (status, request_id) = (line.status.as_u16(), line.request_id.to_str().unwrap_or_default());
    match line.cause {
        Some(Cause(cause)) => {
            tracing::error!(request_id, %method, route, status, ?duration, %cause, "request failed");
        }
        None if status >= 500 => tracing::info!(request_id, %method, route, status, ?duration, "request failed"),
        None => tracing::debug!(request_id, %method, route, status, ?duration, "request"),
    }
}
