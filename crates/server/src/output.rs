//! What commands say: results on standard output, trouble on standard error.
//!
//! Whoever reads may stop reading (`countersign events list | head`); that is no error, so failures to write are ignored.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use domain::time::Timestamp;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Who reads the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// People.
    Text,
    /// Programs.
    Json,
}

/// One line of a result.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// A result for programs.
pub(crate) fn json(value: &Value) {
    line(format_args!("{value:#}"));
}

/// A result in the form that was asked for.
pub(crate) fn result(format: Format, value: &Value, text: impl FnOnce() -> String) {
    match format {
        Format::Json => json(value),
        Format::Text => line(text()),
    }
}

/// One line of trouble.
pub(crate) fn trouble(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Everything said so far is seen by whoever reads.
pub(crate) fn flush() {
    let _ = io::stdout().flush();
}

/// Writes in colour if a person looks, and did not ask for none (<https://no-color.org>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// With escape sequences.
    Colour,
    /// Without.
    Plain,
}

impl Paint {
    /// What suits the standard output.
    pub(crate) fn for_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if io::stdout().is_terminal() && !unwanted {
            Self::Colour
        } else {
            Self::Plain
        }
    }

    fn wrapped(self, code: &str, text: &str) -> String {
        match self {
            Self::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Plain => text.to_owned(),
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.wrapped("1", text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.wrapped("2", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.wrapped("32", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.wrapped("31", text)
    }
}

/// Columns, each as wide as its widest entry, with two spaces between them.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let written = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    written.collect::<Vec<_>>().join("\n")
}

/// An instant as RFC 3339 writes it, to the second.
pub(crate) fn instant(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(at.seconds())
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{} s after 1970", at.seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            table(&[row(["name", "state"]), row(["al", "active"])]),
            "name  state\nal    active"
        );
        assert_eq!(table(&[]), "");
    }

    #[test]
    fn instants_are_written_as_rfc_3339() {
        assert_eq!(instant(Timestamp::from_seconds(1_700_000_000)), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn plain_text_has_no_escape_sequences() {
        assert_eq!(Paint::Plain.bold("x"), "x");
        assert_eq!(Paint::Colour.red("x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
