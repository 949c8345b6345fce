//! The storage contract: one function for each clause, and [`store_contract!`](crate::store_contract) to run them all.
//!
//! Each one-time fact and each counter has concurrency clauses of two kinds. *Forced interleaving*: one transaction writes
//! and stays open, a second one begins, the first commits and the second must lose; and its twin, in which the first is
//! dropped and the second must win. *The crowd*: many at once, exactly one of whom wins. A database that locks as a whole
//! hides faults that the others show, so a clause proves most on a store with several writers.

#![expect(missing_docs, reason = "the name of a clause says what it demands")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a failed expectation is a failed test"
)]

mod race;

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
    pub fn new(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
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

macro_rules! clauses {
    (($dollar:tt) $($file:ident { $($clause:ident)* })*) => {
        $(pub mod $file;)*

        /// Every clause, as `file::name`.
        pub const CLAUSES: &[&str] = &[$($(concat!(stringify!($file), "::", stringify!($clause)),)*)*];

        /// `store_contract!(module, factory)` makes a module with a `#[test]` for each clause of the storage contract.
        /// `factory` is an `async fn() -> Result<Harness, Missing>` in the place of the call, and gives an empty store each
        /// time. See the documentation of this crate.
        #[macro_export]
        macro_rules! store_contract {
            ($dollar module:ident, $dollar factory:ident) => {
                mod $dollar module {
                    $($(
                        #[test]
                        fn $clause() {
                            let name = concat!(stringify!($dollar module), "::", stringify!($clause));
                            ::testkit::contract::run(name, super::$dollar factory, ::testkit::contract::$file::$clause);
                        }
                    )*)*
                }
            };
        }
    };
}

clauses! { ($)
    spent_tokens {
        a_token_is_spent_once
        a_token_spent_in_an_open_transaction_is_taken
        a_token_whose_spending_is_rolled_back_can_be_spent
        a_crowd_spends_a_token_once
        purging_forgets_spent_tokens_that_expired_before_the_cutoff
    }
}
