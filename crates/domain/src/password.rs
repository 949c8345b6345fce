//! What a new password must be: 8 to 256 characters of any kind, not common, and not the user name. No composition rules
//! (NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0 6.2).

use crate::secret::{PASSWORD_MAX, PASSWORD_MIN, Password};
use crate::username::Username;

/// Passwords that are tried first by everybody: sorted, lower case, eight characters or more, one a line.
const COMMON: &str = include_str!("password/common.txt");

/// Why a text cannot be a new password. The words go to the caller, who must learn what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than [`PASSWORD_MIN`] characters.
    #[error("must have at least {PASSWORD_MIN} characters")]
    TooShort,
    /// More than [`PASSWORD_MAX`] characters.
    #[error("must have at most {PASSWORD_MAX} characters")]
    TooLong,
    /// On the list of common passwords.
    #[error("is one of the passwords that everybody tries first")]
    Common,
    /// Contains the user name (or is it, repeated or decorated).
    #[error("must not contain the user name")]
    ContainsUsername,
}

/// Checks a password that someone wants to use from now on. Returns every fault there is, so that nobody has to try three
/// times to learn three rules.
pub fn faults(password: &Password, username: &Username) -> Vec<PasswordFault> {
    let text = password.expose();
    let folded = zeroize::Zeroizing::new(text.to_lowercase());
    let mut found = Vec::new();
    if text.chars().count() < PASSWORD_MIN {
        found.push(PasswordFault::TooShort);
    }
    if is_common(&folded) {
        found.push(PasswordFault::Common);
    }
    // A name of one or two letters is in nearly every password, and says nothing about it.
    if username.as_str().chars().count() >= 3 && folded.contains(username.as_str()) {
        found.push(PasswordFault::ContainsUsername);
    }
    found
}

fn is_common(folded: &str) -> bool {
    let mut characters = folded.chars();
    let one_character = characters
        .next()
        .is_some_and(|first| characters.all(|other| other == first));
    one_character || common_list().binary_search(&folded).is_ok()
}

fn common_list() -> &'static [&'static str] {
    static LIST: std::sync::LazyLock<Vec<&'static str>> = std::sync::LazyLock::new(|| COMMON.lines().collect());
    &LIST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(password: &str) -> Vec<PasswordFault> {
        match (Password::new(password), Username::new("alice")) {
            (Some(password), Ok(username)) => faults(&password, &username),
            _ => vec![PasswordFault::TooLong],
        }
    }

    #[test]
    fn the_list_is_sorted_and_folded() {
        assert!(common_list().is_sorted());
        assert!(
            common_list()
                .iter()
                .all(|word| *word == word.to_lowercase() && word.chars().count() >= PASSWORD_MIN)
        );
        assert!(common_list().len() > 5_000);
    }

    #[test]
    fn any_characters_make_a_password() {
        for good in [
            "correct horse battery",
            "\u{1F511}\u{1F512}\u{1F513}\u{1F510}\u{1F511}\u{1F512}\u{1F513}\u{1F510}",
            "  spaces  count  ",
        ] {
            assert_eq!(faults_of(good), [], "{good}");
        }
    }

    #[test]
    fn each_rule_refuses_by_name() {
        assert_eq!(faults_of("short7!"), [PasswordFault::TooShort]);
        assert_eq!(faults_of("Password1"), [PasswordFault::Common]);
        assert_eq!(faults_of("12345678"), [PasswordFault::Common]);
        assert_eq!(faults_of("zzzzzzzzzzzz"), [PasswordFault::Common]);
        assert_eq!(faults_of("my-ALICE-2026"), [PasswordFault::ContainsUsername]);
        assert_eq!(
            faults_of("alice"),
            [PasswordFault::TooShort, PasswordFault::ContainsUsername]
        );
        assert_eq!(faults_of(&"x1".repeat(129)), [PasswordFault::TooLong]);
    }
}
