//! The errors of the use cases around second factors.

use application::accounts::{
    BeginError, ConfirmError, ProofNeeded, RegenerateError, RemoveError, RenameError, ShowError,
};
use application::admin::{ImportError, RemoveAuthenticatorError};
use application::sign_in::EnrolmentShowError;
use application::tokens::StepUpError;

use crate::problem::{Code, Problem};

impl From<ProofNeeded> for Problem {
    fn from(ProofNeeded(needed): ProofNeeded) -> Self {
        Self::insufficient_user_authentication(needed)
    }
}

impl From<StepUpError> for Problem {
    fn from(error: StepUpError) -> Self {
        match error {
            StepUpError::Refused => Self::new(Code::ProofRefused),
            // The token was good when the call began, and is void now.
            StepUpError::NotHere => Self::new(Code::InsufficientScope),
            StepUpError::AccountChanged => Self::new(Code::InvalidToken),
            StepUpError::Store(error) => error.into(),
            StepUpError::Issue(error) => error.into(),
        }
    }
}

impl From<BeginError> for Problem {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::ProofNeeded(needed) => needed.into(),
            BeginError::NoAuthSession => Self::new(Code::InvalidAuthSession),
            BeginError::NotOffered => Self::new(Code::FactorNotAllowed),
            BeginError::TooMany => Self::new(Code::TooManyAuthenticators),
            BeginError::NameTaken => Self::new(Code::AuthenticatorNameTaken),
            BeginError::NothingToReplace => Self::fault(
                Code::InvalidRequest,
                "/replaces",
                "must be the `id` of an active authenticator of the account",
            ),
            BeginError::AccountChanged => Self::new(Code::InvalidToken),
            BeginError::Store(error) => error.into(),
        }
    }
}

impl From<ShowError> for Problem {
    fn from(error: ShowError) -> Self {
        match error {
            ShowError::ProofNeeded(needed) => needed.into(),
            ShowError::NotFound => Self::new(Code::NotFound),
            ShowError::Store(error) => error.into(),
        }
    }
}

impl From<EnrolmentShowError> for Problem {
    fn from(error: EnrolmentShowError) -> Self {
        match error {
            EnrolmentShowError::NotFound => Self::new(Code::InvalidAuthSession),
            EnrolmentShowError::Store(error) => error.into(),
        }
    }
}

impl From<ConfirmError> for Problem {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::NotFound => Self::new(Code::NotFound),
            ConfirmError::Refused => Self::new(Code::ProofRefused),
            ConfirmError::AccountChanged => Self::new(Code::InvalidToken),
            ConfirmError::Store(error) => error.into(),
        }
    }
}

impl From<RenameError> for Problem {
    fn from(error: RenameError) -> Self {
        match error {
            RenameError::NotFound => Self::new(Code::NotFound),
            RenameError::NameTaken => Self::new(Code::AuthenticatorNameTaken),
            RenameError::AccountChanged => Self::new(Code::InvalidToken),
            RenameError::Store(error) => error.into(),
        }
    }
}

impl From<RemoveError> for Problem {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::ProofNeeded(needed) => needed.into(),
            RemoveError::NotFound => Self::new(Code::NotFound),
            RemoveError::LastFactor => Self::new(Code::LastSecondFactor),
            RemoveError::AccountChanged => Self::new(Code::InvalidToken),
            RemoveError::Store(error) => error.into(),
        }
    }
}

impl From<RegenerateError> for Problem {
    fn from(error: RegenerateError) -> Self {
        match error {
            RegenerateError::ProofNeeded(needed) => needed.into(),
            RegenerateError::NotEnrolled => Self::new(Code::NotEnrolled),
            RegenerateError::AccountChanged => Self::new(Code::InvalidToken),
            RegenerateError::Store(error) => error.into(),
        }
    }
}

impl From<RemoveAuthenticatorError> for Problem {
    fn from(error: RemoveAuthenticatorError) -> Self {
        match error {
            RemoveAuthenticatorError::NotFound => Self::new(Code::NotFound),
            RemoveAuthenticatorError::OwnAccount => Self::new(Code::OwnAccount),
            RemoveAuthenticatorError::Store(error) => error.into(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotFound => Self::new(Code::NotFound),
            ImportError::OwnAccount => Self::new(Code::OwnAccount),
            ImportError::UsernameTaken => Self::new(Code::UsernameTaken),
            ImportError::EmailTaken => Self::new(Code::EmailTaken),
            ImportError::TooManyAuthenticators => Self::new(Code::TooManyAuthenticators),
            ImportError::NameTaken => Self::new(Code::AuthenticatorNameTaken),
            ImportError::Busy(busy) => busy.into(),
            ImportError::Store(error) => error.into(),
        }
    }
}
