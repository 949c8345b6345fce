//! What goes wrong at this profile, in the two shapes of that service: the report on fields (with a header by which its
//! clients know it) and the refusal with a message. What that service has no shape for stays a problem.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use poem::http::header::WWW_AUTHENTICATE;
use poem::http::{HeaderValue, StatusCode};
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;

use crate::json::answer_content;
use crate::problem::{Document, Problem, ProblemJson};

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

/// A status in a shape of that service, and when it is answered.
type Said = (u16, &'static str);

const REPORT: Said = (
    400,
    "Fields are missing, empty or malformed (with the header `validation-exception: true`), or the request cannot be done.",
);
const REFUSED: Said = (
    401,
    "Something that was sent is not right. Which, is not told. A call without `code` whose password is right is told what is missing.",
);
const NO_TOKEN: Said = (401, "No token of this profile was sent, or it is not accepted.");
const NOT_ALLOWED: Said = (403, "The caller may not do this.");

/// The problems that a call with a body can end in.
const POSTED: &[u16] = &[400, 408, 413, 415, 429, 500, 503];
/// Those of a call without one.
const READ: &[u16] = &[400, 500, 503];

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident = $problems:ident + [$($said:expr),* $(,)?];)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name(Refusal);

        impl $name {
            const SAID: &'static [Said] = &[$($said),*];

            fn declares(refusal: &Refusal) -> bool {
                let status = refusal.status().as_u16();
                match refusal {
                    Refusal::Said { .. } => Self::SAID.iter().any(|(said, _)| *said == status),
                    Refusal::Problem(_) => $problems.contains(&status),
                }
            }
        }

        impl<T: Into<Refusal>> From<T> for $name {
            fn from(cause: T) -> Self {
                let refusal = cause.into();
                debug_assert!(
                    Self::declares(&refusal),
                    "{} is not declared by {}", refusal.status(), stringify!($name),
                );
                Self(refusal)
            }
        }

        impl From<$name> for poem::Error {
            fn from(family: $name) -> Self {
                family.0.into()
            }
        }

        impl ApiResponse for $name {
            fn meta() -> MetaResponses {
                static DECLARED: OnceLock<BTreeMap<u16, &'static str>> = OnceLock::new();
                declare(DECLARED.get_or_init(|| described(Self::SAID, $problems)), Self::SAID, $problems)
            }

            fn register(registry: &mut Registry) {
                <Objections as Type>::register(registry);
                <Document as Type>::register(registry);
            }
        }
    )+};
}

families! {
    /// Asking for a QR code.
    QrCodeRefusal = POSTED + [REPORT, REFUSED, (409, "The account has a second factor and no `code` was sent, or there is no room for another authenticator.")];
    /// Logging in.
    LoginRefusal = POSTED + [REPORT, REFUSED];
    /// Making an account.
    CreateRefusal = POSTED + [REPORT, (403, "Accounts are made by administrators here.")];
    /// Making an account and beginning a login.
    CreateLoginRefusal = POSTED + [REPORT, REFUSED, (403, "Accounts are made by administrators here.")];
    /// Looking at or changing one's own account.
    OwnRefusal = POSTED + [REPORT, NO_TOKEN, NOT_ALLOWED];
    /// Deleting an account.
    DeleteRefusal = POSTED + [REPORT, NO_TOKEN, NOT_ALLOWED, (409, "It is the last administrator.")];
    /// Reading as an administrator.
    ListRefusal = READ + [NO_TOKEN, NOT_ALLOWED];
    /// Reading one account as an administrator.
    FindRefusal = READ + [REPORT, NO_TOKEN, NOT_ALLOWED, (404, "No account has this address.")];
    /// What that service does and this one does not, by a form.
    AbsentRefusal = POSTED + [REPORT];
    /// The same, by a query.
    AbsentReadRefusal = READ + [REPORT];
}

fn described(said: &[Said], problems: &[u16]) -> BTreeMap<u16, &'static str> {
    let problems = problems.iter().map(|status| (*status, of_problem(*status)));
    problems.chain(said.iter().copied()).collect()
}

const fn of_problem(status: u16) -> &'static str {
    match status {
        408 => "The body did not arrive in time.",
        413 => "The body is too large.",
        415 => "The body is no form.",
        429 => "Too many requests came from one network.",
        503 => "The service is busy or not available.",
        500 => "The service failed.",
        _ => "The request cannot be read.",
    }
}

fn declare(described: &'static BTreeMap<u16, &'static str>, said: &[Said], problems: &[u16]) -> MetaResponses {
    let responses = described.iter().map(|(status, description)| {
        let mut content = Vec::new();
        if said.iter().any(|(said, _)| said == status) {
            content.extend(answer_content::<Objections>());
        }
        if problems.contains(status) {
            content.push(MetaMediaType {
                content_type: ProblemJson::CONTENT_TYPE,
                schema: ProblemJson::schema_ref(),
            });
        }
        MetaResponse {
            description,
            status: Some(*status),
            status_range: None,
            content,
            headers: Vec::new(),
        }
    });
    MetaResponses {
        responses: responses.collect(),
    }
}
