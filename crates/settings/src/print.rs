//! The effective settings as TOML, for people: secrets masked, and where each value came from.

use std::fmt::Write;

use config::{Value, ValueKind};

use crate::loading::reader::SECRETS;

const MASK: &str = "***";

/// One setting as it is shown.
pub(crate) struct Effective {
    pub(crate) key: String,
    shown: String,
    /// `None`: the default.
    origin: Option<String>,
    /// What would be accepted, in the words of the faults; `default.toml` is checked against it.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by the test that keeps default.toml true")
    )]
    pub(crate) allowed: String,
}

impl Effective {
    pub(crate) fn new(key: &str, value: &Value, allowed: &str) -> Self {
        let shown = match &value.kind {
            ValueKind::String(text) if SECRETS.contains(&key) && !text.is_empty() => written(&MASK.into()),
            kind => written(kind),
        };
        Self {
            key: key.to_owned(),
            shown,
            origin: value.origin().map(str::to_owned),
            allowed: allowed.to_owned(),
        }
    }
}

/// Writes sections and keys in the order in which they were read.
pub(crate) fn print(settings: &[Effective]) -> String {
    let mut toml = String::new();
    let mut current = "";
    for setting in settings {
        let (section, key) = setting.key.rsplit_once('.').unwrap_or_default();
        if section != current {
            let gap = if current.is_empty() { "" } else { "\n" };
            // Writing to a string cannot fail.
            let _ = writeln!(toml, "{gap}[{section}]");
            current = section;
        }
        let origin = setting
            .origin
            .as_deref()
            .map(|origin| format!("  # {}", origin.escape_debug()))
            .unwrap_or_default();
        let _ = writeln!(toml, "{key} = {}{origin}", setting.shown);
    }
    toml
}

fn written(kind: &ValueKind) -> String {
    match kind {
        ValueKind::String(text) => basic_string(text),
        ValueKind::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| written(&item.kind)).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A TOML basic string: quotes, backslashes and control characters escaped.
fn basic_string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
