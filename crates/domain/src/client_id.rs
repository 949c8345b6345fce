//! Names of client applications.

use std::fmt;

use uuid::Uuid;

/// The longest identity of a client, in characters.
pub const CLIENT_ID_MAX: usize = 128;

/// The identity of a client (RFC 6749 section 2.2). It never has the form of an account's identity, so that `sub` of a token
/// that a client got for itself is never that of an account (RFC 9700 section 4.15).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

/// Why a text is no identity of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ - : /, and no UUID")]
pub struct ClientIdFault;

impl ClientId {
    /// Reads an identity.
    pub fn parse(text: &str) -> Result<Self, ClientIdFault> {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-:/".contains(&byte);
        let fits = !text.is_empty() && text.len() <= CLIENT_ID_MAX && text.bytes().all(is_known);
        if !fits || Uuid::try_parse(text).is_ok() {
            return Err(ClientIdFault);
        }
        Ok(Self(text.to_owned()))
    }

    /// The identity.
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
    fn an_identity_of_an_account_is_none_of_a_client() {
        assert!(ClientId::parse("mywebapp").is_ok());
        assert!(ClientId::parse("https://app.example/client").is_ok());
        for text in [
            "",
            "a b",
            "a\"b",
            "67e55044-10b1-426f-9247-bb680e5fe0c8",
            "67e5504410b1426f9247bb680e5fe0c8",
            "urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8",
        ] {
            assert_eq!(ClientId::parse(text), Err(ClientIdFault), "{text}");
        }
        assert!(ClientId::parse(&"a".repeat(128)).is_ok());
        assert!(ClientId::parse(&"a".repeat(129)).is_err());
    }
}
