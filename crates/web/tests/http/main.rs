//! The whole adapter, from a request to its answer, over a store in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation ends the test, in its helpers too"
)]

mod account;
mod admin_factors;
mod aidbox;
mod authenticators;
mod document;
mod edge;
mod enrolment;
mod failures;
mod hostile;
mod my_events;
mod oauth;
mod orion;
mod otp;
mod pages;
mod payload;
mod qr_codes;
mod recovery_codes;
mod service;
mod step_up;
mod token;
mod users;
