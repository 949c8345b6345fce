//! Errors in the shape of OAuth (RFC 6749 section 5.2, RFC 6750 section 3), and everything that goes wrong before an endpoint is
//! reached, put into that shape.

use std::sync::OnceLock;

use poem::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use poem::http::{HeaderName, HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde_json::{Map, Value};

use crate::problem::{Cause, Code, Problem};

const JSON: &str = "application/json";

/// Why an endpoint of the authorization server refused (RFC 6749 section 5.2). Programs branch on `error`.
#[derive(Object)]
#[oai(rename = "OAuthError", skip_serializing_if_is_none)]
pub(super) struct ErrorBody {
    /// The kind of error.
    error: String,
    /// What is wrong, for people.
    error_description: String,
    /// With `mfa_required`: what to send back with the second factor.
    mfa_token: Option<String>,
    /// With `insufficient_authorization`: what to send back with what is missing.
    auth_session: Option<String>,
    /// With `mfa_required` and `insufficient_authorization`: how long that is good, in seconds.
    expires_in: Option<u64>,
    /// With `mfa_required` and `insufficient_authorization`: the second factors that may be sent.
    factors: Option<Vec<String>>,
}

/// An error on its way to the caller.
pub(super) struct OAuthError(Box<Inner>);

struct Inner {
    status: StatusCode,
    error: &'static str,
    description: String,
    members: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Cause>,
}

impl OAuthError {
    /// An error with this status.
    pub fn with_status(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            status,
            error,
            description: plain(&description.into()),
            members: Vec::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// An error with the usual status.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self::with_status(StatusCode::BAD_REQUEST, error, description)
    }

    /// A request that cannot be understood.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    /// The one refusal of a client. With HTTP Basic it is told of that (RFC 6749 section 5.2).
    pub fn invalid_client(used_basic: bool) -> Self {
        let description = "the client is unknown, disabled, or did not prove which one it is";
        let error = Self::with_status(StatusCode::UNAUTHORIZED, "invalid_client", description);
        if used_basic {
            error.header(
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Basic realm="countersign", charset="UTF-8""#),
            )
        } else {
            error
        }
    }

    /// One more member of the body.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.members.push((name, value.into()));
        self
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The error of a problem that has no name of its own in OAuth.
    fn of_code(code: Code, description: String) -> Self {
        Self::with_status(code.status(), name_of(code), description)
    }
}

/// RFC 6749 section 5.2 leaves out quotes, backslashes and whatever is not ASCII.
fn plain(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '"' | '`' => '\'',
            '\\' => '/',
            ' '..='~' => character,
            _ => '?',
        })
        .collect()
}

const fn name_of(code: Code) -> &'static str {
    match code {
        Code::RateLimited | Code::Busy | Code::Unavailable => "temporarily_unavailable",
        Code::InternalError => "server_error",
        Code::InvalidToken => "invalid_token",
        Code::InsufficientScope => "insufficient_scope",
        _ => "invalid_request",
    }
}

impl From<Problem> for OAuthError {
    fn from(problem: Problem) -> Self {
        let code = problem.code();
        let description = problem.first_fault().map_or_else(
            || code.detail().to_owned(),
            |fault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail),
        );
        let parts = problem.into_parts();
        let mut error = Self::of_code(code, description);
        error.0.headers = parts.0;
        error.0.cause = parts.1;
        error
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let Inner {
            status,
            error,
            description,
            members,
            headers,
            cause,
        } = *self.0;
        let mut body = Map::new();
        body.insert(String::from("error"), Value::from(error));
        body.insert(String::from("error_description"), Value::from(description));
        for (name, value) in members {
            body.insert(name.to_owned(), value);
        }
        let mut response = Response::builder()
            .status(status)
            .content_type(JSON)
            .body(Value::Object(body).to_string());
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        if let Some(cause) = cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}

impl From<OAuthError> for poem::Error {
    fn from(error: OAuthError) -> Self {
        let mut response = error.into_response();
        // The framework replaces the extensions of the response by those of the error.
        let cause = response.extensions_mut().remove::<Cause>();
        let mut error = Self::from_response(response);
        if let Some(cause) = cause {
            error.set_data(cause);
        }
        error
    }
}

/// Puts a problem into the shape of OAuth; other answers stay as they are. Status and headers stay, too.
pub(crate) fn reshape(mut response: Response) -> Response {
    let Some(code) = response.extensions_mut().remove::<Code>() else {
        return response;
    };
    let mut body = Map::new();
    body.insert(String::from("error"), Value::from(name_of(code)));
    body.insert(String::from("error_description"), Value::from(plain(code.detail())));
    response.set_body(Value::Object(body).to_string());
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// What endpoints can answer with, for the document.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = [$($status:literal),+];)+) => {$(
        $(#[$doc])*
        pub(super) struct $name(OAuthError);

        impl<T: Into<OAuthError>> From<T> for $name {
            fn from(cause: T) -> Self {
                Self(cause.into())
            }
        }

        impl From<$name> for poem::Error {
            fn from(refusal: $name) -> Self {
                refusal.0.into()
            }
        }

        impl ApiResponse for $name {
            fn meta() -> MetaResponses {
                static DECLARED: OnceLock<Vec<(u16, &'static str)>> = OnceLock::new();
                declare(DECLARED.get_or_init(|| [$($status),+].map(|status| (status, describe(status))).to_vec()))
            }

            fn register(registry: &mut Registry) {
                ErrorBody::register(registry);
            }
        }
    )+};
}

refusals! {
    /// Of endpoints that are limited by network.
    LimitedRefusal = [400, 401, 403, 408, 413, 415, 429, 500, 503];
    /// Of endpoints that are not.
    Refusal = [400, 401, 403, 408, 413, 415, 500, 503];
    /// Of endpoints that read no body.
    BodilessRefusal = [400, 401, 403, 500, 503];
    /// Of descriptions.
    NoRefusal = [500];
}

const fn describe(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be done as it stands; `error` says why.",
        401 => "`invalid_client`: the client was not authenticated; or `invalid_token`.",
        403 => "More must be proved, or the token is not for this.",
        408 => "The body did not arrive in time.",
        413 => "The body is too large.",
        415 => "The body has another media type than those that are taken here.",
        429 => "Too many requests came from your network.",
        503 => "`temporarily_unavailable`: try again as `Retry-After` says.",
        _ => "`server_error`: the service failed.",
    }
}

fn declare(declared: &'static [(u16, &'static str)]) -> MetaResponses {
    let responses = declared
        .iter()
        .map(|(status, description)| MetaResponse {
            description,
            status: Some(*status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: JSON,
                schema: ErrorBody::schema_ref(),
            }],
            headers: Vec::new(),
        })
        .collect();
    MetaResponses { responses }
}
