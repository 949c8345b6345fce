//! Problems (RFC 9457): the one shape of every error, and the one place where errors become statuses.

mod code;
mod declared;
pub(crate) mod mapping;
mod translate;

use std::sync::Arc;

use domain::factor::{Assurance, FRESH_FOR, FactorType};
use domain::secret::AuthSessionHandle;
use domain::time::Timestamp;
use poem::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use poem::http::{HeaderName, HeaderValue};
use poem::{IntoResponse, Response};
use poem_openapi::Object;
use poem_openapi::payload::Payload;
use poem_openapi::registry::MetaSchemaRef;
use poem_openapi::types::Type;
use serde::Serialize;

pub(crate) use self::code::Code;
pub(crate) use self::declared::*;
pub(crate) use self::translate::translate;
use crate::json::DateTime;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize)]
pub(crate) struct Fault {
    /// Where: a JSON pointer into the body (RFC 6901), or `header:NAME` or `query:NAME`.
    pub pointer: String,
    /// What is wrong there, in words.
    pub detail: String,
}

impl Fault {
    /// How many are told. Whoever looks for faults may stop when there is one more: a large body must not become a larger
    /// answer.
    pub const MOST: usize = 20;

    /// Something wrong at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// Why the request was not done (RFC 9457). Programs branch on `code`; everything else is for people.
#[derive(Object, Serialize)]
#[oai(rename = "Problem", skip_serializing_if_is_none)]
pub(crate) struct Document {
    /// The kind of problem as a URI: `urn:countersign:problem:` and the code.
    r#type: String,
    /// The kind of problem in words, always the same for a code.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What to do about it.
    detail: String,
    /// The kind of problem, for programs.
    code: String,
    /// What is wrong with the request, one entry each. Only where the request itself is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<Fault>>,
    /// With `mfa_required` and `enrolment_required`: what to send back together with the second factor, or to enrol with. Never
    /// a credential by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_session: Option<String>,
    /// With `mfa_required` and `enrolment_required`: how long `auth_session` is good, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    /// With `mfa_required`: the types of factors that can complete the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    factors: Option<Vec<String>>,
    /// With `rotation_too_soon`: from when it is possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    possible_at: Option<DateTime>,
}

/// The media type of problems.
pub(crate) struct ProblemJson;

impl Payload for ProblemJson {
    const CONTENT_TYPE: &'static str = "application/problem+json";

    fn schema_ref() -> MetaSchemaRef {
        Document::schema_ref()
    }
}

/// Whether a request that was refused for want of a login should be told of HTTP Basic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// The caller used HTTP Basic, so it is told what was refused.
    Basic,
    /// It did not: a Basic challenge would make browsers open a dialogue over the page.
    Bearer,
}

struct Inner {
    code: Code,
    errors: Vec<Fault>,
    /// Whether more is wrong than `errors` tells.
    has_more: bool,
    members: Members,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Cause>,
}

/// What went wrong inside: for the log, where it stands beside the request's name, and never for the caller.
#[derive(Debug, Clone)]
pub(crate) struct Cause(pub Arc<str>);

#[derive(Default)]
struct Members {
    auth_session: Option<String>,
    expires_in: Option<u64>,
    factors: Option<Vec<String>>,
    possible_at: Option<Timestamp>,
}

/// An error on its way to the caller. Boxed, because the way is long and mostly not taken.
pub(crate) struct Problem(Box<Inner>);

impl Problem {
    /// A problem of this kind.
    pub fn new(code: Code) -> Self {
        let problem = Self(Box::new(Inner {
            code,
            errors: Vec::new(),
            has_more: false,
            members: Members::default(),
            headers: Vec::new(),
            cause: None,
        }));
        // What a kind of problem always owes its caller (RFC 9110 sections 11.6.1 and 10.2.3, RFC 6750 section 3).
        match code {
            Code::TokenRequired | Code::InvalidRefreshToken | Code::InvalidAuthSession => {
                problem.challenge(BEARER_CHALLENGE)
            }
            Code::InvalidToken => problem.challenge(INVALID_TOKEN_CHALLENGE),
            Code::Busy | Code::Unavailable => problem.retry_after(1),
            _ => problem,
        }
    }

    /// A request with these faults, or the first of them.
    pub fn faults(code: Code, mut errors: Vec<Fault>) -> Self {
        let mut problem = Self::new(code);
        problem.0.has_more = errors.len() > Fault::MOST;
        errors.truncate(Fault::MOST);
        problem.0.errors = errors;
        problem
    }

    /// A request with one fault.
    pub fn fault(code: Code, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::faults(code, vec![Fault::new(pointer, detail)])
    }

    /// The one refusal of a login.
    pub fn invalid_credentials(challenge: Challenge) -> Self {
        Self::new(Code::InvalidCredentials).challenge(match challenge {
            Challenge::Basic => BASIC_CHALLENGE,
            Challenge::Bearer => BEARER_CHALLENGE,
        })
    }

    /// The password is right, a second factor is missing.
    pub fn mfa_required(auth_session: Option<&AuthSessionHandle>, expires_in: u64, factors: &[FactorType]) -> Self {
        let mut problem = Self::awaiting(Code::MfaRequired, auth_session, expires_in);
        problem.0.members.factors = Some(factors.iter().map(|factor| factor.name().to_owned()).collect());
        problem
    }

    /// What the account has is proved, and an authenticator must be enrolled.
    pub fn enrolment_required(auth_session: Option<&AuthSessionHandle>, expires_in: u64) -> Self {
        Self::awaiting(Code::EnrolmentRequired, auth_session, expires_in)
    }

    fn awaiting(code: Code, auth_session: Option<&AuthSessionHandle>, expires_in: u64) -> Self {
        let mut problem = Self::new(code).header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        problem.0.members.auth_session = auth_session.map(|handle| handle.expose().to_owned());
        problem.0.members.expires_in = Some(expires_in);
        problem
    }

    /// The token proves too little, or not freshly enough (RFC 9470 section 3).
    pub fn insufficient_user_authentication(needed: Assurance) -> Self {
        let enough: Vec<&str> = Assurance::ALL
            .into_iter()
            .filter(|level| *level >= needed)
            .map(Assurance::acr)
            .collect();
        let challenge = format!(
            "Bearer realm=\"countersign\", error=\"insufficient_user_authentication\", \
             error_description=\"a fresh proof of a second factor is needed\", acr_values=\"{}\", max_age=\"{}\"",
            enough.join(" "),
            FRESH_FOR.as_secs(),
        );
        let problem = Self::new(Code::InsufficientUserAuthentication);
        match HeaderValue::try_from(challenge) {
            Ok(challenge) => problem.header(WWW_AUTHENTICATE, challenge),
            Err(_) => problem,
        }
    }

    /// The token lacks a scope (RFC 6750 section 3.1).
    pub fn insufficient_scope(scope: &domain::scope::Scope) -> Self {
        use domain::scope::Scope;
        Self::new(Code::InsufficientScope).challenge(match scope {
            Scope::Account => r#"Bearer realm="countersign", error="insufficient_scope", scope="account""#,
            Scope::Admin => r#"Bearer realm="countersign", error="insufficient_scope", scope="admin""#,
            // No resource of this service asks for another.
            _ => r#"Bearer realm="countersign", error="insufficient_scope""#,
        })
    }

    /// The `Authorization` header is there more than once (RFC 6750 section 3.1).
    pub fn repeated_authorization() -> Self {
        Self::fault(Code::InvalidRequest, "header:Authorization", "must be sent once")
            .challenge(r#"Bearer realm="countersign", error="invalid_request""#)
    }

    /// The instant from which it is possible.
    #[must_use]
    pub fn possible_at(mut self, at: Timestamp) -> Self {
        self.0.members.possible_at = Some(at);
        self
    }

    /// Notes what went wrong inside.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Arc<str>>) -> Self {
        self.0.cause = Some(Cause(cause.into()));
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Asks the caller to come again in so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The first thing that is wrong with the request.
    pub fn first_fault(&self) -> Option<&Fault> {
        self.0.errors.first()
    }

    /// The headers and what went wrong inside, for an answer in another shape.
    pub fn into_parts(self) -> (Vec<(HeaderName, HeaderValue)>, Option<Cause>) {
        (self.0.headers, self.0.cause)
    }

    /// The kind of problem.
    pub const fn code(&self) -> Code {
        self.0.code
    }

    fn challenge(self, challenge: &'static str) -> Self {
        self.header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }
}

const BEARER_CHALLENGE: &str = r#"Bearer realm="countersign""#;
const INVALID_TOKEN_CHALLENGE: &str =
    r#"Bearer realm="countersign", error="invalid_token", error_description="the token is not accepted""#;
const BASIC_CHALLENGE: &str = r#"Basic realm="countersign", charset="UTF-8""#;

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Inner {
            code,
            errors,
            has_more,
            members,
            headers,
            cause,
        } = *self.0;
        let document = Document {
            r#type: code.uri().to_owned(),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            detail: if has_more {
                format!("{} More is wrong than the {} faults below.", code.detail(), Fault::MOST)
            } else {
                code.detail().to_owned()
            },
            code: code.name().to_owned(),
            errors: (!errors.is_empty()).then_some(errors),
            auth_session: members.auth_session,
            expires_in: members.expires_in,
            factors: members.factors,
            possible_at: members.possible_at.map(DateTime::from),
        };
        // Text and numbers only: writing them cannot fail.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::builder()
            .status(code.status())
            .content_type(ProblemJson::CONTENT_TYPE)
            .body(body);
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        if let Some(cause) = cause {
            response.extensions_mut().insert(cause);
        }
        // For addresses whose errors have another shape.
        response.extensions_mut().insert(code);
        response
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        let mut response = problem.into_response();
        // The framework replaces the extensions of the response by those of the error.
        let cause = response.extensions_mut().remove::<Cause>();
        let code = response.extensions_mut().remove::<Code>();
        let mut error = Self::from_response(response);
        if let Some(code) = code {
            error.set_data(code);
        }
        if let Some(cause) = cause {
            error.set_data(cause);
        }
        error
    }
}
