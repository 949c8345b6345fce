//! E-mail addresses, as far as this service needs them: a label of an account, and a key to look it up by.

/// An address: as it was written, and in the form in which two spellings are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address of at most 254 characters")]
pub struct NotAnEmail;

impl Email {
    /// Takes an address: one `@`, something on both sides, a dot or nothing odd in the domain, no white space. Delivery is
    /// the only real check of an address; this refuses what can never be one, and what could inject mail headers.
    pub fn new(text: &str) -> Result<Self, NotAnEmail> {
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let clean = |part: &str| {
            !part.is_empty()
                && !part.contains('@')
                && part.chars().all(|character| {
                    !character.is_whitespace() && !character.is_control() && !"<>()[],;:\\\"".contains(character)
                })
        };
        let domain_is_sound =
            !domain.starts_with(['.', '-']) && !domain.ends_with(['.', '-']) && !domain.contains("..");
        if text.len() > 254 || local.len() > 64 || !clean(local) || !clean(domain) || !domain_is_sound {
            return Err(NotAnEmail);
        }
        Ok(Self(text.to_owned()))
    }

    /// Wraps an address that is stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form for comparison: lower case throughout. Providers that tell letter cases apart in practice do not exist, and
    /// two accounts that differ in case only would be a trap.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for text in [
            "a@b",
            "alice@example.org",
            "a.b+c@xn--bcher-kva.example",
            "j\u{f6}rg@example.org",
        ] {
            assert!(Email::new(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c",
            "a@b\r\nBcc: x@y",
            "a@b@c",
            "a@.b",
            "a@b..c",
            "<a@b>",
        ] {
            assert_eq!(Email::new(text), Err(NotAnEmail), "{text:?}");
        }
    }
}
