//! A node's view of the revocations: in memory, at most a moment old, and refusing when it cannot be sure.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::claims::{Claims, ClientClaims};
use domain::revocation::RevocationSet;
use domain::time::Timestamp;
use tokio::sync::Mutex;

use crate::core::Core;
use crate::ports::StoreError;

const PAGE: u32 = 1_000;

/// Follows the sequence of revocations.
pub struct RevocationFeed {
    core: Arc<Core>,
    known: RwLock<RevocationSet>,
    /// When the last complete reading began, in microseconds: everything committed before it is known.
    read_at: AtomicI64,
    reading: Mutex<()>,
}

impl RevocationFeed {
    /// A view that knows nothing yet, and therefore answers nothing until it has read.
    pub fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            known: RwLock::default(),
            read_at: AtomicI64::new(i64::MIN),
            reading: Mutex::new(()),
        }
    }

    /// Reads what is new. Called by a worker several times a second.
    pub async fn follow(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.reading.lock().await;
        self.read_on().await
    }

    /// Reads what this node has just committed. If the store is silent now, the view counts as too old, and nothing is
    /// believed before it was read: what was committed is done, and no failure here can undo it.
    pub(crate) async fn catch_up(&self) {
        let _one_at_a_time = self.reading.lock().await;
        if self.read_on().await.is_err() {
            self.read_at.store(i64::MIN, Ordering::Release);
        }
    }

    async fn read_on(&self) -> Result<(), StoreError> {
        let began = self.core.now();
        let mut position = self.known.read().unwrap_or_else(PoisonError::into_inner).position();
        let mut tx = self.core.ports.store.read().await?;
        loop {
            let page = tx.revocations().after(position, began, PAGE).await?;
            let complete = page.len() < PAGE as usize;
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            for (place, revocation) in page {
                known.learn(place, revocation);
                position = place;
            }
            if complete {
                known.forget(began);
                break;
            }
        }
        self.read_at.store(began.micros(), Ordering::Release);
        Ok(())
    }

    /// Whether a token is void. Reads first when the view is too old; an error means that nobody can say.
    pub async fn covers(&self, claims: &Claims, now: Timestamp) -> Result<bool, StoreError> {
        self.freshen(now).await?;
        Ok(self.known.read().unwrap_or_else(PoisonError::into_inner).covers(claims))
    }

    /// The same for a token that a client got for itself.
    pub async fn covers_client(&self, claims: &ClientClaims, now: Timestamp) -> Result<bool, StoreError> {
        self.freshen(now).await?;
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Ok(known.covers_client(claims))
    }

    async fn freshen(&self, now: Timestamp) -> Result<(), StoreError> {
        if !self.is_fresh(now) {
            let _one_at_a_time = self.reading.lock().await;
            // Those who waited find that the first of them has read.
            if !self.is_fresh(now) {
                self.read_on().await?;
            }
        }
        Ok(())
    }

    /// Whether the view is recent enough to answer from.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let read_at = Timestamp::from_micros(self.read_at.load(Ordering::Acquire));
        // A clock that was set back does not make an old view fresh for ever: the worker writes the new time at once.
        now.since(read_at) <= self.core.policies.revocations_stale_after
    }

    /// How many revocations are held in memory.
    pub fn len(&self) -> usize {
        self.known.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
