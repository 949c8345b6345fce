//! What goes wrong at this profile, in the two shapes of that service: the report on fields (with a header by which its
//! clients know it) and the refusal with a message. What that service has no shape for stays a problem.

mod declared;

use poem::http::header::WWW_AUTHENTICATE;
use poem::http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::Object;
use serde::Serialize;

pub(crate) use self::declared::*;
use crate::problem::Problem;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize)]
#[oai(rename = "OrionViolation", skip_serializing_if_is_none)]
pub(crate) struct Violation {
    /// The method of that service and the parameter, with a dot between. Only in a report on fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong.
    message: String,
}

/// Why a call of the profile was refused.
#[derive(Object, Serialize)]
#[oai(rename = "OrionViolations", skip_serializing_if_is_none)]
pub(crate) struct Objections {
    /// Always `Constraint Violation`. Only in a report on fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The status. Only in a report on fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What is wrong.
    violations: Vec<Violation>,
}

/// How a refused caller is told to authenticate (RFC 6750 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// It is not.
    None,
    /// It sent no token, or has to log in.
    Login,
    /// Its token is not believed.
    InvalidToken,
    /// Its token is not for this.
    Scope,
    /// Its token proves too little, or not freshly enough (RFC 9470 section 3).
    FreshProof,
}

impl Challenge {
    const fn text(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Login => Some(r#"Bearer realm="countersign""#),
            Self::InvalidToken => Some(r#"Bearer realm="countersign", error="invalid_token""#),
            Self::Scope => Some(r#"Bearer realm="countersign", error="insufficient_scope""#),
            Self::FreshProof => Some(r#"Bearer realm="countersign", error="insufficient_user_authentication""#),
        }
    }
}

/// A refusal on its way to the caller.
pub(crate) enum Refusal {
    /// In a shape of that service.
    Said {
        /// The status.
        status: StatusCode,
        /// What it says.
        body: Objections,
        /// How to authenticate.
        challenge: Challenge,
    },
    /// In ours.
    Problem(Problem),
}

impl Refusal {
    /// A refusal with a message.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let violation = Violation {
            field: None,
            message: message.into(),
        };
        Self::Said {
            status,
            body: Objections {
                title: None,
                status: None,
                violations: vec![violation],
            },
            challenge: Challenge::None,
        }
    }

    /// The caller's word is not taken.
    pub fn unauthorized(challenge: Challenge, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message).challenged(challenge)
    }

    /// The request cannot be done as it stands.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The caller may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// Fields are not what they must be.
    pub fn report(violations: Vec<Violation>) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self::Said {
            status,
            body: Objections {
                title: Some(String::from("Constraint Violation")),
                status: Some(status.as_u16()),
                violations,
            },
            challenge: Challenge::None,
        }
    }

    /// One field is not what it must be.
    pub fn field(method: &str, parameter: &str, message: impl Into<String>) -> Self {
        Self::report(vec![Violation::new(method, parameter, message)])
    }

    fn challenged(mut self, new: Challenge) -> Self {
        if let Self::Said { challenge, .. } = &mut self {
            *challenge = new;
        }
        self
    }

    /// The same, with a challenge that says which right is missing.
    #[must_use]
    pub fn for_want_of_scope(self) -> Self {
        self.challenged(Challenge::Scope)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Said { status, .. } => *status,
            Self::Problem(problem) => problem.code().status(),
        }
    }
}

impl Violation {
    /// Something wrong with a parameter of a method of that service.
    pub fn new(method: &str, parameter: &str, message: impl Into<String>) -> Self {
        Self {
            field: Some(format!("{method}.{parameter}")),
            message: message.into(),
        }
    }
}

impl<T: Into<Problem>> From<T> for Refusal {
    fn from(cause: T) -> Self {
        Self::Problem(cause.into())
    }
}

/// By this header clients of that service tell the report on fields from other answers.
const REPORT_HEADER: &str = "validation-exception";

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body, challenge) = match self {
            Self::Problem(problem) => return problem.into_response(),
            Self::Said {
                status,
                body,
                challenge,
            } => (status, body, challenge),
        };
        // Text and numbers only: writing them cannot fail.
        let text = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::builder()
            .status(status)
            .content_type("application/json")
            .body(text);
        let headers = response.headers_mut();
        if body.title.is_some() {
            headers.insert(REPORT_HEADER, HeaderValue::from_static("true"));
        }
        if let Some(challenge) = challenge.text() {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

impl From<Refusal> for poem::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Problem(problem) => problem.into(),
            said @ Refusal::Said { .. } => Self::from_response(said.into_response()),
        }
    }
}
