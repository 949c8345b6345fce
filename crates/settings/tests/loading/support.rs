//! Loading in tests: no process environment, no shared folder.

use std::path::PathBuf;

use settings::{Faults, Override, Settings, Sources};
use tempfile::TempDir;

/// An installation: a data folder of its own, whose defaults are all in effect.
pub struct Installation {
    pub folder: TempDir,
    pub file: Option<PathBuf>,
    pub environment: Vec<(String, String)>,
    pub overrides: Vec<Override>,
}

impl Installation {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            file: None,
            environment: Vec::new(),
            overrides: Vec::new(),
        }
    }

    pub fn with_file(mut self, toml: &str) -> Self {
        self.file = Some(self.write("settings.toml", toml, 0o600));
        self
    }

    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn with_flag(mut self, flag: Override) -> Self {
        self.overrides.push(flag);
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        set_mode(&path, mode);
        path
    }

    pub fn try_load(&self) -> Result<Settings, Faults> {
        Settings::load(&Sources {
            file: self.file.clone(),
            environment: self.environment.iter().cloned().collect(),
            overrides: self.overrides.clone(),
        })
    }

    pub fn load(&self) -> Settings {
        self.try_load().unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// The only faults; the test says how many it expects by what it compares.
    pub fn faults(&self) -> Vec<String> {
        match self.try_load() {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        }
    }

    pub fn only_fault(&self) -> String {
        let faults = self.faults();
        let [fault] = faults.as_slice() else {
            panic!("not one fault: {faults:#?}")
        };
        fault.clone()
    }
}

#[cfg(unix)]
pub fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
pub fn set_mode(_: &std::path::Path, _: u32) {}
