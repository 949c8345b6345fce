//! Empty databases for tests.

use persistence::Options;
use tempfile::TempDir;
use testkit::postgres::{Cluster, REQUIREMENT};
use testkit::requirement::Missing;

/// Options for an SQLite file that does not exist yet, and the folder that will hold it.
pub fn sqlite() -> (Options, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Options::sqlite(folder.path().join("countersign.db")), folder)
}

/// The URL of a fresh PostgreSQL database.
pub async fn postgres() -> Result<String, Missing> {
    let cluster = Cluster::shared().await.ok_or(Missing(REQUIREMENT))?;
    Ok(cluster.create_database().await)
}
