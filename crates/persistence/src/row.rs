//! Reading columns back as the values that were written. A row that cannot be read is a failure, never a guess.

use std::time::Duration;

use domain::client::ClientId;
use domain::scope::{Scope, Scopes};
use domain::secret::Digest;
use domain::session::Origin;
use domain::time::Timestamp;
use sea_orm::DbErr;

/// The row holds something that this program never writes.
pub(crate) fn unreadable(column: &'static str) -> DbErr {
    DbErr::Type(format!("{column} holds a value that this program does not know"))
}

pub(crate) fn digest(column: &'static str, bytes: Vec<u8>) -> Result<Digest, DbErr> {
    bytes.try_into().map(Digest::from_bytes).map_err(|_| unreadable(column))
}

pub(crate) fn bytes(digest: &Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}

pub(crate) fn count(column: &'static str, number: i64) -> Result<u32, DbErr> {
    u32::try_from(number).map_err(|_| unreadable(column))
}

pub(crate) fn micros(instant: Option<Timestamp>) -> Option<i64> {
    instant.map(Timestamp::micros)
}

pub(crate) fn instant(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

pub(crate) fn origin(address: Option<String>, user_agent: Option<String>, request_id: Option<String>) -> Origin {
    Origin {
        address,
        user_agent,
        request_id,
    }
}

/// A span in microseconds, which is what instants are kept in.
pub(crate) fn span(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

pub(crate) fn duration(column: &'static str, micros: i64) -> Result<Duration, DbErr> {
    u64::try_from(micros)
        .map(Duration::from_micros)
        .map_err(|_| unreadable(column))
}

pub(crate) fn client_id(column: &'static str, text: &str) -> Result<ClientId, DbErr> {
    ClientId::parse(text).map_err(|_| unreadable(column))
}

/// What was stored may be more than one request may name, and may be nothing.
pub(crate) fn scopes(column: &'static str, text: &str) -> Result<Scopes, DbErr> {
    let names = text.split(' ').filter(|name| !name.is_empty());
    let scopes = names.map(Scope::from_name).collect::<Option<Scopes>>();
    scopes.ok_or_else(|| unreadable(column))
}
