//! `[accounts]`: who may create accounts.

use crate::loading::reader::{Read, Reader};

/// Accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Who may create one.
    pub registration: Registration,
}

/// Who may create accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Administrators.
    Admin,
    /// Everybody.
    Open,
}

impl Accounts {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let choices = [("admin", Registration::Admin), ("open", Registration::Open)];
        let registration = from.one_of("accounts.registration", &choices);
        Ok(Self {
            registration: registration?,
        })
    }
}
