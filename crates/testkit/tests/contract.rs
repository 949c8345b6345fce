//! The storage contract, on the store in memory.

use std::sync::Arc;

use testkit::contract::Harness;
use testkit::memory::MemoryStore;
use testkit::requirement::Missing;

async fn fresh() -> Result<Harness, Missing> {
    Ok(Harness::new(Arc::new(MemoryStore::default())))
}

testkit::store_contract!(on_memory, fresh);
