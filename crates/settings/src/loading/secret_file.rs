//! Secrets in files of their own, as containers hand them over.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use zeroize::Zeroize;

use crate::secret::Secret;

/// Far above any secret, and a bound for devices that never end.
const LARGEST: u64 = 64 * 1024;

/// Who may be able to read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner only (checked where files have Unix modes).
    OwnerOnly,
    /// Whoever its owner chose.
    Any,
}

/// Why a secret was not taken from a file. Never repeats the content.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It could not be opened or read.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// Others than its owner can read or change it.
    #[error("others than its owner can use the file (mode {mode:04o}): run chmod 600 on it")]
    Exposed {
        /// Its permission bits.
        mode: u32,
    },
    /// It is empty but for a line end.
    #[error("the file is empty")]
    Empty,
    /// It is larger than any secret.
    #[error("the file is larger than 64 KiB")]
    TooLarge,
    /// It is not text.
    #[error("the file is not UTF-8 text")]
    NotText,
}

/// Reads a secret, without the one line end that editors and `echo` leave behind it.
pub fn read_secret_file(path: &Path, readers: Readers) -> Result<Secret, SecretFileError> {
    let mut file = File::open(path)?;
    // Of the open file, not of the path: nobody can exchange it between the check and the read.
    if let (Readers::OwnerOnly, Some(mode)) = (readers, mode_for_others(&file.metadata()?)) {
        return Err(SecretFileError::Exposed { mode });
    }
    let mut bytes = Vec::new();
    file.by_ref().take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        bytes.zeroize();
        return Err(SecretFileError::TooLarge);
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        error.into_bytes().zeroize();
        SecretFileError::NotText
    })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        Err(SecretFileError::Empty)
    } else {
        Ok(Secret::new(text))
    }
}

/// The mode of a file that its group or others can use; `None` if they cannot.
#[cfg(unix)]
pub(crate) fn mode_for_others(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Without Unix modes nothing can be told about others.
#[cfg(not(unix))]
pub(crate) fn mode_for_others(_: &Metadata) -> Option<u32> {
    None
}
