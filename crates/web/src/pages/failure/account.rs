//! What keeps the pages about one's own account from being shown.

use application::accounts::{ChangePasswordError, ConfirmError, RegenerateError, RemoveError, ResetError};
use application::browser::BrowserStepUpError;

use super::Failure;

impl From<BrowserStepUpError> for Failure {
    fn from(error: BrowserStepUpError) -> Self {
        match error {
            BrowserStepUpError::Store(error) => error.into(),
            BrowserStepUpError::Refused | BrowserStepUpError::Changed => Self::Stale,
        }
    }
}

impl From<RemoveError> for Failure {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::Store(error) => error.into(),
            RemoveError::ProofNeeded(_)
            | RemoveError::NotFound
            | RemoveError::LastFactor
            | RemoveError::AccountChanged => Self::Stale,
        }
    }
}

impl From<RegenerateError> for Failure {
    fn from(error: RegenerateError) -> Self {
        match error {
            RegenerateError::Store(error) => error.into(),
            RegenerateError::ProofNeeded(_) | RegenerateError::NotEnrolled | RegenerateError::AccountChanged => {
                Self::Stale
            }
        }
    }
}

impl From<ConfirmError> for Failure {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Store(error) => error.into(),
            ConfirmError::NotFound | ConfirmError::Refused | ConfirmError::AccountChanged => Self::Stale,
        }
    }
}

impl From<ChangePasswordError> for Failure {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Store(error) => error.into(),
            ChangePasswordError::Busy(error) => error.into(),
            ChangePasswordError::Refused
            | ChangePasswordError::Password(_)
            | ChangePasswordError::Unchanged
            | ChangePasswordError::AccountChanged => Self::Stale,
        }
    }
}

impl From<ResetError> for Failure {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::Store(error) => error.into(),
            ResetError::Busy(error) => error.into(),
            ResetError::Invalid | ResetError::Refused | ResetError::Password(_) => Self::Stale,
        }
    }
}
