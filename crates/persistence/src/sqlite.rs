//! Opening an SQLite file: one connection that writes, a few that only read.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use sea_orm::SqlxSqliteConnector;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::database::{Database, Kind};
use crate::error::OpenError;
use crate::options::Options;

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// Switching to the write-ahead log needs the file alone, and SQLite does not wait for it (only `BEGIN` does).
const SWITCH_ATTEMPTS: u32 = 100;
const SWITCH_PAUSE: Duration = Duration::from_millis(50);

pub(crate) async fn open(file: SqliteConnectOptions, options: &Options) -> Result<Database, OpenError> {
    let path = file.get_filename().to_owned();
    create(&path).map_err(|cause| OpenError::File {
        path: path.display().to_string(),
        cause,
    })?;
    let description = format!("sqlite:{}", path.display());
    // FULL, because an acknowledged write must survive the loss of power; in WAL mode NORMAL may lose the last commits.
    let file = file
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .pragma("temp_store", "memory");
    let writer = writer(&file.clone().journal_mode(SqliteJournalMode::Wal), options)
        .await
        .map_err(|cause| OpenError::Connect {
            database: description.clone(),
            cause: cause.into(),
        })?;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&writer)
        .await
        .map_err(|cause| OpenError::Connect {
            database: description.clone(),
            cause: cause.into(),
        })?;
    if mode != "wal" {
        return Err(OpenError::NoWriteAheadLog { database: description });
    }
    let reader = pool(READERS, options).connect_lazy_with(file.pragma("query_only", "ON"));
    Ok(Database {
        kind: Kind::Sqlite,
        writer: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
        reader: SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
        description,
    })
}

/// An open connection to a file does not go stale, so it is neither tested nor replaced.
fn pool(connections: u32, options: &Options) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn writer(file: &SqliteConnectOptions, options: &Options) -> Result<SqlitePool, sqlx::Error> {
    let mut attempt = 1;
    loop {
        match pool(1, options).connect_with(file.clone()).await {
            Err(error) if attempt < SWITCH_ATTEMPTS && is_busy(&error) => tokio::time::sleep(SWITCH_PAUSE).await,
            outcome => return outcome,
        }
        attempt += 1;
    }
}

/// `SQLITE_BUSY` or `SQLITE_LOCKED`, in any of their extended forms.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<u32>().ok());
    matches!(code.map(|code| code & 0xff), Some(5 | 6))
}

/// Makes the file before SQLite would, which would let everybody read it. A file that exists is not even opened: closing
/// it would drop the locks that SQLite holds on it elsewhere in this process.
fn create(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

    use super::*;

    async fn setting(connection: &DatabaseConnection, name: &str) -> String {
        let statement = Statement::from_string(connection.get_database_backend(), format!("PRAGMA {name}"));
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index::<String>(0)
            .or_else(|_| row.try_get_by_index::<i64>(0).map(|number| number.to_string()))
            .unwrap()
    }

    #[tokio::test]
    async fn both_kinds_of_connection_have_the_settings_that_durability_and_integrity_need() {
        let folder = tempfile::tempdir().unwrap();
        let database = crate::open(&Options::sqlite(folder.path().join("countersign.db")))
            .await
            .unwrap();
        for connection in [&database.writer, &database.reader] {
            assert_eq!(setting(connection, "journal_mode").await, "wal");
            // 2 is FULL.
            assert_eq!(setting(connection, "synchronous").await, "2");
            assert_eq!(setting(connection, "foreign_keys").await, "1");
            assert_eq!(setting(connection, "busy_timeout").await, "5000");
        }
        assert_eq!(setting(&database.writer, "query_only").await, "0");
        assert_eq!(setting(&database.reader, "query_only").await, "1");
    }
}
