//! Where the database is, and how many connections it gets.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::error::OpenError;

/// Where the database is, and how many connections it gets.
#[derive(Clone)]
pub struct Options {
    location: Location,
    /// On PostgreSQL, the most connections of this process; at least two. SQLite has one writer and a few readers anyway.
    pub max_connections: u32,
    /// The longest wait for a connection, which on SQLite includes the wait for the writers before.
    pub acquire_timeout: Duration,
}

#[derive(Clone)]
enum Location {
    Url(String),
    File(PathBuf),
}

/// The location, read.
pub(crate) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Options {
    /// The database at a URL: `sqlite:/path/file.db`, or `postgres://user:password@host/database?sslmode=verify-full`.
    pub fn new(url: impl Into<String>) -> Self {
        Self::at(Location::Url(url.into()))
    }

    /// The SQLite database in a file, whatever characters its path has.
    pub fn sqlite(file: impl Into<PathBuf>) -> Self {
        Self::at(Location::File(file.into()))
    }

    fn at(location: Location) -> Self {
        Self {
            location,
            max_connections: 16,
            acquire_timeout: Duration::from_secs(10),
        }
    }

    pub(crate) fn target(&self) -> Result<Target, OpenError> {
        let url = match &self.location {
            Location::File(path) => {
                let options = SqliteConnectOptions::new().filename(path);
                return Ok(Target::Sqlite(Box::new(options.disable_statement_logging())));
            }
            Location::Url(url) => url,
        };
        let unreadable = |error: sqlx::Error| OpenError::Url(error.into());
        if url.starts_with("sqlite:") {
            if url.contains(":memory:") || url.contains("mode=memory") {
                return Err(OpenError::InMemory);
            }
            let options: SqliteConnectOptions = url.parse().map_err(unreadable)?;
            return Ok(Target::Sqlite(Box::new(options.disable_statement_logging())));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options: PgConnectOptions = url.parse().map_err(unreadable)?;
            return Ok(Target::Postgres(Box::new(options.disable_statement_logging())));
        }
        Err(OpenError::UnknownKind)
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_kind_is_refused() {
        for url in ["", "mysql://host/name", "/var/lib/file.db", "SQLITE:/file.db"] {
            assert!(
                matches!(Options::new(url).target(), Err(OpenError::UnknownKind)),
                "{url}"
            );
        }
    }

    #[test]
    fn a_database_in_memory_is_refused() {
        for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite:file.db?mode=memory"] {
            assert!(matches!(Options::new(url).target(), Err(OpenError::InMemory)), "{url}");
        }
    }

    #[test]
    fn neither_debug_nor_an_error_tells_the_password() {
        for url in [
            "postgres://ann:hunter2@host:notaport/name",
            "postgres://ann:hunter2@host/name?sslmode=odd",
        ] {
            let options = Options::new(url);
            assert!(!format!("{options:?}").contains("hunter2"));
            let Err(error) = options.target() else {
                panic!("{url} was read")
            };
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
