//! `[secret_keys]`: the second secret that accounts are given.

use std::time::Duration;

use crate::loading::reader::{Read, Reader};

/// Secret keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKeys {
    /// How long a new one is valid; `None`: until it is rotated.
    pub default_lifetime: Option<Duration>,
}

impl SecretKeys {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let lifetimes = Duration::from_hours(1)..=Duration::from_hours(3650 * 24);
        let default_lifetime = from.optional_duration("secret_keys.default_lifetime", &lifetimes);
        Ok(Self {
            default_lifetime: default_lifetime?,
        })
    }
}
