//! `prompt`: which pages a client wants shown, or none at all (OpenID Connect Core section 3.1.2.1).

use super::fault::Fault;

/// Which pages are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prompt {
    /// No page at all.
    pub none: Asked,
    /// The login, although somebody is logged in.
    pub login: Asked,
    /// The consent, although it was given.
    pub consent: Asked,
}

/// Whether something was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asked {
    /// It was.
    Yes,
    /// It was not.
    #[default]
    No,
}

impl Asked {
    /// Whether it was.
    pub const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

impl Prompt {
    /// Reads the value. To select an account is to log in to it.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut prompt = Self::default();
        let mut count = 0;
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            count += 1;
            match value {
                "none" => prompt.none = Asked::Yes,
                "login" | "select_account" => prompt.login = Asked::Yes,
                "consent" => prompt.consent = Asked::Yes,
                _ => return Err(Fault::invalid("prompt must be of none, login, consent, select_account")),
            }
        }
        if prompt.none.is_yes() && count > 1 {
            return Err(Fault::invalid("prompt none goes with no other value"));
        }
        Ok(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone() {
        assert!(Prompt::parse("none").is_ok_and(|prompt| prompt.none.is_yes()));
        assert!(Prompt::parse("login consent").is_ok_and(|prompt| prompt.login.is_yes() && prompt.consent.is_yes()));
        assert!(Prompt::parse("select_account").is_ok_and(|prompt| prompt.login.is_yes()));
        for text in ["none login", "login none", "none none", "create", "LOGIN"] {
            assert!(Prompt::parse(text).is_err(), "{text}");
        }
    }
}
