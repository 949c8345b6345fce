//! The whole adapter, from a request to its answer, over a store in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation ends the test, in its helpers too"
)]

mod account;
mod document;
mod edge;
mod failures;
mod hostile;
mod orion;
mod payload;
mod service;
mod token;
mod users;
