//! `[database]`: where the data is.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::data::Data;
use crate::loading::reader::{Grain, Parsed, Read, Reader};
use crate::loading::secret_file::Readers;
use crate::secret::Secret;

const FILE_NAME: &str = "countersign.db";

/// The database.
pub struct Database {
    /// Which one.
    pub location: DatabaseLocation,
    /// Connections open at the same time.
    pub max_connections: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// Whether `serve` migrates.
    pub auto_migrate: bool,
}

/// Where the database is.
pub enum DatabaseLocation {
    /// The SQLite file in the data folder.
    DataFolder(PathBuf),
    /// What the settings name; it may hold a password.
    Url(Secret),
}

/// The databases that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
}

impl Database {
    pub(crate) fn read(from: &mut Reader, data: Read<&Data>) -> Read<Self> {
        let allowed = "a URL that begins with sqlite:, postgres:// or postgresql://";
        let url = from.secret("database.url", allowed, Readers::Any, check_url);
        let max_connections = from.number("database.max_connections", 1..=1000);
        let waits = Duration::from_secs(1)..=Duration::from_mins(5);
        let acquire_timeout = from.duration("database.acquire_timeout", &waits, Grain::Seconds);
        let auto_migrate = from.switch("database.auto_migrate");
        let location = match url? {
            Some(url) => DatabaseLocation::Url(url),
            None => DatabaseLocation::DataFolder(data?.join(FILE_NAME)),
        };
        Ok(Self {
            location,
            max_connections: max_connections?,
            acquire_timeout: acquire_timeout?,
            auto_migrate: auto_migrate?,
        })
    }

    /// The URL to connect to. A file in the data folder is created if it is missing.
    pub fn url(&self) -> Secret {
        match &self.location {
            DatabaseLocation::Url(url) => Secret::new(url.expose().to_owned()),
            DatabaseLocation::DataFolder(file) => Secret::new(format!(
                "sqlite://{}?mode=rwc",
                percent_encoded(&file.to_string_lossy())
            )),
        }
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match &self.location {
            DatabaseLocation::Url(url) if !url.expose().starts_with("sqlite:") => Engine::Postgres,
            _ => Engine::Sqlite,
        }
    }
}

/// The problem never repeats the URL.
fn check_url(url: &str) -> Parsed<()> {
    // It would be gone with its last connection, and the adapter does not open one.
    if url.starts_with("sqlite:") && (url.contains(":memory:") || url.contains("mode=memory")) {
        return Err("a database in memory is lost when the service ends: name a file".into());
    }
    let rest = ["sqlite://", "sqlite:", "postgres://", "postgresql://"]
        .iter()
        .find_map(|start| url.strip_prefix(start));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(()),
        Some(_) => Err("the URL names no database".into()),
        None => Err("the URL has another scheme".into()),
    }
}

/// Everything but unreserved characters (RFC 3986 section 2.3) and slashes: `?`, `#` and `%` are allowed in a folder.
fn percent_encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
