//! Passwords that an operator sets: typed, piped in, or made. Never an argument, which other users of the machine could read.

use std::io::{self, IsTerminal as _, Read as _};

use application::App;
use application::ports::entropy;
use domain::secret::PASSWORD_MAX;
use zeroize::Zeroizing;

use super::Failure;
use crate::cli::PasswordSource;

/// Letters and digits that are not taken for one another when they are read aloud.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A password as it came, or that it is to be made.
pub(super) enum Typed {
    By(Zeroizing<String>),
    Generated,
}

impl Typed {
    pub(super) fn obtain(source: PasswordSource) -> Result<Self, Failure> {
        if source.generate_password {
            return Ok(Self::Generated);
        }
        if source.password_stdin {
            return from_stdin().map(Self::By);
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::new(
                "there is no terminal to ask for the password on: use --password-stdin or --generate-password",
            ));
        }
        ask("Password: ", "Once more: ").map(Self::By)
    }
}

fn from_stdin() -> Result<Zeroizing<String>, Failure> {
    // Room for every password from the start: growing would leave copies behind.
    let largest = PASSWORD_MAX * 12;
    let mut text = Zeroizing::new(String::with_capacity(largest + 3));
    io::stdin()
        .lock()
        .take(u64::try_from(largest).unwrap_or(u64::MAX) + 2)
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(format!("the password cannot be read from standard input: {error}")))?;
    // The one line end that `echo` and editors leave.
    for end in ['\n', '\r'] {
        if text.ends_with(end) {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err(Failure::new("standard input is empty; it must hold the password"));
    }
    Ok(text)
}

fn ask(prompt: &str, again: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(|error| Failure::new(format!("the password cannot be read from the terminal: {error}")))
    };
    let first = typed(prompt)?;
    if *typed(again)? != *first {
        return Err(Failure::new("the two passwords differ"));
    }
    Ok(first)
}

/// The text of a password, and whether it was made here and must be shown.
pub(super) fn settled(app: &App, typed: Typed) -> (Zeroizing<String>, bool) {
    match typed {
        Typed::By(text) => (text, false),
        Typed::Generated => (generate_password(app), true),
    }
}

/// 100 random bits in groups of five.
pub(crate) fn generate_password(app: &App) -> Zeroizing<String> {
    let random: Zeroizing<[u8; 20]> = entropy::secret_bytes(app.core.ports.entropy.as_ref());
    let mut text = Zeroizing::new(String::with_capacity(23));
    for (place, byte) in random.iter().enumerate() {
        if place > 0 && place % 5 == 0 {
            text.push('-');
        }
        // 32 divides 256: every letter is as likely as every other.
        text.extend(ALPHABET.get(usize::from(byte % 32)).map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_of_passwords_has_no_letter_twice() {
        let letters: std::collections::BTreeSet<_> = ALPHABET.iter().collect();
        assert_eq!(letters.len(), 32);
    }
}
