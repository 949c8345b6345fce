//! Which settings exist, and which one somebody meant who wrote another name.

use std::collections::BTreeMap;

use config::{FileFormat, Format, Map, Value, ValueKind};

use super::fault::Fault;

const ENVIRONMENT_PREFIX: &str = "COUNTERSIGN__";

/// The known settings, with their defaults. `default.toml` is the only list of them.
pub(crate) struct Names(BTreeMap<String, Value>);

impl Names {
    pub(crate) fn parse(default_toml: &str) -> Result<Self, Fault> {
        let sections = FileFormat::Toml.parse(None, default_toml).map_err(|_| Fault {
            key: "default.toml".into(),
            origin: "default".into(),
            problem: "the defaults in the program are not TOML".into(),
            allowed: String::new(),
        })?;
        Ok(Self(flatten(sections)))
    }

    pub(crate) fn defaults(&self) -> BTreeMap<String, Value> {
        self.0.clone()
    }

    pub(crate) fn default_of(&self, key: &str) -> Option<&ValueKind> {
        self.0.get(key).map(|value| &value.kind)
    }

    /// The innermost section of the first setting in `section`; `None` if there is no such section.
    pub(crate) fn first_section_in(&self, section: &str) -> Option<&str> {
        let key = self.0.keys().find(|key| is_in(key, section))?;
        key.rsplit_once('.').map(|(innermost, _)| innermost)
    }

    /// Whether there are sections in `section`, as `[compat.orion]` is in `compat`.
    pub(crate) fn has_sections_in(&self, section: &str) -> bool {
        self.0
            .keys()
            .filter_map(|key| key.rsplit_once('.'))
            .any(|(innermost, _)| is_in(innermost, section))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The known name that differs least: in spelling, or by standing in another section.
    pub(crate) fn nearest(&self, name: &str) -> &str {
        // A right key in the wrong section is as far off as two wrong letters.
        const OTHER_SECTION: usize = 2;
        // Who wrote the name of a section alone meant something in it.
        if let Some(first) = self.keys().find(|key| is_in(key, name)) {
            return first;
        }
        let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let distance = |known: &&str| {
            let whole = strsim::damerau_levenshtein(name, known);
            whole.min(strsim::damerau_levenshtein(&last(name), &last(known)) + OTHER_SECTION)
        };
        self.keys().min_by_key(distance).unwrap_or_default()
    }
}

fn is_in(key: &str, section: &str) -> bool {
    key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// `section.key` of every key of every section, however deep.
pub(crate) fn flatten(sections: Map<String, Value>) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    for (section, value) in sections {
        if let ValueKind::Table(keys) = value.kind {
            let (tables, values): (Map<_, _>, Map<_, _>) = keys
                .into_iter()
                .map(|(key, value)| (format!("{section}.{key}"), value))
                .partition(|(_, value)| matches!(value.kind, ValueKind::Table(_)));
            flat.extend(values);
            flat.extend(flatten(tables));
        }
    }
    flat
}

/// The environment variable of a setting.
pub(crate) fn environment_name(key: &str) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", key.replace('.', "__").to_uppercase())
}

/// The setting that an environment variable names; `None` if it is none of ours.
pub(crate) fn key_of_environment(name: &str) -> Option<String> {
    let rest = name.strip_prefix(ENVIRONMENT_PREFIX)?;
    Some(rest.replace("__", ".").to_lowercase())
}
