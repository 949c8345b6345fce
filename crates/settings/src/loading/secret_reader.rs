//! Reads a setting that is a secret, from its value or from the file that its twin names.

use std::path::{Path, PathBuf};

use super::names::environment_name;
use super::reader::{Parsed, Read, Reader};
use super::secret_file::{Readers, mode_for_others, read_secret_file};
use crate::secret::Secret;

impl Reader {
    /// A secret, in place or in the file that its twin `KEY_file` names.
    pub(crate) fn secret(
        &mut self,
        key: &str,
        allowed: &str,
        readers: Readers,
        check: fn(&str) -> Parsed<()>,
    ) -> Read<Option<Secret>> {
        let twin = format!("{key}_file");
        let inline = self.optional(key, allowed, |text| check(text).map(|()| Secret::new(text.to_owned())));
        let path = self.optional(&twin, "the path of a file that holds the secret", |text| {
            Ok(PathBuf::from(text))
        });
        match (inline, path) {
            (Ok(Some(_)) | Err(_), Ok(Some(_))) => {
                let problem = format!("{twin} (from {}) is set too", self.origin(&twin));
                Err(self.refuse(key, problem, "one of the two, and the other one empty"))
            }
            (Ok(Some(secret)), Ok(None)) => self.guard_inline(key, readers).map(|()| Some(secret)),
            (Ok(None), Ok(None)) => Ok(None),
            (Ok(None), Ok(Some(path))) => self.secret_in_file(&twin, &path, readers, check).map(Some),
            (Err(recorded), _) | (_, Err(recorded)) => Err(recorded),
        }
    }

    fn secret_in_file(
        &mut self,
        twin: &str,
        path: &Path,
        readers: Readers,
        check: fn(&str) -> Parsed<()>,
    ) -> Read<Secret> {
        let read = read_secret_file(path, readers).map_err(|error| error.to_string());
        let checked = read.and_then(|secret| check(secret.expose()).map(|()| secret));
        checked.map_err(|problem| self.refuse(twin, format!("{}: {problem}", path.display()), ""))
    }

    /// A secret in the settings file is as exposed as that file.
    fn guard_inline(&mut self, key: &str, readers: Readers) -> Read<()> {
        let Some(file) = self.file.as_ref().filter(|file| file.origin == self.origin(key)) else {
            return Ok(());
        };
        let metadata = std::fs::metadata(&file.path).map_err(|error| error.to_string());
        let problem = match (metadata.map(|metadata| mode_for_others(&metadata)), readers) {
            (Ok(None), _) | (Err(_), Readers::Any) => return Ok(()),
            (Ok(Some(_)), Readers::Any) => {
                self.warnings.push(format!(
                    "{key} is in a file that others than its owner can use: run chmod 600 on it"
                ));
                return Ok(());
            }
            (Ok(Some(mode)), Readers::OwnerOnly) => {
                format!("others than its owner can use the file (mode {mode:04o}): run chmod 600 on it")
            }
            (Err(error), Readers::OwnerOnly) => error,
        };
        let elsewhere = format!(
            "in a file with mode 0600, in {}, or by {key}_file",
            environment_name(key)
        );
        Err(self.refuse(key, problem, elsewhere))
    }
}
