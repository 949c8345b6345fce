//! The kinds of text in bodies and answers. Each is a JSON string and nothing else (the framework's `String` also takes
//! numbers and booleans), and has a `format` in the document, by which the schema check finds its rule.

use std::borrow::Cow;

use domain::time::Timestamp;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) const USERNAME: &str = "username";
pub(crate) const EMAIL: &str = "email";
pub(crate) const DISPLAY_NAME: &str = "display-name";
pub(super) const AUTHENTICATOR_NAME: &str = "authenticator-name";
const PASSWORD: &str = "password";
const SCOPE: &str = "scope";
const DATE_TIME: &str = "date-time";
const UUID: &str = "uuid";

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $format:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name(pub String);

        impl Type for $name {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                concat!("string_", stringify!($name)).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", $format)))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl ParseFromJSON for $name {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                match value {
                    Some(Value::String(text)) => Ok(Self(text)),
                    _ => Err(ParseError::expected_input()),
                }
            }
        }

        impl ParseFromParameter for $name {
            fn parse_from_parameter(value: &str) -> ParseResult<Self> {
                Ok(Self(value.to_owned()))
            }
        }

        impl ToJSON for $name {
            fn to_json(&self) -> Option<Value> {
                Some(Value::String(self.0.clone()))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// A user name.
    UsernameText = USERNAME;
    /// An e-mail address.
    EmailText = EMAIL;
    /// A display name.
    DisplayNameText = DISPLAY_NAME;
    /// The name of an authenticator.
    AuthenticatorNameText = AUTHENTICATOR_NAME;
    /// A secret: a password, a secret key, a token.
    SecretText = PASSWORD;
    /// A list of scopes (RFC 6749 section 3.3).
    ScopeText = SCOPE;
    /// An instant (RFC 3339, UTC).
    DateTime = DATE_TIME;
    /// An identifier.
    Id = UUID;
}

impl From<Timestamp> for DateTime {
    fn from(instant: Timestamp) -> Self {
        let text = calendar(instant).and_then(|instant| instant.format(&Rfc3339).ok());
        Self(text.unwrap_or_else(|| LAST_INSTANT.to_owned()))
    }
}

/// An instant beyond the year 9999 has no such form; only a setting of millennia makes one.
const LAST_INSTANT: &str = "9999-12-31T23:59:59Z";

fn calendar(instant: Timestamp) -> Option<OffsetDateTime> {
    let micros = u32::try_from(instant.micros().rem_euclid(1_000_000)).ok()?;
    let second = OffsetDateTime::from_unix_timestamp(instant.seconds()).ok()?;
    second.replace_microsecond(micros).ok()
}

/// Writes what [`DateTime`] of the instant is, without quotes.
pub(crate) fn write_instant(text: &mut Vec<u8>, instant: Timestamp) {
    let begin = text.len();
    let written = calendar(instant).map(|instant| instant.format_into(text, &Rfc3339));
    if !matches!(written, Some(Ok(_))) {
        text.truncate(begin);
        text.extend_from_slice(LAST_INSTANT.as_bytes());
    }
}

impl<T: std::fmt::Display> From<&T> for Id {
    fn from(id: &T) -> Self {
        Self(id.to_string())
    }
}
