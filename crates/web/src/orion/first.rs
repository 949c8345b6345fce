//! `/api/users`: version 0.0.3. A login answers the token as text, and whatever is wrong is one refusal.

use poem::web::Data;
use poem_openapi::OpenApi;

use super::account;
use super::answer::{OrionUser, Picture, TokenText};
use super::body::{CodeSent, Credentials, Registration};
use super::form::Posted;
use super::login::{CODE_NEEDED, ENROLMENT_NEEDED, NOT_FOUND, Outcome, Sent};
use super::qr_code;
use super::refusal::{Challenge, CreateRefusal, LoginRefusal, QrCodeRefusal, Refusal};
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::Answer;

/// The token, or what is missing.
pub(super) fn token(outcome: Outcome) -> Result<TokenText, Refusal> {
    let missing = match outcome {
        Outcome::Granted(issued) => return Ok(TokenText(issued.access_token)),
        Outcome::CodeNeeded => CODE_NEEDED,
        Outcome::EnrolmentNeeded => ENROLMENT_NEEDED,
        Outcome::Refused => NOT_FOUND,
    };
    Err(Refusal::unauthorized(Challenge::Login, missing))
}

/// Version 0.0.3.
pub(crate) struct FirstApi;

#[OpenApi(prefix_path = "/api/users", tag = "Chapter::Orion")]
impl FirstApi {
    /// Get a QR code (0.0.3)
    ///
    /// Begins an authenticator and draws its key URI: 400 by 400 pixels, with a new secret each time. Nothing changes until
    /// `validate` gets a code of it. An account that has a second factor must send that as `code`.
    #[oai(
        path = "/google/2FAuth/qrCode",
        method = "post",
        operation_id = "orionFirstGenerateQrCode"
    )]
    async fn qr_code(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Credentials>,
    ) -> Result<Picture, QrCodeRefusal> {
        let sent = body.read("generateQRCode")?;
        Ok(qr_code::draw(&context, &source, &sent, |policy| &policy.totp_issuer).await?)
    }

    /// Log in with a code (0.0.3)
    ///
    /// The account's password must have been proved within the last five minutes, by `qrCode` or `authenticate`, or come
    /// along. The first code of an authenticator that `qrCode` began confirms it.
    #[oai(
        path = "/google/2FAuth/validate",
        method = "post",
        operation_id = "orionFirstValidateCode"
    )]
    async fn validate(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<CodeSent>,
    ) -> Result<TokenText, LoginRefusal> {
        let form = body.read("validateCode")?;
        Ok(token(Sent::from(&form).log_in(&context, &source).await?)?)
    }

    /// Make an account (0.0.3)
    #[oai(path = "/create", method = "post", operation_id = "orionFirstCreate")]
    async fn create(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Registration>,
    ) -> Result<Answer<OrionUser>, CreateRefusal> {
        Ok(Answer(account::create(&context, &source, body, "create").await?.user))
    }

    /// Log in with a password and a code (0.0.3)
    ///
    /// Without `code`, a right password is answered with status 401 and `2FA code required`, and opens the five minutes for
    /// `validate`.
    #[oai(path = "/authenticate", method = "post", operation_id = "orionFirstAuthenticate")]
    async fn authenticate(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Credentials>,
    ) -> Result<TokenText, LoginRefusal> {
        let form = body.read("authenticate")?;
        Ok(token(Sent::from(&form).log_in(&context, &source).await?)?)
    }
}
