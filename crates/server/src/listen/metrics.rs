//! What the metrics listener answers: the metrics, and nothing else.

use std::sync::Arc;

use application::App;
use application::ports::PasswordHasher as _;
use crypto::password_hasher::Argon2Pool;
use metrics_exporter_prometheus::PrometheusHandle;
use poem::endpoint::make_sync;
use poem::http::{Method, StatusCode};
use poem::{EndpointExt as _, Request, Response};

use super::Endpoint;

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /metrics`. Gauges are read when somebody asks for them.
pub(crate) fn endpoint(app: Arc<App>, hasher: Arc<Argon2Pool>, recorded: PrometheusHandle) -> Endpoint {
    make_sync(move |request: Request| {
        let path_is_ours = request.uri().path() == "/metrics";
        match (path_is_ours, request.method()) {
            (false, _) => Response::builder().status(StatusCode::NOT_FOUND).finish(),
            (true, &Method::GET) => {
                gauge(&app, &hasher);
                Response::builder().content_type(TEXT_FORMAT).body(recorded.render())
            }
            (true, _) => Response::builder()
                .status(StatusCode::METHOD_NOT_ALLOWED)
                .header("allow", "GET")
                .finish(),
        }
    })
    .boxed()
}

fn gauge(app: &App, hasher: &Argon2Pool) {
    metrics::gauge!("countersign_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    metrics::gauge!("countersign_revocations_held").set(count(app.revocation_feed.len()));
    metrics::gauge!("countersign_password_hashes_waiting").set(count(hasher.queue_len()));
    metrics::gauge!("countersign_password_hash_queue_capacity").set(count(hasher.capacity()));
    metrics::counter!("countersign_password_hashes_total").absolute(hasher.computed());
}

/// Counts stay far below 2^32; a gauge that is off beyond that would be the least worry.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
