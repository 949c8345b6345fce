//! The errors of the use cases in the shape of OAuth. Every match names every case: a new error must be thought about here.

use application::clients::PushError;
use application::sign_in::LoginError;
use application::tokens::revoke::RevokeError;
use application::tokens::{GrantError, RefreshError};

use super::refusal::OAuthError;
use crate::problem::Problem;

const INVALID_GRANT: &str = "what was sent is wrong, expired, used, or was issued to another client";

impl From<GrantError> for OAuthError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::UnauthorizedClient => Self::new("unauthorized_client", "the client may not do this"),
            GrantError::InvalidGrant => Self::new("invalid_grant", INVALID_GRANT),
            GrantError::InvalidRequest(detail) => Self::invalid_request(detail),
            GrantError::InvalidScope => Self::invalid_scope(),
            GrantError::InvalidTarget => Self::new(
                "invalid_target",
                "a resource is none that this client may have tokens for",
            ),
            GrantError::AuthorizationPending => Self::new("authorization_pending", "nobody has decided yet"),
            GrantError::SlowDown => Self::new("slow_down", "wait five seconds longer between two requests from now on"),
            GrantError::AccessDenied => Self::new("access_denied", "the request was refused"),
            GrantError::ExpiredToken => Self::new("expired_token", "the device code has expired"),
            GrantError::Busy(busy) => Problem::from(busy).into(),
            GrantError::Store(error) => Problem::from(error).into(),
            GrantError::Issue(error) => Problem::from(error).into(),
        }
    }
}

impl From<RefreshError> for OAuthError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Refused => Self::new("invalid_grant", INVALID_GRANT),
            RefreshError::InvalidScope => Self::invalid_scope(),
            RefreshError::Store(error) => Problem::from(error).into(),
            RefreshError::Issue(error) => Problem::from(error).into(),
        }
    }
}

impl From<LoginError> for OAuthError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Refused => Self::new(
                "invalid_grant",
                "user name, password, second factor or account state is not right",
            ),
            LoginError::InvalidScope => Self::invalid_scope(),
            LoginError::Busy(busy) => Problem::from(busy).into(),
            LoginError::Store(error) => Problem::from(error).into(),
            LoginError::Issue(error) => Problem::from(error).into(),
        }
    }
}

impl From<PushError> for OAuthError {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Fault(fault) => Self::new(fault.error.name(), fault.detail),
            PushError::Store(error) => Problem::from(error).into(),
        }
    }
}

impl From<RevokeError> for OAuthError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Store(error) => Problem::from(error).into(),
            RevokeError::Ring(error) => Problem::from(error).into(),
        }
    }
}

impl OAuthError {
    /// No scope is left of those that were asked for.
    pub fn invalid_scope() -> Self {
        Self::new("invalid_scope", "none of the requested scopes is available")
    }
}
