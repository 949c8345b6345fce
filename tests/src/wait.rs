//! Waiting for something that is bound to happen, for a bounded time.

use std::future::Future;
use std::time::Duration;

/// Asks again and again until the answer is yes. Ends the test when it is still no after `limit`.
pub async fn eventually<F, A>(what: &str, limit: Duration, mut ask: F)
where
    F: FnMut() -> A,
    A: Future<Output = bool>,
{
    let asking = async {
        while !ask().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let outcome = tokio::time::timeout(limit, asking).await;
    assert!(outcome.is_ok(), "within {limit:?} it did not happen that {what}");
}
