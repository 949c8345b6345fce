//! Where the master key comes from, and the one moment at which it is made.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use application::ports::{Entropy, entropy};
use crypto::master_key::{MasterKey, MasterKeyFault};
use settings::{Readers, SecretFileError, Settings, read_secret_file};

use crate::files;

/// There is no usable master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The database has content, and its key is not there.
    #[error(
        "the database is in use, and its master key is missing: there is no file {0}.\n\
         Nothing in the database can be verified without it, so no new one is made. Restore the file from your backup, or \
         copy it from another node, or set COUNTERSIGN__SECRETS__MASTER_KEY_FILE to a file that holds the key."
    )]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("the master key in {path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: SecretFileError,
    },
    /// What was given is no master key.
    #[error(
        "the master key from {origin} {fault}.\nRestore it from your backup; `countersign key generate-master` makes one for a new database."
    )]
    Malformed {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        fault: MasterKeyFault,
    },
    /// A new key cannot be stored.
    #[error("the master key cannot be stored in {path}: {cause}")]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// Whether a database has content that belongs to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// No account, no signing key, no event.
    None,
    /// Something.
    Some,
}

/// A master key, and whether it is a new one.
pub struct Obtained {
    /// The key.
    pub key: MasterKey,
    /// Whether it was there before.
    pub age: Age,
}

/// Whether a master key was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// It was.
    Kept,
    /// It was made just now.
    New,
}

/// Where the key of these settings is, in words.
pub fn origin(settings: &Settings) -> String {
    match &settings.secrets.master_key {
        settings::MasterKey::Given(_) => "secrets.master_key".to_owned(),
        settings::MasterKey::DataFolder(path) => path.display().to_string(),
    }
}

/// The master key of these settings. It is made only for a database without content.
pub fn obtain(settings: &Settings, content: Content, entropy: &dyn Entropy) -> Result<Obtained, MasterKeyError> {
    let kept = |key| Obtained { key, age: Age::Kept };
    let path = match &settings.secrets.master_key {
        settings::MasterKey::Given(secret) => return parse(secret.expose(), || origin(settings)).map(kept),
        settings::MasterKey::DataFolder(path) => path,
    };
    match (read(path)?, content) {
        (Some(key), _) => Ok(kept(key)),
        (None, Content::Some) => Err(MasterKeyError::Missing(path.clone())),
        (None, Content::None) => {
            let unwritable = |cause| MasterKeyError::Unwritable {
                path: path.clone(),
                cause,
            };
            store(path, &MasterKey::generate(entropy), entropy).map_err(unwritable)?;
            tracing::info!(file = %path.display(), "a master key was made; keep a copy of it outside this machine");
            // Another process may have been first: what counts is what is in the file.
            let key = read(path)?.ok_or_else(|| MasterKeyError::Missing(path.clone()))?;
            Ok(Obtained { key, age: Age::New })
        }
    }
}

/// The key in a file; `None` if there is no file.
pub fn read(path: &Path) -> Result<Option<MasterKey>, MasterKeyError> {
    match read_secret_file(path, Readers::OwnerOnly) {
        Ok(secret) => parse(secret.expose(), || path.display().to_string()).map(Some),
        Err(SecretFileError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(MasterKeyError::File {
            path: path.to_owned(),
            cause,
        }),
    }
}

fn parse(text: &str, origin: impl FnOnce() -> String) -> Result<MasterKey, MasterKeyError> {
    MasterKey::parse(text).map_err(|fault| MasterKeyError::Malformed {
        origin: origin(),
        fault,
    })
}

/// Stores a key unless there is one. The file appears whole or not at all, and is on disk when this returns: a database
/// must never outlive the key that it was filled under.
fn store(path: &Path, key: &MasterKey, entropy: &dyn Entropy) -> io::Result<()> {
    let folder = files::folder_of(path);
    files::make_private_folder(folder)?;
    let suffix = u64::from_ne_bytes(entropy::bytes(entropy));
    let draft = folder.join(format!(".master.key.{suffix:016x}"));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    let written = write(&mut file, key).and_then(|()| link(&draft, path));
    fs::remove_file(&draft)?;
    written?;
    File::open(folder)?.sync_all()
}

fn write(file: &mut File, key: &MasterKey) -> io::Result<()> {
    // The mode of `open` is cut by the process's mask; this one is not.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(key.to_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// A hard link is refused when the name is taken, in one step; a rename would replace the key of another process.
fn link(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use crypto::entropy::OsEntropy;
    use settings::{Override, Sources};

    use super::*;

    fn settings_in(folder: &Path, more: &[(&str, &str)]) -> Settings {
        let mut overrides = vec![Override::data(folder.to_string_lossy())];
        overrides.extend(more.iter().map(|(key, value)| Override::new("test", *key, *value)));
        Settings::load(&Sources {
            overrides,
            ..Sources::default()
        })
        .unwrap()
    }

    fn fault(settings: &Settings, content: Content) -> String {
        obtain(settings, content, &OsEntropy).err().unwrap().to_string()
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("data");
        let settings = settings_in(&folder, &[]);
        let first = obtain(&settings, Content::None, &OsEntropy).unwrap();
        let again = obtain(&settings, Content::Some, &OsEntropy).unwrap();
        assert_eq!((first.age, again.age), (Age::New, Age::Kept));
        assert_eq!(first.key.fingerprint(), again.key.fingerprint());
        assert_eq!(files::mode(&folder).unwrap(), 0o700);
        assert_eq!(files::mode(&folder.join("master.key")).unwrap(), 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn processes_that_start_at_the_same_moment_get_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings_in(folder.path(), &[]);
        let keys: Vec<_> = thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| obtain(&settings, Content::None, &OsEntropy).unwrap().key))
                .collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap().fingerprint())
                .collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }

    #[test]
    fn a_database_in_use_gets_no_new_key() {
        let folder = tempfile::tempdir().unwrap();
        let message = fault(&settings_in(folder.path(), &[]), Content::Some);
        assert!(
            message.contains("master.key") && message.contains("COUNTERSIGN__SECRETS__MASTER_KEY_FILE"),
            "{message}"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings_in(folder.path(), &[]);
        obtain(&settings, Content::None, &OsEntropy).unwrap();
        fs::set_permissions(folder.path().join("master.key"), Permissions::from_mode(0o640)).unwrap();
        assert!(fault(&settings, Content::Some).contains("chmod 600"));
    }

    #[test]
    fn a_given_key_is_used_and_a_malformed_one_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate(&OsEntropy);
        let given = settings_in(folder.path(), &[("secrets.master_key", &key.to_text())]);
        let obtained = obtain(&given, Content::Some, &OsEntropy).unwrap();
        assert_eq!(obtained.key.fingerprint(), key.fingerprint());
        let message = fault(
            &settings_in(folder.path(), &[("secrets.master_key", "cmk_hunter2")]),
            Content::None,
        );
        assert!(
            message.contains("secrets.master_key") && !message.contains("hunter2"),
            "{message}"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
