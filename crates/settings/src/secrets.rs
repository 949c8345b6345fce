//! `[secrets]`: the master key.

use std::path::PathBuf;

use crate::data::Data;
use crate::loading::reader::{Read, Reader};
use crate::loading::secret_file::Readers;
use crate::secret::Secret;

const FILE_NAME: &str = "master.key";

/// What is not in the database, and never must be.
pub struct Secrets {
    /// Seals the private signing keys.
    pub master_key: MasterKey,
}

/// Where the master key is.
pub enum MasterKey {
    /// The settings give it, themselves or by a file that was read.
    Given(Secret),
    /// In this file of the data folder, which the first start makes. Read it with [`crate::read_secret_file`].
    DataFolder(PathBuf),
}

impl Secrets {
    pub(crate) fn read(from: &mut Reader, data: Read<&Data>) -> Read<Self> {
        // Its form is a matter of the crate that seals with it.
        let key = from.secret("secrets.master_key", "the master key", Readers::OwnerOnly, |_| Ok(()))?;
        let master_key = match key {
            Some(key) => MasterKey::Given(key),
            None => MasterKey::DataFolder(data?.join(FILE_NAME)),
        };
        Ok(Self { master_key })
    }
}
