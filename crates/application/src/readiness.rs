//! Whether this node can serve.

use std::sync::Arc;

use crate::core::Core;
use crate::keys::KeyRing;
use crate::revocation_feed::RevocationFeed;

/// One thing that a node needs, and whether it has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// Whether it is there.
    pub passed: bool,
}

/// Looks at what a node needs.
pub struct Readiness {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
}

impl Readiness {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, ring, feed }
    }

    /// The database answers, a key can sign, and revocations are known up to now.
    pub async fn checks(&self) -> [Check; 3] {
        let database = match self.core.ports.store.read().await {
            Ok(mut tx) => tx.revocations().position().await.is_ok(),
            Err(_) => false,
        };
        [
            Check {
                name: "database",
                passed: database,
            },
            Check {
                name: "signing_key",
                passed: self.ring.is_ready(),
            },
            Check {
                name: "revocations",
                passed: self.feed.is_fresh(self.core.now()),
            },
        ]
    }
}
