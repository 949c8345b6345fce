//! `/users`, what that service does and this one does not: addresses are not verified by mail, nobody logs in with Google, and
//! there are no passkeys. (There, the last two believe whatever is sent.) The calls read what they are sent and refuse it.

use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::types::ParseFromJSON;

use super::answer::Envelope;
use super::body::{AddressProof, CodeSent, GoogleToken, PasskeyFinish, PasskeyProof, PasskeyStart};
use super::form::{self, Posted};
use super::refusal::{AbsentReadRefusal, AbsentRefusal, Refusal};
use crate::api::Chapter;
use crate::json::Answer;
use crate::parameter::NamesOnce;

const NO_GOOGLE: &str = "Google login is not configured";
const NO_PASSKEYS: &str = "WebAuthn is not offered";

fn refuse<T: ParseFromJSON + 'static>(body: Posted<T>, method: &str, message: &str) -> AbsentRefusal {
    match body.read(method) {
        Ok(_) => Refusal::bad_request(message).into(),
        Err(refusal) => refusal.into(),
    }
}

/// Version 0.0.6, what is not there.
pub(crate) struct AbsentApi;

#[expect(clippy::unused_async, reason = "the framework awaits every operation")]
#[OpenApi(prefix_path = "/users", tag = "Chapter::Orion")]
impl AbsentApi {
    /// Verify an address: not offered
    ///
    /// No code is ever sent, so each one is wrong. Nothing changes.
    #[oai(path = "/validateEmail", method = "get", operation_id = "orionValidateEmail")]
    async fn validate_email(
        &self,
        _once: NamesOnce,
        /// The account's address.
        email: Query<Option<String>>,
        /// The code.
        code: Query<Option<String>>,
    ) -> Result<Answer<bool>, AbsentReadRefusal> {
        let fields =
            [("email", email.0), ("code", code.0)].map(|(name, value)| (name.to_owned(), value.unwrap_or_default()));
        let _: AddressProof = form::read("validateEmail", &fields)?;
        Err(Refusal::bad_request("Invalid e-mail or code").into())
    }

    /// Log in with Google: not offered
    #[oai(path = "/login/google", method = "post", operation_id = "orionLoginWithGoogle")]
    async fn google(&self, body: Posted<GoogleToken>) -> Result<Answer<Envelope>, AbsentRefusal> {
        Err(refuse(body, "loginWithGoogle", NO_GOOGLE))
    }

    /// Log in with Google and a code: not offered
    #[oai(
        path = "/login/google/2fa",
        method = "post",
        operation_id = "orionLoginWithGoogle2Fa"
    )]
    async fn google_with_code(&self, body: Posted<CodeSent>) -> Result<Answer<Envelope>, AbsentRefusal> {
        Err(refuse(body, "loginWithGoogle2FA", NO_GOOGLE))
    }

    /// Begin a passkey: not offered
    #[oai(
        path = "/webauthn/register/start",
        method = "post",
        operation_id = "orionStartWebAuthnRegistration"
    )]
    async fn start_registration(&self, body: Posted<PasskeyStart>) -> Result<Answer<bool>, AbsentRefusal> {
        Err(refuse(body, "startRegistration", NO_PASSKEYS))
    }

    /// Finish a passkey: not offered
    #[oai(
        path = "/webauthn/register/finish",
        method = "post",
        operation_id = "orionFinishWebAuthnRegistration"
    )]
    async fn finish_registration(&self, body: Posted<PasskeyFinish>) -> Result<Answer<bool>, AbsentRefusal> {
        Err(refuse(body, "finishRegistration", NO_PASSKEYS))
    }

    /// Begin a login with a passkey: not offered
    #[oai(
        path = "/webauthn/authenticate/start",
        method = "post",
        operation_id = "orionStartWebAuthnLogin"
    )]
    async fn start_login(&self, body: Posted<PasskeyStart>) -> Result<Answer<bool>, AbsentRefusal> {
        Err(refuse(body, "startAuthentication", NO_PASSKEYS))
    }

    /// Finish a login with a passkey: not offered
    #[oai(
        path = "/webauthn/authenticate/finish",
        method = "post",
        operation_id = "orionFinishWebAuthnLogin"
    )]
    async fn finish_login(&self, body: Posted<PasskeyProof>) -> Result<Answer<Envelope>, AbsentRefusal> {
        Err(refuse(body, "finishAuthentication", NO_PASSKEYS))
    }
}
