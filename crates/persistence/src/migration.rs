//! Bringing the schema up to date, by one process at a time.

use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use crate::database::{Database, Kind};
use crate::error::MigrationError;
use crate::sqlite;

/// The advisory lock of this service on PostgreSQL: the first eight bytes of "countersign".
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"counters");

/// How often SQLite's busy timeout is waited out while another process migrates.
const PATIENCE: u32 = 24;

/// Applies what is not applied yet, and returns the names. Processes that do this at the same time wait for one another,
/// and all of it happens in one transaction: a failure half way leaves the schema as it was.
pub async fn migrate(database: &Database) -> Result<Vec<String>, MigrationError> {
    let failed = |cause: DbErr| MigrationError::Failed {
        action: "brought up to date",
        cause: cause.into(),
    };
    let transaction = alone(database).await.map_err(failed)?;
    let pending = accept(migrations::compare(&transaction).await.map_err(failed)?)?;
    if !pending.is_empty() {
        Migrator::up(&transaction, None).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(pending)
}

/// The names of the migrations that are not applied yet. Changes nothing and waits for nobody.
pub async fn pending(database: &Database) -> Result<Vec<String>, MigrationError> {
    let failed = |cause: DbErr| MigrationError::Failed {
        action: "compared with this program's",
        cause: cause.into(),
    };
    accept(migrations::compare(&database.reader).await.map_err(failed)?)
}

fn accept(difference: migrations::Difference) -> Result<Vec<String>, MigrationError> {
    if difference.unknown.is_empty() {
        return Ok(difference.pending);
    }
    Err(MigrationError::NewerSchema {
        unknown: difference.unknown.join(", "),
    })
}

/// A transaction that no other process has at the same time.
async fn alone(database: &Database) -> Result<DatabaseTransaction, DbErr> {
    if database.kind == Kind::Postgres {
        let transaction = database.writer.begin().await?;
        let lock = format!("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        transaction.execute_unprepared(&lock).await?;
        return Ok(transaction);
    }
    let mut attempt = 1;
    loop {
        match database.writer.begin_with_options(immediate()).await {
            Err(error) if attempt < PATIENCE && is_busy(&error) => attempt += 1,
            outcome => return outcome,
        }
    }
}

/// Takes the right to write at the beginning: a transaction that reads first and wants to write later fails when another
/// wrote in between.
pub(crate) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause)) = error else {
        return false;
    };
    matches!(cause, RuntimeErr::SqlxError(error) if sqlite::is_busy(error))
}
