//! The environment as a layer of settings, handed in by the caller.

use std::collections::BTreeMap;
use std::ffi::OsString;

use config::{Value, ValueKind};

use super::fault::Fault;
use super::layers::Layer;
use super::names::{Names, environment_name, key_of_environment};

const ORIGIN: &str = "environment";

/// The variables whose names begin like ours. Collect `std::env::vars_os()`, or pairs of strings, into it.
///
/// `std::env::vars()` is not the way: it panics when any variable, ours or not, is not Unicode.
#[derive(Clone, Default)]
pub struct Environment {
    /// `None`: the value is not Unicode.
    variables: BTreeMap<String, Option<String>>,
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<Variables: IntoIterator<Item = (OsString, OsString)>>(variables: Variables) -> Self {
        let variables = variables.into_iter().filter_map(|(name, value)| {
            let name = name.into_string().ok().filter(|name| is_like_ours(name))?;
            Some((name, value.into_string().ok()))
        });
        Self {
            variables: variables.collect(),
        }
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<Variables: IntoIterator<Item = (String, String)>>(variables: Variables) -> Self {
        variables
            .into_iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect()
    }
}

impl Environment {
    pub(crate) fn value_of(&self, key: &str) -> Option<&str> {
        self.variables.get(&environment_name(key))?.as_deref()
    }

    pub(crate) fn layer(&self, names: &Names, faults: &mut Vec<Fault>) -> Layer {
        let mut layer = Layer::default();
        for (name, value) in &self.variables {
            let origin = format!("environment variable {name}");
            match (known_key(name, names), value) {
                (Meaning::Setting(key), Some(text)) => {
                    let kind = names.default_of(&key).map(|default| typed_like(default, text));
                    layer.set(key, Value::new(Some(&origin), kind));
                }
                (Meaning::Setting(key), None) => {
                    // An unset value would be the default: fail closed by a value that no reader accepts.
                    layer.set(key, Value::new(Some(&origin), ValueKind::Nil));
                }
                (Meaning::Mistake { nearest }, _) => faults.push(Fault {
                    key: name.clone(),
                    origin: ORIGIN.into(),
                    problem: format!("there is no such setting; nearest known name: {nearest}"),
                    allowed: String::new(),
                }),
                (Meaning::NotOurs, _) => {}
            }
        }
        layer
    }
}

enum Meaning {
    Setting(String),
    Mistake { nearest: String },
    NotOurs,
}

fn known_key(name: &str, names: &Names) -> Meaning {
    if let Some(key) = key_of_environment(name) {
        // `COUNTERSIGN__http__listen` would be a second spelling of the same setting.
        if names.default_of(&key).is_some() && environment_name(&key) == name {
            return Meaning::Setting(key);
        }
        return Meaning::Mistake {
            nearest: environment_name(names.nearest(&key)),
        };
    }
    // One underscore instead of two, or lower case: a variable that would be ignored without a word. Others that begin
    // with COUNTERSIGN_ are not ours to refuse: Kubernetes sets COUNTERSIGN_PORT for a service of that name.
    let plain = |name: &str| name.replace('_', "").to_uppercase();
    match names
        .keys()
        .map(environment_name)
        .find(|known| plain(known) == plain(name))
    {
        Some(nearest) => Meaning::Mistake { nearest },
        None if name.to_uppercase().starts_with("COUNTERSIGN__") => {
            let key = key_of_environment(&name.to_uppercase()).unwrap_or_default();
            Meaning::Mistake {
                nearest: environment_name(names.nearest(&key)),
            }
        }
        None => Meaning::NotOurs,
    }
}

fn is_like_ours(name: &str) -> bool {
    name.get(.."COUNTERSIGN".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("COUNTERSIGN"))
}

/// A text, as the type that the default has. What does not fit stays text, and the reader refuses it with the range.
pub(crate) fn typed_like(default: &ValueKind, text: &str) -> ValueKind {
    let typed = match default {
        ValueKind::Boolean(_) => text.parse().ok().map(ValueKind::Boolean),
        ValueKind::I64(_) => text.parse().ok().map(ValueKind::I64),
        ValueKind::Array(_) if text.trim().is_empty() => Some(ValueKind::Array(Vec::new())),
        ValueKind::Array(_) => Some(text.split(',').map(str::trim).collect::<Vec<_>>().into()),
        _ => None,
    };
    typed.unwrap_or_else(|| ValueKind::String(text.to_owned()))
}
