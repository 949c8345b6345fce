//! `/users`, logging in: version 0.0.6. Nearly every login answers an envelope.

use poem::web::Data;
use poem_openapi::OpenApi;

use super::answer::{Envelope, Picture, TokenText};
use super::body::{CodeSent, Credentials};
use super::form::{Posted, text_of};
use super::login::{CODE_NEEDED, ENROLMENT_NEEDED, NOT_FOUND, Outcome, Sent};
use super::refusal::{Challenge, LoginRefusal, QrCodeRefusal, Refusal};
use super::{first, qr_code};
use crate::api::Chapter;
use crate::context::{Context, Source};
use crate::json::Answer;

/// What a login is refused with where only a code is sent.
const INVALID_CODE: &str = "Invalid TOTP code";

impl<'a> From<&'a Credentials> for Sent<'a> {
    fn from(form: &'a Credentials) -> Self {
        Self {
            email: &form.email,
            password: Some(&form.password.0),
            code: text_of(form.code.as_ref()),
        }
    }
}

impl<'a> From<&'a CodeSent> for Sent<'a> {
    fn from(form: &'a CodeSent) -> Self {
        Self {
            email: &form.email,
            password: text_of(form.password.as_ref()),
            code: Some(&form.code.0),
        }
    }
}

/// The envelope of what a login came to.
pub(super) async fn envelope(context: &Context, outcome: Outcome, refused: &str) -> Result<Envelope, Refusal> {
    match outcome {
        Outcome::Granted(issued) => Envelope::of(context, *issued).await,
        Outcome::CodeNeeded => Ok(Envelope::awaiting(CODE_NEEDED)),
        Outcome::EnrolmentNeeded => Ok(Envelope::awaiting(ENROLMENT_NEEDED)),
        Outcome::Refused => Err(Refusal::unauthorized(Challenge::Login, refused)),
    }
}

async fn with_code(
    context: &Context,
    source: &Source,
    body: Posted<CodeSent>,
    method: &str,
) -> Result<Answer<Envelope>, LoginRefusal> {
    let form = body.read(method)?;
    let outcome = Sent::from(&form).log_in(context, source).await?;
    Ok(Answer(envelope(context, outcome, INVALID_CODE).await?))
}

/// Version 0.0.6, logging in.
pub(crate) struct SignInApi;

#[OpenApi(prefix_path = "/users", tag = "Chapter::Orion")]
impl SignInApi {
    /// Log in with a password and a code, for the token as text
    ///
    /// Without `code`, a right password is answered with status 401 and `2FA code required`, and opens the five minutes for
    /// `login/2fa`.
    #[oai(path = "/authenticate", method = "post", operation_id = "orionAuthenticate")]
    async fn authenticate(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Credentials>,
    ) -> Result<TokenText, LoginRefusal> {
        let form = body.read("authenticate")?;
        Ok(first::token(Sent::from(&form).log_in(&context, &source).await?)?)
    }

    /// Log in with a password
    ///
    /// Without `code`, a right password is answered with `requires2FA`, and opens the five minutes for `login/2fa`.
    #[oai(path = "/login", method = "post", operation_id = "orionLogin")]
    async fn login(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Credentials>,
    ) -> Result<Answer<Envelope>, LoginRefusal> {
        let form = body.read("login")?;
        let outcome = Sent::from(&form).log_in(&context, &source).await?;
        Ok(Answer(envelope(&context, outcome, NOT_FOUND).await?))
    }

    /// Log in with a code
    ///
    /// The account's password must have been proved within the last five minutes, by `login`, `authenticate` or `qrCode`, or
    /// come along.
    #[oai(path = "/login/2fa", method = "post", operation_id = "orionLoginWith2Fa")]
    async fn login_with_code(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<CodeSent>,
    ) -> Result<Answer<Envelope>, LoginRefusal> {
        with_code(&context, &source, body, "loginWith2FA").await
    }

    /// Get a QR code
    ///
    /// Begins an authenticator and draws its key URI: 400 by 400 pixels, with a new secret each time. Nothing changes until
    /// `validate` or `login/2fa` gets a code of it. An account that has a second factor must send that as `code`.
    #[oai(
        path = "/google/2FAuth/qrCode",
        method = "post",
        operation_id = "orionGenerateQrCode"
    )]
    async fn qr_code(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<Credentials>,
    ) -> Result<Picture, QrCodeRefusal> {
        let sent = body.read("generateQRCode")?;
        Ok(qr_code::draw(&context, &source, &sent, |policy| &policy.issuer).await?)
    }

    /// Confirm an authenticator, or log in with a code
    ///
    /// The same as `login/2fa`. The first code of an authenticator that `qrCode` began confirms it.
    #[oai(
        path = "/google/2FAuth/validate",
        method = "post",
        operation_id = "orionValidateCode"
    )]
    async fn validate(
        &self,
        context: Data<&Context>,
        source: Source,
        body: Posted<CodeSent>,
    ) -> Result<Answer<Envelope>, LoginRefusal> {
        with_code(&context, &source, body, "validateCode").await
    }
}
