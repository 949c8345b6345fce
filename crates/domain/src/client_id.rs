//! Names of client applications.

use std::fmt;

/// The longest identifier of a client, in characters.
pub const CLIENT_ID_MAX: usize = 128;

/// The identifier of a client application (RFC 6749 section 2.2). It is the `sub` of tokens that a client gets for itself, so
/// it is never a UUID: those are the `sub` of accounts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

/// A text is no identifier of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ - : / and not a UUID")]
pub struct InvalidClientId;

impl ClientId {
    /// Reads an identifier exactly: letter case counts, nothing is trimmed.
    pub fn parse(text: &str) -> Result<Self, InvalidClientId> {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-:/".contains(&byte);
        let fits = (1..=CLIENT_ID_MAX).contains(&text.len()) && text.bytes().all(is_known);
        // In any of its spellings: some readers of tokens compare them as UUIDs and not as texts.
        if fits && uuid::Uuid::try_parse(text).is_err() {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidClientId)
        }
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_characters_that_need_no_escape_anywhere() {
        for text in [
            "a",
            "my-app.v1_~",
            "https://app.example/client",
            "urn:example:app",
            &"x".repeat(128),
        ] {
            assert_eq!(ClientId::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            " app",
            "app\n",
            "a b",
            "a?b",
            "a%20b",
            "<b>",
            "a\"b",
            "a\\b",
            "z\u{f6}e",
            &"x".repeat(129),
        ] {
            assert_eq!(ClientId::parse(text), Err(InvalidClientId), "{text}");
        }
    }

    #[test]
    fn no_client_is_named_as_an_account_could_be() {
        for text in [
            "01010101-0101-4101-8101-010101010101",
            "01010101010141018101010101010101",
            "ABCDEF01-0101-4101-8101-010101010101",
            "urn:uuid:01010101-0101-4101-8101-010101010101",
        ] {
            assert_eq!(ClientId::parse(text), Err(InvalidClientId), "{text}");
        }
        assert!(ClientId::parse("app-01010101-0101-4101-8101-010101010101").is_ok());
    }
}
