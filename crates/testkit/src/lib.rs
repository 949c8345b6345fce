//! What tests share: a clock that is set by hand, seeded randomness, sample data, the storage contract, a store in memory,
//! and a private PostgreSQL. For tests only: nothing here may be part of the service.
//!
//! # Holding a store to the contract
//!
//! A storage adapter proves itself by running every clause of [`contract`] in a test file of its own:
//!
//! ```text
//! use testkit::contract::Harness;
//! use testkit::postgres::Cluster;
//! use testkit::requirement::Missing;
//!
//! async fn fresh() -> Result<Harness, Missing> {
//!     let cluster = Cluster::shared().await.ok_or(Missing("PostgreSQL"))?;
//!     let store = MyStore::connect(&cluster.create_database().await).await.unwrap();
//!     Ok(Harness::new(Arc::new(store)).keeping(folder_that_must_stay))
//! }
//!
//! testkit::store_contract!(on_postgres, fresh);
//! ```
//!
//! That makes a module `on_postgres` with one `#[test]` for each clause, named as the clause. `fresh` is called once for each
//! and MUST give an empty store; several clauses run at the same time. A store should be ready for 40 transactions at once (32
//! racers and some readers), or make the ones it has no connection for wait.
//!
//! A [`requirement::Missing`] skips a clause, by name, on standard error; with `COUNTERSIGN_TEST_REQUIRE_ALL=1` it fails it.

pub mod builders;
pub mod clock;
pub mod contract;
pub mod entropy;
pub mod keys;
pub mod memory;
pub mod outbound;
pub mod postgres;
pub mod requirement;
