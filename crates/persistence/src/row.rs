//! Reading columns back as the values that were written. A row that cannot be read is a failure, never a guess.

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
