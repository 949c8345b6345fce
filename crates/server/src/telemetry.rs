//! Logs and metrics of the process.

use std::io::{self, IsTerminal as _};
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use settings::{Log, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Bounds for everything that is measured in seconds: from a cached token check to a long wait for a password hash.
const SECONDS: [f64; 12] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// Logs to standard error, as the settings say. The first call of a process decides.
pub fn log(log: &Log) {
    start(log.format, &log.level);
}

/// Logs for commands that end by themselves: what they have to say they print, so only trouble is logged.
pub fn log_trouble() {
    start(LogFormat::Pretty, "warn");
}

fn start(format: LogFormat, level: &str) {
    // The settings checked the directives already. What the migrator says, `compose` says too, in one line;
    // and PostgreSQL remarks on tables that exist already.
    let filter = EnvFilter::try_new(format!("sea_orm_migration=warn,sqlx::postgres::notice=warn,{level}"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second subscriber is refused, which is what in-process tests rely on.
    let _ = match format {
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
        LogFormat::Pretty => lines.with_ansi(io::stderr().is_terminal()).try_init(),
    };
}

/// The metrics of the process. There is one recorder in a process, however many services run in it.
pub fn recorded() -> PrometheusHandle {
    static RECORDED: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDED.get_or_init(record).clone()
}

fn record() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    let recorder = builder
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        // Only an empty list of bounds is refused.
        .unwrap_or_default()
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another recorder of metrics is installed; /metrics shows none");
    }
    metrics::describe_gauge!("countersign_build_info", "The version that runs, as a label; always 1");
    metrics::describe_gauge!(
        "countersign_revocations_held",
        "Revocations that this node holds in memory"
    );
    metrics::describe_gauge!(
        "countersign_password_hashes_waiting",
        "Password hashes that wait for a thread"
    );
    metrics::describe_gauge!(
        "countersign_password_hash_queue_capacity",
        "Password hashes that may wait; above it: 503"
    );
    metrics::describe_counter!(
        "countersign_password_hashes_total",
        "Password hashes that were computed"
    );
    handle
}
