//! What is counted of requests. Labels come from fixed sets: a route is its pattern, never what was sent.

use std::time::Duration;

use poem::http::{Method, StatusCode};

const REQUESTS: &str = "countersign_http_requests_total";
const DURATION: &str = "countersign_http_request_duration_seconds";
const LOGINS: &str = "countersign_logins_total";

/// Says what the metrics mean.
pub(crate) fn describe() {
    metrics::describe_counter!(REQUESTS, "HTTP requests by method, route pattern and status.");
    metrics::describe_histogram!(
        DURATION,
        metrics::Unit::Seconds,
        "Time from the head of a request to its answer, by route pattern."
    );
    metrics::describe_counter!(LOGINS, "Calls of POST /v1/token by outcome.");
}

/// Counts a request.
pub(crate) fn request(method: &Method, route: &'static str, status: StatusCode, duration: Duration) {
    let method = method_label(method);
    metrics::counter!(REQUESTS, "method" => method, "route" => route, "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!(DURATION, "route" => route).record(duration);
}

/// Counts a login.
pub(crate) fn login(outcome: &'static str) {
    metrics::counter!(LOGINS, "outcome" => outcome).increment(1);
}

/// Anybody can invent a method.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
