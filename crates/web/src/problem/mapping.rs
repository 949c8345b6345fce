//! The errors of the use cases, each as its problem. Every match names every case: a new error must be thought about here.

mod clients;
mod factors;

use std::error::Error as StdError;
use std::fmt::Write;

use application::accounts::{ChangePasswordError, EndSessionsError, RegisterError, RotateSecretKeyError};
use application::admin::AdminError;
use application::keys::RotateError;
use application::keys::ring::RingError;
use application::ports::{HasherBusy, KeyFailure, StoreError};
use application::sign_in::LoginError;
use application::tokens::{IssueError, RefreshError, Unauthenticated};
use domain::password::PasswordFault;

use super::{Challenge, Code, Fault, Problem};

/// The caller learns that the service is not available; the log learns why.
fn unavailable(error: &(dyn StdError + 'static)) -> Problem {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Writing to a string cannot fail.
        let _ = write!(words, ": {inner}");
        cause = inner.source();
    }
    Problem::new(Code::Unavailable).because(words)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        unavailable(&error)
    }
}

impl From<RingError> for Problem {
    fn from(error: RingError) -> Self {
        unavailable(&error)
    }
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        unavailable(&error)
    }
}

impl From<KeyFailure> for Problem {
    fn from(error: KeyFailure) -> Self {
        unavailable(&error)
    }
}

impl From<HasherBusy> for Problem {
    fn from(HasherBusy: HasherBusy) -> Self {
        Self::new(Code::Busy)
    }
}

impl From<Unauthenticated> for Problem {
    fn from(error: Unauthenticated) -> Self {
        match error {
            Unauthenticated::Token(fault) => {
                tracing::debug!(%fault, "an access token was not accepted");
                Self::new(Code::InvalidToken)
            }
            Unauthenticated::Store(error) => error.into(),
            Unauthenticated::Ring(error) => error.into(),
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Refused => Self::invalid_credentials(Challenge::Bearer),
            LoginError::InvalidScope => Self::new(Code::InvalidScope),
            LoginError::Busy(busy) => busy.into(),
            LoginError::Store(error) => error.into(),
            LoginError::Issue(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::InvalidScope => Self::new(Code::InvalidScope),
            RefreshError::Refused => Self::new(Code::InvalidRefreshToken),
            RefreshError::Store(error) => error.into(),
            RefreshError::Issue(error) => error.into(),
        }
    }
}

impl From<application::tokens::revoke::RevokeError> for Problem {
    fn from(error: application::tokens::revoke::RevokeError) -> Self {
        use application::tokens::revoke::RevokeError;
        match error {
            RevokeError::Store(error) => error.into(),
            RevokeError::Ring(error) => error.into(),
        }
    }
}

/// The faults of a new password, which the body holds at `pointer`.
pub(crate) fn weak_password(pointer: &'static str, faults: &[PasswordFault]) -> Problem {
    let errors = faults
        .iter()
        .map(|fault| Fault::new(pointer, fault.to_string()))
        .collect();
    Problem::faults(Code::WeakPassword, errors)
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::NotOpen => Self::new(Code::RegistrationClosed),
            RegisterError::Password(faults) => weak_password("/password", &faults),
            RegisterError::UsernameTaken => Self::new(Code::UsernameTaken),
            RegisterError::EmailTaken => Self::new(Code::EmailTaken),
            RegisterError::Busy(busy) => busy.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Refused => Self::new(Code::ProofRefused),
            ChangePasswordError::Password(faults) => weak_password("/new_password", &faults),
            ChangePasswordError::Unchanged => Self::fault(
                Code::InvalidRequest,
                "/new_password",
                "must not be the current password",
            ),
            // The token was good when the call began, and is void now.
            ChangePasswordError::AccountChanged => Self::new(Code::InvalidToken),
            ChangePasswordError::Busy(busy) => busy.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}

impl From<RotateSecretKeyError> for Problem {
    fn from(error: RotateSecretKeyError) -> Self {
        match error {
            RotateSecretKeyError::Refused => Self::new(Code::ProofRefused),
            RotateSecretKeyError::Superseded => Self::new(Code::SecretKeySuperseded),
            RotateSecretKeyError::AccountChanged => Self::new(Code::InvalidToken),
            RotateSecretKeyError::Store(error) => error.into(),
        }
    }
}

impl From<EndSessionsError> for Problem {
    fn from(error: EndSessionsError) -> Self {
        match error {
            EndSessionsError::NotFound => Self::new(Code::NotFound),
            EndSessionsError::Store(error) => error.into(),
        }
    }
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::NotFound => Self::new(Code::NotFound),
            AdminError::LastAdmin => Self::new(Code::LastAdmin),
            AdminError::EmailTaken => Self::new(Code::EmailTaken),
            AdminError::OwnAccount => Self::new(Code::OwnAccount),
            AdminError::Store(error) => error.into(),
        }
    }
}

impl From<RotateError> for Problem {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::TooSoon(too_soon) => Self::new(Code::RotationTooSoon).possible_at(too_soon.possible_at),
            RotateError::Lost => Self::new(Code::RotationConflict),
            RotateError::Key(error) => error.into(),
            RotateError::Store(error) => error.into(),
            RotateError::Ring(error) => error.into(),
        }
    }
}
