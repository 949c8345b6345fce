//! The harness of the tests of the whole service: services in this process or as programs of their own, and callers that
//! speak HTTP to them. For tests only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test support: a broken expectation ends the test"
)]

pub mod agent;
pub mod answer;
pub mod browser;
pub mod call;
pub mod client;
pub mod crowd;
pub mod html;
pub mod nodes;
pub mod person;
pub mod phone;
pub mod program;
pub mod proxy;
pub mod raw;
pub mod service;
pub mod token;
pub mod tool;
pub mod wait;

pub use agent::{Agent, Landing, Page};
pub use answer::Answer;
pub use browser::Browser;
pub use client::Client;
pub use person::{PASSWORD, Person, Tokens};
pub use phone::Phone;
pub use service::{Service, Setup};

/// Runs each of these tests, functions that take a service, over SQLite and, where it is installed, over PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident,)*) => {
        mod on_sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test($crate::Service::sqlite().await).await;
            }
        )*}

        mod on_postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(service) = $crate::Service::postgres().await {
                    super::$test(service).await;
                }
            }
        )*}
    };
}
