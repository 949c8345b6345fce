//! Forgetting what no longer matters.

use std::sync::Arc;
use std::time::Duration;

use crate::authorize::LOGIN_MAX;
use crate::core::Core;
use crate::ports::StoreError;

/// Counters of unknown names and of networks are kept for this long after their last attempt: longer than any wait.
const COUNTERS_FOR: Duration = Duration::from_hours(24);
/// Counters forgotten in one go, so that a flood of made-up names does not become one long transaction.
const COUNTERS_AT_ONCE: u32 = 10_000;
/// Authorization codes are kept for this long after their end: a second use is still seen as one then.
const CODES_FOR: Duration = Duration::from_hours(1);
/// Ended secret keys are kept for this long, so that an administrator can see that there was one.
const KEYS_FOR: Duration = Duration::from_hours(30 * 24);

/// Forgets.
pub struct Housekeeping {
    core: Arc<Core>,
}

impl Housekeeping {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Removes what has expired, and returns how much it was. Called by a worker every few minutes; several nodes may.
    pub async fn execute(&self) -> Result<u64, StoreError> {
        let now = self.core.now();
        // A minute more than the leeway for clocks that differ between nodes.
        let past = now.before(Duration::from_mins(2));
        let mut removed = 0;
        loop {
            let mut tx = self.core.ports.store.begin().await?;
            let some = tx.attempts().purge(now.before(COUNTERS_FOR), COUNTERS_AT_ONCE).await?;
            tx.commit().await?;
            removed += some;
            if some < u64::from(COUNTERS_AT_ONCE) {
                break;
            }
        }
        let mut tx = self.core.ports.store.begin().await?;
        removed += tx.secret_keys().purge(now.before(KEYS_FOR)).await?;
        removed += tx.authenticators().purge(past).await?;
        removed += tx.recovery_codes().purge(past).await?;
        removed += tx.password_resets().purge(past).await?;
        removed += tx.auth_sessions().purge(past).await?;
        removed += tx.sessions().purge(past).await?;
        // A code that was used is remembered for a while, because it must not come again.
        removed += tx.oauth().codes().purge(now.before(CODES_FOR)).await?;
        removed += tx.oauth().devices().purge(past).await?;
        removed += tx.oauth().pushed_requests().purge(past.before(LOGIN_MAX)).await?;
        removed += tx.oauth().opaque_tokens().purge(past).await?;
        removed += tx.spent_tokens().purge(past).await?;
        removed += tx.revocations().purge(past).await?;
        tx.commit().await?;
        Ok(removed)
    }
}
