//! `[data]`: where everything is that must outlive the process.

use std::path::{Path, PathBuf};

use crate::loading::reader::{Read, Reader};

/// The data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// The folder; it may not exist yet.
    pub dir: PathBuf,
}

impl Data {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let dir = from.path("data.dir");
        Ok(Self { dir: dir? })
    }

    /// A file or folder in the data folder.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.join(name)
    }
}
