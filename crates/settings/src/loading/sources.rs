//! What settings are loaded from, handed in so that nothing here reads the process.

use std::path::PathBuf;

use super::environment::Environment;

/// Everything above the defaults, lowest first.
#[derive(Clone, Default)]
pub struct Sources {
    /// The settings file. `None`: `countersign.toml` in the data folder, if it is there.
    pub file: Option<PathBuf>,
    /// The process environment: `std::env::vars_os().collect()`.
    pub environment: Environment,
    /// What flags say; the last one of a key wins.
    pub overrides: Vec<Override>,
}

/// One setting from the command line.
#[derive(Clone)]
pub struct Override {
    pub(crate) flag: String,
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Override {
    /// `flag` as the user typed it, the setting that it stands for, and the value as the environment would give it.
    pub fn new(flag: impl Into<String>, key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            flag: flag.into(),
            key: key.into(),
            value: value.into(),
        }
    }

    /// `--listen ADDR`
    pub fn listen(address: impl Into<String>) -> Self {
        Self::new("--listen", "http.listen", address)
    }

    /// `--data DIR`
    pub fn data(folder: impl Into<String>) -> Self {
        Self::new("--data", "data.dir", folder)
    }
}
