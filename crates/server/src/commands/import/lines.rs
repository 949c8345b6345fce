//! The file as a whole: JSON Lines, one account a line. It is read to its end before anything is done, so that one run shows
//! every fault.

use application::admin::ImportedUser;
use serde_json::Value;

use super::account;
use super::fields::{Fault, Notes, Read};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An account and where it stands.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) user: ImportedUser,
}

/// Every account, or every fault.
pub(super) fn read(content: &[u8]) -> Result<Vec<Line>, Vec<Fault>> {
    let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
    let mut notes = Notes::default();
    let mut lines = Vec::new();
    for (index, text) in content.split(|byte| *byte == b'\n').enumerate() {
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        notes.line = index + 1;
        if let Ok(user) = parsed(text, &mut notes).and_then(|value| account::read(value, &mut notes)) {
            lines.push(Line {
                number: index + 1,
                user,
            });
        }
    }
    if notes.faults.is_empty() {
        Ok(lines)
    } else {
        Err(notes.faults)
    }
}

fn parsed(text: &[u8], notes: &mut Notes) -> Read<Value> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Err(notes.refuse("", "is not UTF-8"));
    };
    serde_json::from_str(text).map_err(|error| {
        // Its own line number is always 1, and would be taken for that of the file.
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        notes.refuse("", format!("is not JSON: {reason}, at column {}", error.column()))
    })
}
