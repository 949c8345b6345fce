//! What is counted of requests. Labels come from fixed sets: a route is its pattern, never what was sent.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram};
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
    metrics::describe_counter!(LOGINS, "Logins by outcome, of POST /v1/token and of the Orion profile.");
}

/// The methods that are told apart. Anybody can invent one.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];

/// The statuses that are counted often enough to keep their counters at hand.
const STATUSES: [u16; 10] = [200, 201, 204, 400, 401, 403, 404, 409, 429, 503];

/// What is counted of one route. Finding a metric by its labels costs more than counting, so what was found is kept: by each
/// service for itself and not before its first request, because a recorder is installed before a service and not before the
/// program.
pub(crate) struct Meter {
    route: &'static str,
    duration: OnceLock<Histogram>,
    answers: [[OnceLock<Counter>; STATUSES.len()]; METHODS.len()],
}

impl Meter {
    /// Nothing was counted yet.
    pub fn new(route: &'static str) -> Self {
        Self {
            route,
            duration: OnceLock::new(),
            answers: Default::default(),
        }
    }

    /// Counts a request.
    pub fn count(&self, method: &Method, status: StatusCode, duration: Duration) {
        let (place, label) = method_label(method);
        let kept = STATUSES
            .iter()
            .position(|known| *known == status.as_u16())
            .and_then(|status| self.answers.get(place)?.get(status));
        let find = || metrics::counter!(REQUESTS, "method" => label, "route" => self.route, "status" => status.as_u16().to_string());
        match kept {
            Some(kept) => kept.get_or_init(find).increment(1),
            None => find().increment(1),
        }
        self.duration
            .get_or_init(|| metrics::histogram!(DURATION, "route" => self.route))
            .record(duration);
    }
}

/// Counts a login.
pub(crate) fn login(outcome: &'static str) {
    metrics::counter!(LOGINS, "outcome" => outcome).increment(1);
}

/// A method's place in [`METHODS`], and its name there.
fn method_label(method: &Method) -> (usize, &'static str) {
    let known = METHODS.iter().position(|name| *name == method.as_str());
    let place = known.unwrap_or(METHODS.len() - 1);
    (place, METHODS.get(place).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use metrics::{Gauge, Key, KeyName, Metadata, Recorder, SharedString, Unit};

    use super::*;

    /// Counts one sum for all counters, and notes each question for one.
    #[derive(Default)]
    struct Witness {
        asked: Mutex<Vec<String>>,
        sum: Arc<AtomicU64>,
    }

    impl Recorder for Witness {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            self.asked.lock().unwrap().push(key.to_string());
            Counter::from_arc(Arc::clone(&self.sum))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            self.asked.lock().unwrap().push(key.to_string());
            Histogram::noop()
        }
    }

    #[test]
    fn a_metric_is_found_once_and_counted_each_time() {
        let witness = Witness::default();
        metrics::with_local_recorder(&witness, || {
            let meter = Meter::new("/v1/resource");
            for _ in 0..3 {
                meter.count(&Method::GET, StatusCode::OK, Duration::ZERO);
            }
            assert_eq!(witness.asked.lock().unwrap().len(), 2, "a counter and a histogram");
            meter.count(&Method::GET, StatusCode::UNAUTHORIZED, Duration::ZERO);
            meter.count(&Method::PATCH, StatusCode::OK, Duration::ZERO);
            let (invented, rare) = (Method::from_bytes(b"BREW").unwrap(), StatusCode::IM_A_TEAPOT);
            meter.count(&invented, rare, Duration::ZERO);
            meter.count(&invented, rare, Duration::ZERO);
        });
        assert_eq!(witness.sum.load(Ordering::Relaxed), 7);
        let asked = witness.asked.lock().unwrap();
        for labels in [
            "GET, route = /v1/resource, status = 200",
            "GET, route = /v1/resource, status = 401",
        ] {
            assert_eq!(asked.iter().filter(|key| key.contains(labels)).count(), 1, "{asked:?}");
        }
        assert!(asked.iter().all(|key| !key.contains("BREW")), "{asked:?}");
    }
}
