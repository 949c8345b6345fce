//! `/app/auth/two-factor`: enrolling an authenticator in two calls, and the errors of these, which have a shape of their own.

use application::accounts::{BeginError, ConfirmError};
use application::aidbox::{CodeSending, TwoFactorConfirmError, TwoFactorRequest, TwoFactorRequestError};
use domain::one_time_code::OneTimeCode;
use domain::recovery_code::RecoveryCode;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Example, Type};
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::api::Chapter;
use crate::bearer::Owner;
use crate::context::{Context, Source};
use crate::json::{Answer, SecretText, Strict, answer_content};
use crate::problem::{AidboxTwoFactorProblem, Problem};

/// A wish for a second factor.
#[derive(Object)]
#[oai(rename = "AidboxTwoFactorRequest", example, skip_serializing_if_is_none)]
pub(super) struct Wish {
    /// By which way codes are to be sent, for example `sms`: a word for whoever is behind the webhook. Absent: an app makes them.
    transport: Option<String>,
}

impl Example for Wish {
    fn example() -> Self {
        Self { transport: None }
    }
}

/// What an app needs. Nothing, when the code was sent.
#[derive(Object)]
#[oai(rename = "AidboxTwoFactorKey", skip_serializing_if_is_none)]
pub(super) struct Key {
    /// The key URI.
    uri: Option<SecretText>,
}

/// The code that confirms it.
#[derive(Object)]
#[oai(rename = "AidboxTwoFactorCode", example)]
pub(super) struct Code {
    /// The code: 6 digits.
    token: SecretText,
}

impl Example for Code {
    fn example() -> Self {
        Self {
            token: SecretText("123456".to_owned()),
        }
    }
}

/// It is confirmed.
#[derive(Object)]
#[oai(rename = "AidboxTwoFactorConfirmed")]
pub(super) struct Confirmed {
    /// The recovery codes that come with a first authenticator, shown this once.
    recovery_codes: Vec<SecretText>,
}

/// Why a call was refused.
#[derive(Object)]
#[oai(rename = "AidboxError")]
pub(super) struct ErrorBody {
    /// The kind of error, for programs: `already_enabled`, `not_requested`, `wrong_token`, `invalid_transport`,
    /// `token_not_sent`.
    error: String,
    /// What is wrong, for people.
    error_description: String,
}

/// A refusal on its way to the caller.
pub(super) enum Refusal {
    /// In the shape of these calls.
    Said(&'static str, &'static str),
    /// In that of the service.
    Problem(AidboxTwoFactorProblem),
}

const ALREADY_ENABLED: Refusal = Refusal::Said("already_enabled", "the account has an authenticator already");
const NOT_REQUESTED: Refusal = Refusal::Said("not_requested", "nothing was requested, or too long ago");
const WRONG_TOKEN: Refusal = Refusal::Said("wrong_token", "the token is not accepted");

impl From<Refusal> for poem::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Problem(problem) => problem.into(),
            Refusal::Said(error, description) => {
                let body = serde_json::json!({ "error": error, "error_description": description });
                let response: Response = Response::builder()
                    .status(StatusCode::UNPROCESSABLE_ENTITY)
                    .content_type("application/json")
                    .body(body.to_string());
                Self::from_response(response.into_response())
            }
        }
    }
}

impl<T: Into<Problem>> From<T> for Refusal {
    fn from(cause: T) -> Self {
        Self::Problem(cause.into().into())
    }
}

impl ApiResponse for Refusal {
    fn meta() -> MetaResponses {
        let mut meta = AidboxTwoFactorProblem::meta();
        meta.responses.push(MetaResponse {
            description: "It cannot be done now, or the token is wrong; `error` says which.",
            status: Some(422),
            status_range: None,
            content: answer_content::<ErrorBody>(),
            headers: Vec::new(),
        });
        meta
    }

    fn register(registry: &mut Registry) {
        AidboxTwoFactorProblem::register(registry);
        ErrorBody::register(registry);
    }
}

fn of_request(error: TwoFactorRequestError) -> Refusal {
    match error {
        TwoFactorRequestError::AlreadyEnabled | TwoFactorRequestError::Begin(BeginError::NothingToReplace) => {
            ALREADY_ENABLED
        }
        TwoFactorRequestError::Transport => {
            Refusal::Said("invalid_transport", "transport must be a text of 1 to 64 characters")
        }
        TwoFactorRequestError::Begin(error) => error.into(),
    }
}

fn of_confirmation(error: TwoFactorConfirmError) -> Refusal {
    match error {
        TwoFactorConfirmError::AlreadyEnabled => ALREADY_ENABLED,
        TwoFactorConfirmError::NotRequested | TwoFactorConfirmError::Confirm(ConfirmError::NotFound) => NOT_REQUESTED,
        TwoFactorConfirmError::Confirm(ConfirmError::Refused) => WRONG_TOKEN,
        TwoFactorConfirmError::Confirm(error) => error.into(),
    }
}

/// Enrolment in two calls.
pub(super) struct TwoFactorApi;

#[OpenApi(prefix_path = "/app/auth/two-factor", tag = "Chapter::Aidbox")]
impl TwoFactorApi {
    /// Request a second factor
    ///
    /// Answers the key URI for an app or, with a `transport`, sends the code by which it is confirmed. May be repeated until then:
    /// each time the key is another. Needs the scope `account` and, as every change of what an account proves itself with, a
    /// fresh proof.
    #[oai(path = "/request", method = "post", operation_id = "aidboxRequestTwoFactor")]
    async fn request(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        body: Strict<Wish>,
    ) -> Result<Answer<Key>, Refusal> {
        let two_factor = &context.app.aidbox.two_factor;
        let transport = body.transport.as_deref();
        let requested = two_factor.request(&caller.0, transport, &source.origin).await;
        match requested.map_err(of_request)? {
            TwoFactorRequest::App(uri) => Ok(Answer(Key {
                uri: Some(SecretText(uri.as_str().to_owned())),
            })),
            TwoFactorRequest::Sent(CodeSending::Sent) => Ok(Answer(Key { uri: None })),
            TwoFactorRequest::Sent(CodeSending::NotConfigured) => Err(Refusal::Said(
                "token_not_sent",
                "no webhook is configured that could send it",
            )),
            TwoFactorRequest::Sent(CodeSending::Failed) => Err(Refusal::Said(
                "token_not_sent",
                "the webhook did not take the token; try again",
            )),
            TwoFactorRequest::Sent(CodeSending::TooMany) => Err(Refusal::Said(
                "token_not_sent",
                "too many were sent; try again in a minute",
            )),
        }
    }

    /// Confirm a second factor
    ///
    /// With a code of it. Wrong ones are charged to the account, as everywhere.
    #[oai(path = "/confirm", method = "post", operation_id = "aidboxConfirmTwoFactor")]
    async fn confirm(
        &self,
        context: Data<&Context>,
        source: Source,
        caller: Owner,
        body: Strict<Code>,
    ) -> Result<Answer<Confirmed>, Refusal> {
        // What cannot be a code is as wrong as another, and no guess.
        let code = OneTimeCode::parse(&body.token.0).map_err(|_| WRONG_TOKEN)?;
        let two_factor = &context.app.aidbox.two_factor;
        let codes = two_factor.confirm(&caller.0, code, &source.origin).await;
        let codes = codes.map_err(of_confirmation)?;
        let shown = codes.iter().map(RecoveryCode::to_groups);
        Ok(Answer(Confirmed {
            recovery_codes: shown.map(|code| SecretText(code.to_string())).collect(),
        }))
    }
}
