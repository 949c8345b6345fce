//! The storage contract: one function for each clause, and [`store_contract!`](crate::store_contract) to run them all.
//!
//! Each one-time fact and each counter has concurrency clauses of two kinds. *Forced interleaving*: one transaction writes
//! and stays open, a second one begins, the first commits and the second must lose; and its twin, in which the first is
//! dropped and the second must win. *The crowd*: many at once, exactly one of whom wins. A database that locks as a whole
//! hides faults that the others show, so a clause proves most on a store with several writers.

#![expect(missing_docs, reason = "the name of a clause says what it demands")]
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "test support: a failed expectation is a failed test"
)]

pub mod aidbox_resources;
pub mod attempts;
pub mod auth_sessions;
pub mod authenticator_races;
pub mod authenticators;
pub mod browsers;
mod clauses;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod device_races;
pub mod devices;
pub mod events;
pub mod logout_notices;
pub mod opaque_tokens;
pub mod password_resets;
pub mod pushed_requests;
mod race;
pub mod recovery_codes;
pub mod refresh_tokens;
pub mod revocations;
pub mod secret_keys;
pub mod session_families;
pub mod sessions;
pub mod signing_keys;
pub mod spent_tokens;
pub mod transactions;
pub mod user_lists;
pub mod user_races;
pub mod users;

pub use self::clauses::CLAUSES;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use application::ports::Store;

use crate::requirement::{self, Missing};

/// A store under test.
pub type SharedStore = Arc<dyn Store>;

/// An empty store, and what must live as long as it does.
pub struct Harness {
    store: SharedStore,
    kept: Vec<Box<dyn Any>>,
}

impl Harness {
    /// A store that needs nothing else.
    pub fn new(store: SharedStore) -> Self {
        Self {
            store,
            kept: Vec::new(),
        }
    }

    /// The same with something that is dropped after the store: a folder, a database.
    #[must_use]
    pub fn keeping(mut self, thing: impl Any) -> Self {
        self.kept.push(Box::new(thing));
        self
    }
}

/// How long a clause may take on a busy machine. One that takes longer waits for something that will not happen.
const LIMIT: Duration = Duration::from_mins(3);

/// Runs one clause on a runtime of its own. [`store_contract!`](crate::store_contract) calls it.
///
/// # Panics
///
/// When the store breaks the clause.
pub fn run(
    name: &str,
    factory: impl AsyncFnOnce() -> Result<Harness, Missing>,
    clause: impl AsyncFnOnce(&SharedStore),
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build();
    runtime.expect("a runtime for the clause").block_on(async {
        match factory().await {
            Err(Missing(requirement)) => requirement::skip(name, requirement),
            Ok(Harness { store, kept }) => {
                let ended = tokio::time::timeout(LIMIT, clause(&store)).await;
                drop(store);
                drop(kept);
                assert!(ended.is_ok(), "{name} does not end: transactions wait for one another");
            }
        }
    });
}
