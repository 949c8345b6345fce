//! The `act` of our own tokens (RFC 8693 section 4.1): an object with a `sub`, and nothing else.

use serde::Deserialize as _;
use serde::de::{Deserializer, Error as _};
use serde::ser::{SerializeMap as _, Serializer};

use super::members::Members;

/// Writes the object. Serde calls this for an actor only.
#[expect(clippy::ref_option, reason = "the form that serde asks for")]
pub(super) fn write<S: Serializer>(actor: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(1))?;
    object.serialize_entry("sub", actor)?;
    object.end()
}

/// Reads what [`write`] writes.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let mut members = Members::deserialize(deserializer)?;
    let actor = members.text("sub").filter(|actor| !actor.is_empty());
    match actor {
        Some(actor) if members.is_empty() => Ok(Some(actor)),
        _ => Err(D::Error::custom("not an actor")),
    }
}
