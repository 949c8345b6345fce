//! Reads single values, checked against type and range, and keeps every fault instead of stopping at the first.
//!
//! This is why sections are not deserialised with serde: it stops at the first fault and forgets where a value came from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use config::{Value, ValueKind};

use super::duration;
use super::fault::{Fault, quoted};
use super::layers::{Merged, SettingsFile};
use crate::print::Effective;

/// The settings that are secrets: their values are never repeated.
pub(crate) const SECRETS: [&str; 2] = ["database.url", "secrets.master_key"];

/// Says that a fault was recorded; only the reader can say so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded(());

pub(crate) type Read<T> = Result<T, Recorded>;

/// Which durations a setting can tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    /// Whole seconds: times in tokens and headers have no smaller unit.
    Seconds,
    Milliseconds,
}

pub(crate) struct Reader {
    values: BTreeMap<String, Value>,
    pub(super) file: Option<SettingsFile>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<String>,
    /// What was read, in that order.
    pub(crate) effective: Vec<Effective>,
}

impl Reader {
    pub(crate) fn new(merged: Merged, faults: Vec<Fault>) -> Self {
        Self {
            values: merged.values,
            file: merged.file,
            faults,
            warnings: Vec::new(),
            effective: Vec::new(),
        }
    }

    /// Records that the value of `key` is wrong, by itself or beside another.
    pub(crate) fn refuse(&mut self, key: &str, problem: impl Into<String>, allowed: impl Into<String>) -> Recorded {
        let origin = self.origin(key);
        self.faults.push(Fault {
            key: key.to_owned(),
            origin,
            problem: problem.into(),
            allowed: allowed.into(),
        });
        Recorded(())
    }

    /// Where the value of `key` came from.
    pub(crate) fn origin(&self, key: &str) -> String {
        self.values
            .get(key)
            .and_then(Value::origin)
            .unwrap_or("default")
            .to_owned()
    }

    /// The one way to a value: `parse` says what is wrong with it, `None` that the type is.
    fn read<T>(&mut self, key: &str, allowed: &str, parse: impl FnOnce(&ValueKind) -> Option<Parsed<T>>) -> Read<T> {
        let value = self.values.get(key).cloned().unwrap_or_default();
        self.effective.push(Effective::new(key, &value, allowed));
        match parse(&value.kind) {
            Some(Ok(parsed)) => Ok(parsed),
            Some(Err(problem)) => Err(self.refuse(key, problem, allowed)),
            None => Err(self.refuse(key, wrong_type(key, &value.kind), allowed)),
        }
    }

    pub(crate) fn text<T>(&mut self, key: &str, allowed: &str, parse: impl FnOnce(&str) -> Parsed<T>) -> Read<T> {
        self.read(key, allowed, |kind| match kind {
            ValueKind::String(text) => Some(parse(text)),
            _ => None,
        })
    }

    /// A text whose empty form means that nothing is set.
    pub(crate) fn optional<T>(
        &mut self,
        key: &str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Parsed<T>,
    ) -> Read<Option<T>> {
        self.text(key, &format!("empty, or {allowed}"), |text| match text {
            "" => Ok(None),
            _ => parse(text).map(Some),
        })
    }

    pub(crate) fn list<T>(&mut self, key: &str, allowed: &str, parse: impl Fn(&str) -> Parsed<T>) -> Read<Vec<T>> {
        self.read(key, allowed, |kind| {
            let ValueKind::Array(items) = kind else { return None };
            let mut parsed = Vec::new();
            let mut problems = Vec::new();
            for item in items {
                let ValueKind::String(text) = &item.kind else {
                    return None;
                };
                match parse(text) {
                    Ok(item) => parsed.push(item),
                    Err(problem) => problems.push(problem),
                }
            }
            Some(if problems.is_empty() {
                Ok(parsed)
            } else {
                Err(problems.join("; "))
            })
        })
    }

    pub(crate) fn switch(&mut self, key: &str) -> Read<bool> {
        self.read(key, "true or false", |kind| match kind {
            ValueKind::Boolean(on) => Some(Ok(*on)),
            _ => None,
        })
    }

    pub(crate) fn number(&mut self, key: &str, range: RangeInclusive<u32>) -> Read<u32> {
        let allowed = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(key, &allowed, |kind| match kind {
            ValueKind::I64(number) => Some(
                u32::try_from(*number)
                    .ok()
                    .filter(|number| range.contains(number))
                    .ok_or_else(|| format!("{number} is out of range")),
            ),
            _ => None,
        })
    }

    pub(crate) fn duration(&mut self, key: &str, range: &RangeInclusive<Duration>, grain: Grain) -> Read<Duration> {
        self.read(key, &duration_range(range), |kind| {
            let parsed = match kind {
                ValueKind::String(text) => duration::parse(text),
                ValueKind::I64(seconds) => u64::try_from(*seconds)
                    .map(Duration::from_secs)
                    .map_err(|_| format!("{seconds} is negative")),
                _ => return None,
            };
            Some(parsed.and_then(|duration| within(duration, range, grain)))
        })
    }

    pub(crate) fn optional_duration(&mut self, key: &str, range: &RangeInclusive<Duration>) -> Read<Option<Duration>> {
        self.optional(key, &duration_range(range), |text| {
            duration::parse(text).and_then(|duration| within(duration, range, Grain::Seconds))
        })
    }

    pub(crate) fn one_of<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Read<T> {
        self.text(key, &enumerated(choices, "or"), |text| chosen(choices, text))
    }

    /// A list of choices, which may be empty.
    pub(crate) fn some_of<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Read<Vec<T>> {
        let allowed = format!("a list of {}", enumerated(choices, "and"));
        self.list(key, &allowed, |text| chosen(choices, text))
    }

    pub(crate) fn address(&mut self, key: &str) -> Read<SocketAddr> {
        self.text(key, "ADDRESS:PORT, for example 127.0.0.1:8080 or [::1]:8080", |text| {
            text.parse()
                .map_err(|_| format!("{} is not an address with a port", quoted(text)))
        })
    }

    pub(crate) fn path(&mut self, key: &str) -> Read<PathBuf> {
        self.text(key, "a path", |text| match text {
            "" => Err("it is empty".to_owned()),
            _ => Ok(PathBuf::from(text)),
        })
    }

    pub(crate) fn optional_path(&mut self, key: &str) -> Read<Option<PathBuf>> {
        self.optional(key, "a path", |text| Ok(PathBuf::from(text)))
    }
}

/// What a parser answers: the value, or what is wrong.
pub(crate) type Parsed<T> = Result<T, String>;

fn chosen<T: Copy>(choices: &[(&str, T)], text: &str) -> Parsed<T> {
    let chosen = choices
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, choice)| *choice);
    chosen.ok_or_else(|| format!("{} is none of the choices", quoted(text)))
}

fn enumerated<T>(choices: &[(&str, T)], conjunction: &str) -> String {
    let names: Vec<_> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        _ => names.join(""),
    }
}

fn within(duration: Duration, range: &RangeInclusive<Duration>, grain: Grain) -> Parsed<Duration> {
    if !range.contains(&duration) {
        return Err(format!("{} is out of range", duration::written(duration)));
    }
    if grain == Grain::Seconds && duration.subsec_nanos() != 0 {
        return Err(format!(
            "{} is not a whole number of seconds",
            duration::written(duration)
        ));
    }
    Ok(duration)
}

fn duration_range(range: &RangeInclusive<Duration>) -> String {
    format!(
        "a duration from {} to {}",
        duration::written(*range.start()),
        duration::written(*range.end())
    )
}

fn wrong_type(key: &str, kind: &ValueKind) -> String {
    let (name, shown) = match kind {
        ValueKind::String(text) => ("a text", quoted(text)),
        ValueKind::Boolean(on) => ("a switch", on.to_string()),
        ValueKind::I64(number) => ("a number", number.to_string()),
        ValueKind::Float(number) => ("a number with a fraction", number.to_string()),
        ValueKind::Array(_) => ("a list that does not fit", String::new()),
        // The layers put `Nil` for a table and for what is not Unicode.
        _ => ("a table, or not Unicode", String::new()),
    };
    if shown.is_empty() || SECRETS.contains(&key) {
        format!("it has the wrong type: {name}")
    } else {
        format!("it has the wrong type: {name}, {shown}")
    }
}
