//! What is wrong with the settings: every fault, not only the first.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// The name of the setting as its author wrote it: `section.key`, or an environment variable.
    pub key: String,
    /// Where the value came from, for example `file /etc/countersign.toml`.
    pub origin: String,
    /// What is wrong. Never repeats a secret.
    pub problem: String,
    /// What would be right; empty if the problem says it.
    pub allowed: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.key, self.origin, self.problem)?;
        if self.allowed.is_empty() {
            Ok(())
        } else {
            write!(f, "; allowed: {}", self.allowed)
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Everything that is wrong with the settings; never empty. Displays as a list for people.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// The faults in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }
}

impl<'faults> IntoIterator for &'faults Faults {
    type Item = &'faults Fault;
    type IntoIter = std::slice::Iter<'faults, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(
            f,
            "the settings have {count} {}:",
            if count == 1 { "fault" } else { "faults" }
        )?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A refused value, quoted for a message: bounded, and without control characters.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?} (shortened)", text.get(..end).unwrap_or_default()),
    }
}
