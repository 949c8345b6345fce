//! What happens without being asked for: following revocations, changing keys, telling clients of logouts, forgetting, looking
//! at the certificate.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use application::App;
use metrics_exporter_prometheus::PrometheusHandle;
use settings::Settings;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::error::with_causes;
use crate::listen::tls::{Certificate, Reload};
use crate::listen::{Stop, stopped};

const KEY_RING_EVERY: Duration = Duration::from_secs(1);
const KEYS_EVERY: Duration = Duration::from_mins(1);
const HOUSEKEEPING_EVERY: Duration = Duration::from_mins(5);
const NOTICES_EVERY: Duration = Duration::from_secs(2);
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// Starts the workers of a node.
pub(crate) fn start(tasks: &mut JoinSet<&'static str>, app: &Arc<App>, settings: &Settings, stop: &Stop) {
    tasks.spawn(repeat(
        "revocations",
        settings.revocations.poll,
        stop.clone(),
        Arc::clone(app),
        |app| async move { app.revocation_feed.follow().await },
    ));
    tasks.spawn(repeat(
        "key ring",
        KEY_RING_EVERY,
        stop.clone(),
        Arc::clone(app),
        |app| async move { app.key_ring.reload().await },
    ));
    tasks.spawn(repeat(
        "key rotation",
        KEYS_EVERY,
        stop.clone(),
        Arc::clone(app),
        |app| async move { app.key_rotation.tend().await },
    ));
    tasks.spawn(repeat(
        "notices of logouts",
        NOTICES_EVERY,
        stop.clone(),
        Arc::clone(app),
        |app| async move { app.notify_logout.execute().await.map(|_| ()) },
    ));
    tasks.spawn(repeat(
        "housekeeping",
        HOUSEKEEPING_EVERY,
        stop.clone(),
        Arc::clone(app),
        |app| async move {
            let removed = app.housekeeping.execute().await?;
            tracing::debug!(removed, "housekeeping");
            Ok::<_, application::ports::StoreError>(())
        },
    ));
}

/// Keeps recorded distributions small while nobody asks for the metrics.
pub(crate) async fn keep_metrics(recorded: PrometheusHandle, stop: Stop) -> &'static str {
    repeat("metrics", METRICS_EVERY, stop, recorded, |recorded| async move {
        recorded.run_upkeep();
        Ok::<_, std::convert::Infallible>(())
    })
    .await
}

/// Takes up a renewed certificate.
pub(crate) async fn renew_certificate(mut certificate: Certificate, every: Duration, mut stop: Stop) -> &'static str {
    let mut health = Health::new("certificate");
    let mut ticks = ticks(every);
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => return "certificate",
            _ = ticks.tick() => {}
        }
        match certificate.reload().await {
            // A broken pair is reported when it appears; the old certificate stays until the files change again.
            Ok(Reload::Unchanged) => {}
            Ok(Reload::Renewed) => {
                health.note(Ok::<(), &dyn Error>(()));
                tracing::info!("the renewed TLS certificate is in use");
            }
            Err(error) => health.note(Err(&error)),
        }
    }
}

/// Repeats a piece of work until the service ends. What has begun is finished.
async fn repeat<Subject, Work, Doing, Failure>(
    name: &'static str,
    pause: Duration,
    mut stop: Stop,
    subject: Subject,
    work: Work,
) -> &'static str
where
    Subject: Clone,
    Work: Fn(Subject) -> Doing,
    Doing: Future<Output = Result<(), Failure>>,
    Failure: Error + 'static,
{
    let mut health = Health::new(name);
    let mut ticks = ticks(pause);
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => return name,
            _ = ticks.tick() => {}
        }
        match work(subject.clone()).await {
            Ok(()) => health.note(Ok(())),
            Err(error) => health.note(Err(&error)),
        }
    }
}

/// The first tick comes after one pause: everything was done once when the service was put together.
fn ticks(pause: Duration) -> tokio::time::Interval {
    let mut ticks = interval_at(Instant::now() + pause, pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Logs changes between working and failing, and not each failure: a database that is away for an hour would fill the
/// disk with one line four times a second.
struct Health {
    name: &'static str,
    failures: u64,
}

impl Health {
    const fn new(name: &'static str) -> Self {
        Self { name, failures: 0 }
    }

    fn note(&mut self, outcome: Result<(), &(dyn Error + 'static)>) {
        match (outcome, self.failures) {
            (Ok(()), 0) => {}
            (Ok(()), failures) => {
                tracing::info!(worker = self.name, failures, "works again");
                self.failures = 0;
            }
            (Err(error), failures) => {
                if failures == 0 {
                    tracing::error!(worker = self.name, error = with_causes(error), "fails; trying on");
                }
                self.failures += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::sync::{Notify, watch};
    use tokio::time::timeout;

    use super::*;

    /// Far above what anything here takes: it only ends a test that would hang.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_worker_goes_on_after_failures_and_ends_when_it_is_told() {
        let (stop, stopping) = watch::channel(false);
        let count = Arc::new(AtomicU64::new(0));
        let worker = tokio::spawn(repeat(
            "test",
            Duration::from_millis(1),
            stopping,
            Arc::clone(&count),
            |count| async move {
                match count.fetch_add(1, Ordering::Relaxed) {
                    0..3 => Err(io::Error::other("away")),
                    _ => Ok(()),
                }
            },
        ));
        let enough = async {
            while count.load(Ordering::Relaxed) < 5 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, enough).await.unwrap();
        stop.send(true).unwrap();
        assert_eq!(timeout(PATIENCE, worker).await.unwrap().unwrap(), "test");
    }

    #[tokio::test]
    async fn what_a_worker_has_begun_is_finished() {
        let (stop, stopping) = watch::channel(false);
        let (begun, proceed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let subject = (Arc::clone(&begun), Arc::clone(&proceed));
        let worker = tokio::spawn(repeat(
            "test",
            Duration::from_millis(1),
            stopping,
            subject,
            |(begun, proceed)| async move {
                begun.notify_one();
                proceed.notified().await;
                Ok::<_, io::Error>(())
            },
        ));
        timeout(PATIENCE, begun.notified()).await.unwrap();
        stop.send(true).unwrap();
        tokio::task::yield_now().await;
        assert!(!worker.is_finished());
        proceed.notify_one();
        timeout(PATIENCE, worker).await.unwrap().unwrap();
    }

    #[test]
    fn failures_are_counted_until_it_works_again() {
        let mut health = Health::new("test");
        let error = io::Error::other("away");
        health.note(Err(&error));
        health.note(Err(&error));
        assert_eq!(health.failures, 2);
        health.note(Ok(()));
        assert_eq!(health.failures, 0);
    }
}
