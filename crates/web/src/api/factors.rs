//! What an account proves itself with, as its owner and administrators see it: never a secret.

use application::accounts::queries::UserView;
use domain::secret_key::StoredSecretKey;
use domain::user::Enrolment;
use poem_openapi::{Enum, Object};

use super::authenticator::AuthenticatorInfo;
use crate::json::{DateTime, Id};

/// A secret key, without its text: that was shown once.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct SecretKeyInfo {
    /// Its identity.
    id: Id,
    /// When it was made.
    created_at: DateTime,
    /// When it stops working. Absent: never.
    expires_at: Option<DateTime>,
    /// Whether it has a successor.
    superseded: bool,
}

impl From<&StoredSecretKey> for SecretKeyInfo {
    fn from(key: &StoredSecretKey) -> Self {
        Self {
            id: Id::from(&key.id),
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(DateTime::from),
            superseded: key.superseded_at.is_some(),
        }
    }
}

/// Whether an account must enrol an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Enrolment", rename_all = "snake_case")]
pub(crate) enum EnrolmentName {
    /// It has no second factor yet, and enrols its first within its first login.
    Open,
    /// An administrator demands a new one: the next login ends with its enrolment.
    Required,
    /// No.
    Done,
}

impl From<Enrolment> for EnrolmentName {
    fn from(enrolment: Enrolment) -> Self {
        match enrolment {
            Enrolment::Open => Self::Open,
            Enrolment::Required => Self::Required,
            Enrolment::Done => Self::Done,
        }
    }
}

/// What an account proves itself with.
#[derive(Object)]
pub(crate) struct Factors {
    /// The secret keys that work, newest first.
    secret_keys: Vec<SecretKeyInfo>,
    /// The authenticators, active and pending, oldest first.
    authenticators: Vec<AuthenticatorInfo>,
    /// How many recovery codes are left.
    recovery_codes_remaining: u32,
    /// Whether an authenticator must be enrolled.
    enrolment: EnrolmentName,
    /// Whether the password came from another service and is weak, so that its owner should change it.
    password_change_advised: bool,
}

impl From<&UserView> for Factors {
    fn from(view: &UserView) -> Self {
        Self {
            secret_keys: view.secret_keys.iter().map(SecretKeyInfo::from).collect(),
            authenticators: view.authenticators.iter().map(AuthenticatorInfo::from).collect(),
            recovery_codes_remaining: u32::try_from(view.recovery_codes).unwrap_or(u32::MAX),
            enrolment: view.user.enrolment.into(),
            password_change_advised: view.user.password_is_weak,
        }
    }
}
