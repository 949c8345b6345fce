//! What an import says: line by line to people, at its end to programs. Neither a secret nor a password is ever in it.

use std::process::ExitCode;

use domain::id::UserId;
use domain::username::Username;
use serde_json::{Value, json};

use super::fields::Fault;
use crate::commands::{FAILED, Failure, Outcome};
use crate::output::{self, Format};

/// How the import of one account ended.
pub(super) enum Ending {
    Imported(UserId),
    /// There is an account of that name.
    Skipped,
    Failed(String),
}

/// What happened so far.
pub(super) struct Report {
    format: Format,
    imported: Vec<Value>,
    skipped: Vec<Value>,
    failed: Vec<Value>,
}

impl Report {
    pub(super) const fn new(format: Format) -> Self {
        Self {
            format,
            imported: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, line: usize, username: &Username, ending: Ending) {
        let username = username.as_str();
        let said = match ending {
            Ending::Imported(id) => {
                let id = id.to_string();
                self.imported
                    .push(json!({ "line": line, "username": username, "id": id }));
                "imported".to_owned()
            }
            Ending::Skipped => {
                self.skipped.push(json!({ "line": line, "username": username }));
                "skipped: there is an account of that name".to_owned()
            }
            Ending::Failed(problem) => {
                self.failed
                    .push(json!({ "line": line, "username": username, "problem": problem }));
                format!("failed: {problem}")
            }
        };
        // At once: a long import that is interrupted has said how far it came.
        if self.format == Format::Text {
            output::line(format_args!("line {line}, {username}: {said}"));
        }
    }

    /// Says what it came to, and whether nothing failed. `left` accounts were not tried.
    pub(super) fn end(self, left: usize) -> bool {
        let is_whole = self.failed.is_empty() && left == 0;
        let (imported, skipped, failed) = (self.imported.len(), self.skipped.len(), self.failed.len());
        let value = json!({
            "imported": self.imported, "skipped": self.skipped, "failed": self.failed, "not_tried": left,
        });
        output::result(self.format, &value, || {
            let rest = match left {
                0 => String::new(),
                left => format!(" {left} were not tried."),
            };
            format!("\n{imported} imported, {skipped} skipped because they exist, {failed} failed.{rest}")
        });
        is_whole
    }
}

/// Nothing was wrong, and nothing was done.
pub(super) fn sound(format: Format, accounts: usize) {
    output::result(
        format,
        &json!({ "sound": true, "accounts": accounts, "faults": [] }),
        || {
            format!(
                "The file is sound: {}. Nothing was imported.",
                counted(accounts, "account")
            )
        },
    );
}

/// Something was wrong, and nothing was done.
pub(super) fn refuse(format: Format, faults: &[Fault]) -> Outcome {
    if format == Format::Json {
        let faults: Vec<_> = faults
            .iter()
            .map(|fault| json!({ "line": fault.line, "field": fault.field, "problem": fault.problem }))
            .collect();
        output::json(&json!({ "sound": false, "faults": faults }));
        return Ok(ExitCode::from(FAILED));
    }
    let mut text = format!("nothing was imported, the file has {}:", counted(faults.len(), "fault"));
    for fault in faults {
        text.push_str("\n  - ");
        text.push_str(&fault.to_string());
    }
    Err(Failure::new(text))
}

fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
