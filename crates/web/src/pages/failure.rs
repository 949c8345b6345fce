//! What keeps a page from being shown, and the page that is shown in its place.

mod account;

use application::accounts::BeginError;
use application::authorize::{AuthorizeError, DeviceError, IssueCodeError};
use application::ports::{HasherBusy, StoreError};
use application::sign_in::{EnrolmentShowError, LoginError};
use poem::Response;

use super::view::{ErrorKind, SetupFault};
use super::visit::Visit;
use crate::problem::Problem;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A form is too old, or not from this browser.
    FormExpired,
    /// A form that none of ours can have sent.
    BadForm,
    /// Something changed meanwhile; begin again.
    Stale,
    /// The service is busy, or its store is away.
    Unavailable(String),
    /// A defect.
    Internal(String),
    /// Nothing failed, but another answer takes the place of the page.
    Instead(Box<Response>),
}

impl Failure {
    /// Something that cannot be unless this crate has a fault.
    pub fn defect(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// An answer that takes the place of the page.
    pub fn instead(answer: Response) -> Self {
        Self::Instead(Box::new(answer))
    }

    /// The answer: an error page for `visit`, or what takes its place. What happened is for the log.
    pub fn answer(self, visit: Visit) -> Response {
        let kind = match self {
            Self::FormExpired => ErrorKind::FormExpired,
            Self::BadForm => ErrorKind::BadRequest,
            Self::Stale => ErrorKind::LinkExpired,
            Self::Unavailable(cause) => {
                tracing::warn!(cause, "a page is not available");
                ErrorKind::Unavailable
            }
            Self::Internal(cause) => {
                tracing::error!(cause, "a page failed");
                ErrorKind::Internal
            }
            Self::Instead(answer) => return *answer,
        };
        visit.error(kind, None)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(format!("{error}: {}", error.cause))
    }
}

impl From<HasherBusy> for Failure {
    fn from(error: HasherBusy) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<AuthorizeError> for Failure {
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::Store(error) => error.into(),
            AuthorizeError::Ring(error) => Self::Internal(error.to_string()),
        }
    }
}

impl From<IssueCodeError> for Failure {
    fn from(error: IssueCodeError) -> Self {
        match error {
            IssueCodeError::Store(error) => error.into(),
            IssueCodeError::Changed => Self::Stale,
        }
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Store(error) => error.into(),
            DeviceError::Changed | DeviceError::Unknown | DeviceError::Held(_) | DeviceError::BetterFactorNeeded => {
                Self::Stale
            }
        }
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Busy(error) => error.into(),
            LoginError::Store(error) => error.into(),
            LoginError::Issue(error) => Self::Internal(error.to_string()),
            LoginError::Refused | LoginError::InvalidScope => Self::Stale,
        }
    }
}

impl From<BeginError> for Failure {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Store(error) => error.into(),
            BeginError::NoAuthSession | BeginError::AccountChanged => Self::Stale,
            BeginError::NotOffered
            | BeginError::TooMany
            | BeginError::NameTaken
            | BeginError::NothingToReplace
            | BeginError::ProofNeeded(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<EnrolmentShowError> for Failure {
    fn from(error: EnrolmentShowError) -> Self {
        match error {
            EnrolmentShowError::Store(error) => error.into(),
            EnrolmentShowError::NotFound => Self::Stale,
        }
    }
}

impl From<SetupFault> for Failure {
    fn from(fault: SetupFault) -> Self {
        Self::Internal(fault.to_string())
    }
}

/// Work that was to be done to its end, and panicked.
impl From<Problem> for Failure {
    fn from(_: Problem) -> Self {
        Self::Internal("work behind a page panicked".to_owned())
    }
}
