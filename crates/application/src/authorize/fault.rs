//! What is wrong with a request, and whether its client may be told through the browser.

use super::answer::Answer;

/// The error codes of an answer to a client (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6, RFC 8707 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationError {
    /// A parameter is missing, repeated, or has a value that it cannot have.
    InvalidRequest,
    /// The client may not use this way.
    UnauthorizedClient,
    /// The person or the service said no.
    AccessDenied,
    /// Only codes are given.
    UnsupportedResponseType,
    /// None of the scopes may be had.
    InvalidScope,
    /// The resource is not one of the client's.
    InvalidTarget,
    /// Nobody, or somebody else, is logged in, and no page may be shown.
    LoginRequired,
    /// Consent is missing, and no page may be shown.
    ConsentRequired,
    /// Request objects are not read.
    RequestNotSupported,
    /// Requests elsewhere are not fetched.
    RequestUriNotSupported,
    /// What must be proved cannot be (OpenID Connect Unmet Authentication Requirements).
    UnmetAuthenticationRequirements,
    /// The service failed.
    ServerError,
}

impl AuthorizationError {
    /// The value of `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::ServerError => "server_error",
        }
    }
}

/// An error with its reason, for developers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The code.
    pub error: AuthorizationError,
    /// The reason: of the characters that `error_description` may have, and nothing that a caller sent.
    pub detail: &'static str,
}

impl Fault {
    /// A fault.
    pub const fn new(error: AuthorizationError, detail: &'static str) -> Self {
        Self { error, detail }
    }

    /// A parameter that is wrong.
    pub const fn invalid(detail: &'static str) -> Self {
        Self::new(AuthorizationError::InvalidRequest, detail)
    }
}

/// What only the person before the browser can be told, because it is not known where an answer might go (RFC 6749 section
/// 4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFault {
    /// There is no such client, or it is switched off.
    UnknownClient,
    /// The address is not one of the client's, or it is not said which.
    RedirectUri,
    /// Something else, with its reason.
    Request(&'static str),
}

/// A request that gets no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalid {
    /// Shown here, and nobody is sent anywhere.
    Page(PageFault),
    /// Told to the client, at an address that is registered for it.
    Answer(Answer),
}
