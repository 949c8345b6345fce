//! The fields of one JSON object: taken out by name and checked, every fault noted with its line.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use domain::username::Username;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// The longest name of an unknown field that is repeated, in characters.
const SHOWN: usize = 40;

/// One thing that is wrong. Never repeats a value: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The number of the line, from 1.
    pub(super) line: usize,
    /// The field, for example `authenticators[0].secret`; empty for the line as a whole.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) problem: String,
}

impl Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, field, problem } = self;
        match field.as_str() {
            "" => write!(formatter, "line {line}: {problem}"),
            field => write!(formatter, "line {line}, {field}: {problem}"),
        }
    }
}

/// Says that a fault was noted; only [`Notes::refuse`] can say so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noted(());

pub(super) type Read<T> = Result<T, Noted>;

/// What is known while a file is read.
#[derive(Default)]
pub(super) struct Notes {
    /// The line that is being read.
    pub(super) line: usize,
    pub(super) faults: Vec<Fault>,
    /// Where a name was first given.
    pub(super) usernames: BTreeMap<Username, usize>,
    /// Where an address was first given, by its key.
    pub(super) emails: BTreeMap<String, usize>,
}

impl Notes {
    pub(super) fn refuse(&mut self, field: impl Into<String>, problem: impl Display) -> Noted {
        self.faults.push(Fault {
            line: self.line,
            field: field.into(),
            problem: problem.to_string(),
        });
        Noted(())
    }
}

/// An object of which fields are taken until none is left. `null` counts as left out: that is how exports write it.
pub(super) struct Fields<'notes> {
    object: Map<String, Value>,
    /// What stands before the names of its fields, for example `authenticators[0].`.
    path: String,
    notes: &'notes mut Notes,
}

impl<'notes> Fields<'notes> {
    /// `place` is the name of the object; empty for a whole line.
    pub(super) fn open(value: Value, place: &str, notes: &'notes mut Notes) -> Read<Self> {
        match value {
            Value::Object(object) => Ok(Self {
                object,
                path: if place.is_empty() {
                    String::new()
                } else {
                    format!("{place}.")
                },
                notes,
            }),
            _ => Err(notes.refuse(place, "must be a JSON object")),
        }
    }

    pub(super) fn refuse(&mut self, name: &str, problem: impl Display) -> Noted {
        self.notes.refuse(format!("{}{name}", self.path), problem)
    }

    pub(super) fn notes(&mut self) -> &mut Notes {
        self.notes
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.object.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Read<Option<Zeroizing<String>>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(Zeroizing::new(text))),
            Some(_) => Err(self.refuse(name, "must be a text")),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Read<Option<u64>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.refuse(name, "must be a whole number, not below 0")),
            },
        }
    }

    pub(super) fn list(&mut self, name: &str) -> Read<Vec<Value>> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(self.refuse(name, "must be a list")),
        }
    }

    /// A text that means something; the problem is what `parse` says.
    pub(super) fn parsed<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Read<Option<T>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        parse(&text).map(Some).map_err(|problem| self.refuse(name, problem))
    }

    /// The same, and it must be there.
    pub(super) fn required<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Read<T> {
        match self.parsed(name, parse)? {
            Some(parsed) => Ok(parsed),
            None => Err(self.refuse(name, "is missing")),
        }
    }

    /// Refuses what nobody took: a mistyped field would be lost without a word.
    pub(super) fn close(mut self, known: &[&str]) -> Read<()> {
        let mut outcome = Ok(());
        for name in std::mem::take(&mut self.object).into_iter().map(|(name, _)| name) {
            // `null` in a known field that was of no use, for example.
            if known.contains(&name.as_str()) {
                continue;
            }
            let shown: String = name.escape_debug().take(SHOWN).collect();
            outcome = Err(self.refuse(
                &shown,
                format!("there is no such field; there are {}", known.join(", ")),
            ));
        }
        outcome
    }
}
