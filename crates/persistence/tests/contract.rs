//! The storage contract, held by both databases.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot go on has failed")]

mod databases;

use std::sync::Arc;

use persistence::{Options, migrate, open};
use testkit::contract::Harness;
use testkit::requirement::Missing;

async fn sqlite() -> Result<Harness, Missing> {
    let (options, folder) = databases::sqlite();
    let database = open(&options).await.unwrap();
    migrate(&database).await.unwrap();
    Ok(Harness::new(Arc::new(database)).keeping(folder))
}

async fn postgres() -> Result<Harness, Missing> {
    let mut options = Options::new(databases::postgres().await?);
    // More writers at once than a service needs: the crowds are to meet in the database and not before it.
    options.max_connections = 64;
    let database = open(&options).await.unwrap();
    migrate(&database).await.unwrap();
    Ok(Harness::new(Arc::new(database)))
}

testkit::store_contract!(on_sqlite, sqlite);
testkit::store_contract!(on_postgres, postgres);
