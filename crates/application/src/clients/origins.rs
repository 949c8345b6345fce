//! The web origins of clients as this node knows them: asked with every call of a script, so they are kept in memory and are at
//! most a few seconds old.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::client::{Client, ClientId};
use domain::time::Timestamp;
use tokio::sync::Mutex;

use crate::core::Core;
use crate::ports::StoreError;

/// How many clients are read at once.
const PAGE: u32 = 200;

/// How old the view may be.
const FRESH_FOR: Duration = Duration::from_secs(10);

/// A node's view of the web origins of active clients.
pub struct ClientOrigins {
    core: Arc<Core>,
    known: ArcSwap<BTreeSet<String>>,
    read_at: AtomicI64,
    reading: Mutex<()>,
}

impl ClientOrigins {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            known: ArcSwap::default(),
            read_at: AtomicI64::new(i64::MIN),
            reading: Mutex::new(()),
        }
    }

    /// Whether scripts of this origin may call for a client. An error means that nobody can say; then they may not.
    pub async fn admits(&self, origin: &str) -> Result<bool, StoreError> {
        let now = self.core.now();
        if !self.is_fresh(now) {
            let _one_at_a_time = self.reading.lock().await;
            // Those who waited find that the first of them has read.
            if !self.is_fresh(now) {
                self.known.store(Arc::new(self.read().await?));
                self.read_at.store(now.micros(), Ordering::Release);
            }
        }
        Ok(self.known.load().contains(origin))
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        let read_at = Timestamp::from_micros(self.read_at.load(Ordering::Acquire));
        now.since(read_at) <= FRESH_FOR
    }

    async fn read(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        let mut origins = BTreeSet::new();
        let mut after: Option<ClientId> = None;
        loop {
            let page = tx.oauth().clients().list(after.as_ref(), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().map(|client| client.id.clone());
            let active = page.into_iter().filter(Client::is_active);
            origins.extend(active.flat_map(|client| client.cors_origins));
            if is_last {
                return Ok(origins);
            }
        }
    }
}
