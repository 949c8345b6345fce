//! What can go wrong before the ports are in use. Everything after that is `application::ports::StoreError`.

use sea_orm::DbErr;

/// A failure of the database, in its own words. Only the text is kept: the drivers' errors carry, in their debug form,
/// the values of rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DatabaseError(String);

impl DatabaseError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<DbErr> for DatabaseError {
    fn from(error: DbErr) -> Self {
        Self(error.to_string())
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

/// The database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is for neither of the two.
    #[error("the database URL must begin with `sqlite:` or `postgres://`")]
    UnknownKind,
    /// The URL cannot be read.
    #[error("the database URL cannot be read: {0}")]
    Url(DatabaseError),
    /// A database that would be gone at the end.
    #[error("the database must be a file: one in memory is lost when the service ends")]
    InMemory,
    /// The file cannot be made.
    #[error("the database file {path} cannot be created")]
    File {
        /// Which file.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The file system cannot do what SQLite's write-ahead log needs.
    #[error("{database} cannot use a write-ahead log: its file system has no shared memory (a network drive?)")]
    NoWriteAheadLog {
        /// Which database.
        database: String,
    },
    /// The server is too old.
    #[error("{database} is older than PostgreSQL {oldest}")]
    ServerTooOld {
        /// Which database.
        database: String,
        /// The oldest release that will do.
        oldest: u32,
    },
    /// There is no connection.
    #[error("cannot connect to {database}")]
    Connect {
        /// Which database.
        database: String,
        /// Why.
        #[source]
        cause: DatabaseError,
    },
}

/// The schema cannot be brought up to date, or cannot be compared with what this program knows.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A later version of the program has been here.
    #[error(
        "the database is newer than this program, which does not know its migrations {unknown}: run the version that \
         migrated it, or a later one"
    )]
    NewerSchema {
        /// The migrations that are applied and not known.
        unknown: String,
    },
    /// The database failed.
    #[error("the database failed while its schema was {action}")]
    Failed {
        /// What was tried.
        action: &'static str,
        /// Why.
        #[source]
        cause: DatabaseError,
    },
}
