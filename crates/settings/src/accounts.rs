//! `[accounts]`: who may create accounts, with what to prove themselves.

use crate::loading::reader::{Read, Reader};

/// Accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Who may create one.
    pub registration: Registration,
    /// What a new one proves itself with besides its password.
    pub first_factor: FirstFactor,
}

/// Who may create accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Administrators.
    Admin,
    /// Everybody.
    Open,
}

/// What a new account proves itself with besides its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstFactor {
    /// A secret key, which registering gives.
    SecretKey,
    /// Nothing yet: its owner enrols an authenticator before the first login is complete.
    Enrolment,
}

impl Accounts {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let choices = [("admin", Registration::Admin), ("open", Registration::Open)];
        let registration = from.one_of("accounts.registration", &choices);
        let choices = [
            ("secret_key", FirstFactor::SecretKey),
            ("enrolment", FirstFactor::Enrolment),
        ];
        let first_factor = from.one_of("accounts.first_factor", &choices);
        Ok(Self {
            registration: registration?,
            first_factor: first_factor?,
        })
    }
}
