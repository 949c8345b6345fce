//! User names: normalised once, compared normalised everywhere.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// The longest user name, in characters after normalisation.
pub const USERNAME_MAX: usize = 64;

/// A user name in its one comparable form: compatibility-composed (NFKC) and lower case.
///
/// Two spellings of one name must never be two identities, or each would have its own budget of guesses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// Why a text is not a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameFault {
    /// Nothing is left after normalisation.
    #[error("must not be empty")]
    Empty,
    /// More than [`USERNAME_MAX`] characters.
    #[error("must have at most 64 characters")]
    TooLong,
    /// A character that is invisible, or that HTTP Basic (RFC 7617 section 2) cannot carry in a user name.
    #[error("must not contain white space, control or invisible characters, or a colon")]
    Character,
}

impl Username {
    /// Normalises what was sent, or says why it cannot be a user name.
    pub fn new(text: &str) -> Result<Self, UsernameFault> {
        // NFKC can expand one character to 18; refuse early what cannot become short enough to be worth the work.
        if text.len() > USERNAME_MAX * 16 {
            return Err(UsernameFault::TooLong);
        }
        let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
        let name: String = folded.nfkc().collect();
        if name.is_empty() {
            return Err(UsernameFault::Empty);
        }
        if name.chars().count() > USERNAME_MAX {
            return Err(UsernameFault::TooLong);
        }
        if name.chars().any(|character| !is_allowed(character)) {
            return Err(UsernameFault::Character);
        }
        Ok(Self(name))
    }

    /// Wraps a name that is stored, and therefore already normalised.
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The normalised name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a character cannot be seen, or changes how others are seen: two names with and without it would look the same.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_allowed(character: char) -> bool {
    !character.is_whitespace() && !character.is_control() && !is_invisible(character) && character != ':'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Result<String, UsernameFault> {
        Username::new(text).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn spellings_of_one_name_are_one() {
        for spelling in ["alice", "ALICE", "Alice", "\u{ff21}lice", "\u{1d400}lice"] {
            assert_eq!(name(spelling), Ok("alice".to_owned()), "{spelling}");
        }
    }

    #[test]
    fn what_cannot_be_seen_or_sent_is_refused() {
        for text in [
            "al ice",
            " alice",
            "alice\n",
            "a\u{200b}lice",
            "alice:x",
            "ali\u{202e}ce",
            "\u{0}",
        ] {
            assert_eq!(name(text), Err(UsernameFault::Character), "{text:?}");
        }
        assert_eq!(name(""), Err(UsernameFault::Empty));
        assert_eq!(name(&"a".repeat(65)), Err(UsernameFault::TooLong));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{1,40}") {
            if let Ok(once) = name(&text) {
                prop_assert_eq!(name(&once), Ok(once));
            }
        }
    }
}
