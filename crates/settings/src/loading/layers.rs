//! Lays the sources over each other; unknown names stop here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use config::{Config, ConfigError, FileFormat, Format, Map, Source, Value, ValueKind};

use super::environment::typed_like;
use super::fault::Fault;
use super::names::{Names, flatten};
use super::sources::{Override, Sources};

const FILE_NAME: &str = "countersign.toml";
const DATA_DIR: &str = "data.dir";

/// The values of one source, by known key.
#[derive(Clone, Default)]
pub(crate) struct Layer(BTreeMap<String, Value>);

impl Layer {
    pub(crate) fn set(&mut self, key: String, value: Value) {
        self.0.insert(key, value);
    }
}

// Values may be secrets.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone().into_iter().collect())
    }
}

/// The settings file that was read.
#[derive(Clone)]
pub(crate) struct SettingsFile {
    pub(crate) path: PathBuf,
    pub(crate) origin: String,
}

/// The winning value of each key, each with its origin (`None`: the default).
pub(crate) struct Merged {
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) file: Option<SettingsFile>,
}

/// Merges what is sound in `sources`, and tells what is not.
pub(crate) fn merge(sources: &Sources, names: &Names, faults: &mut Vec<Fault>) -> Merged {
    let environment = sources.environment.layer(names, faults);
    let flags = flags(&sources.overrides, names, faults);
    let (file, file_layer) = match wanted_file(sources, names) {
        Wanted::Named(path) => read_file(path, names, faults, Absence::Fault),
        Wanted::InDataFolder(folder) => {
            let (file, layer) = read_file(folder.join(FILE_NAME), names, faults, Absence::Fine);
            refuse_moving_data(file.as_ref(), &layer, &folder, faults);
            (file, layer)
        }
    };
    let merged = Config::builder()
        .add_source(Layer(names.defaults()))
        .add_source(file_layer)
        .add_source(environment)
        .add_source(flags)
        .build()
        .and_then(|config| config.collect());
    // Keys are ours and values have their final type: nothing is left that could fail.
    let values = merged.map(flatten).unwrap_or_default();
    Merged { values, file }
}

enum Wanted {
    Named(PathBuf),
    InDataFolder(PathBuf),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    Fault,
    Fine,
}

fn wanted_file(sources: &Sources, names: &Names) -> Wanted {
    if let Some(path) = &sources.file {
        return Wanted::Named(path.clone());
    }
    let by_flag = sources
        .overrides
        .iter()
        .rev()
        .find(|flag| flag.key == DATA_DIR)
        .map(|flag| flag.value.as_str());
    let by_default = match names.default_of(DATA_DIR) {
        Some(ValueKind::String(folder)) => folder.as_str(),
        _ => "",
    };
    let folder = by_flag
        .or_else(|| sources.environment.value_of(DATA_DIR))
        .unwrap_or(by_default);
    Wanted::InDataFolder(PathBuf::from(folder))
}

fn flags(overrides: &[Override], names: &Names, faults: &mut Vec<Fault>) -> Layer {
    let mut layer = Layer::default();
    for Override { flag, key, value } in overrides {
        let origin = format!("flag {flag}");
        match names.default_of(key) {
            Some(default) => layer.set(key.clone(), Value::new(Some(&origin), typed_like(default, value))),
            None => faults.push(unknown(key, &origin, names)),
        }
    }
    layer
}

fn read_file(path: PathBuf, names: &Names, faults: &mut Vec<Fault>, absence: Absence) -> (Option<SettingsFile>, Layer) {
    let origin = format!("file {}", path.display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound || absence == Absence::Fault {
                faults.push(of_file(&origin, format!("it cannot be read: {error}")));
            }
            return (None, Layer::default());
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let layer = match FileFormat::Toml.parse(Some(&origin), text) {
        Ok(sections) => known_values(sections, &origin, names, faults),
        Err(error) => {
            faults.push(of_file(&origin, without_source_line(&error.to_string())));
            Layer::default()
        }
    };
    (Some(SettingsFile { path, origin }), layer)
}

/// The TOML parser quotes the line that it could not read, and that line may hold a secret.
fn without_source_line(error: &str) -> String {
    let mut lines = error.lines().filter(|line| !line.trim().is_empty());
    match (lines.next(), lines.next_back()) {
        (Some(place), Some(reason)) => format!("{place}: {reason}"),
        (Some(only), None) => format!("it is not TOML: {only}"),
        _ => "it is not TOML".into(),
    }
}

fn known_values(sections: Map<String, Value>, origin: &str, names: &Names, faults: &mut Vec<Fault>) -> Layer {
    let mut layer = Layer::default();
    // Sorted, so that the same file gives the same list of faults.
    for (section, value) in sections.into_iter().collect::<BTreeMap<_, _>>() {
        let is_empty = matches!(&value.kind, ValueKind::Table(keys) if keys.is_empty());
        match value.kind {
            ValueKind::Table(keys) if names.first_section_in(&section).is_some() || !is_empty => {
                layer.0.extend(known_in(&section, keys, origin, names, faults).0);
            }
            _ => faults.push(misplaced(&section, origin, names)),
        }
    }
    layer
}

/// The known values of one section, and of the sections in it.
fn known_in(section: &str, keys: Map<String, Value>, origin: &str, names: &Names, faults: &mut Vec<Fault>) -> Layer {
    let mut layer = Layer::default();
    for (key, value) in keys.into_iter().collect::<BTreeMap<_, _>>() {
        let key = format!("{section}.{key}");
        match (names.default_of(&key), value.kind) {
            // No setting is a table: without a value the reader refuses it, and says what is allowed.
            (Some(_), ValueKind::Table(_)) => layer.set(key, Value::new(Some(&origin.to_owned()), ValueKind::Nil)),
            (Some(_), kind) => layer.set(key, Value::new(Some(&origin.to_owned()), kind)),
            // A mistyped name of a section is told with each of its keys: these say which section was meant.
            (None, ValueKind::Table(keys))
                if names.first_section_in(&key).is_some() || (names.has_sections_in(section) && !keys.is_empty()) =>
            {
                layer.0.extend(known_in(&key, keys, origin, names, faults).0);
            }
            (None, _) => faults.push(misplaced(&key, origin, names)),
        }
    }
    layer
}

/// A name that is no setting, or the name of a section where a value was given.
fn misplaced(name: &str, origin: &str, names: &Names) -> Fault {
    let Some(section) = names.first_section_in(name) else {
        return unknown(name, origin, names);
    };
    Fault {
        key: name.to_owned(),
        origin: origin.to_owned(),
        problem: "it is a section".into(),
        allowed: format!("[{section}] on a line of its own, and its keys below"),
    }
}

/// A file that was found in the data folder cannot say that the data folder is elsewhere: which of the two holds the data?
fn refuse_moving_data(file: Option<&SettingsFile>, layer: &Layer, folder: &Path, faults: &mut Vec<Fault>) {
    let (
        Some(file),
        Some(Value {
            kind: ValueKind::String(elsewhere),
            ..
        }),
    ) = (file, layer.0.get(DATA_DIR))
    else {
        return;
    };
    if Path::new(elsewhere) != folder {
        faults.push(Fault {
            key: DATA_DIR.into(),
            origin: file.origin.clone(),
            problem: "a file that was found in the data folder cannot move the data folder".into(),
            allowed: "set it by --data or the environment, or name the file on the command line".into(),
        });
    }
}

fn unknown(key: &str, origin: &str, names: &Names) -> Fault {
    Fault {
        key: key.to_owned(),
        origin: origin.to_owned(),
        problem: format!("there is no such setting; nearest known name: {}", names.nearest(key)),
        allowed: String::new(),
    }
}

fn of_file(origin: &str, problem: String) -> Fault {
    Fault {
        key: "settings file".into(),
        origin: origin.to_owned(),
        problem,
        allowed: String::new(),
    }
}
