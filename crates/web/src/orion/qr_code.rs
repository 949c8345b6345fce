//! `qrCode`: beginning an authenticator for a password and, if there is one already, its code. Its secret is drawn once.

use std::sync::Arc;

use application::accounts::{BeginError, NewAuthenticator};
use application::core::OrionPolicy;
use application::sign_in::{LoginError, LoginName, OrionEnrolError, PasswordLogin};
use domain::authenticator::{AuthenticatorName, OtpParameters};
use domain::key_uri::{self, Label};
use domain::secret::Password;
use poem::http::StatusCode;

use super::answer::{Picture, cannot_draw};
use super::body::Credentials;
use super::form::{self, text_of};
use super::login::{NOT_FOUND, second_factor, terms};
use super::refusal::{Challenge, Refusal};
use crate::context::{Context, Source, to_its_end};
use crate::qr::{self, Correction};

/// The width and the height of the picture.
const SIZE: u32 = 400;
/// What authenticators are called that are begun here.
const NAME: &str = "Orion";
const SET_UP: &str = "2FA is already set up: send a current code to replace it";

/// Begins an authenticator, and draws its key URI. `issuer` picks what the app shows beside the address.
pub(super) async fn draw(
    context: &Context,
    source: &Source,
    sent: &Credentials,
    issuer: fn(&OrionPolicy) -> &str,
) -> Result<Picture, Refusal> {
    let refused = || Refusal::unauthorized(Challenge::Login, NOT_FOUND);
    let email = form::email(&sent.email)?;
    let password = Password::new(&sent.password.0).ok_or_else(refused)?;
    let second = text_of(sent.code.as_ref()).map(|code| second_factor(code).ok_or_else(refused));
    let login = PasswordLogin {
        name: LoginName::Email(email.clone()),
        password,
        second: second.transpose()?,
        terms: terms(source),
    };
    let new = NewAuthenticator {
        name: AuthenticatorName::from_stored(NAME.to_owned()),
        parameters: OtpParameters::TOTP,
        replaces: None,
    };
    let sign_in = Arc::clone(&context.app.sign_in);
    let begun = to_its_end(async move { sign_in.orion_enrolment(login, new).await }).await?;
    let begun = begun.map_err(|error| match error {
        OrionEnrolError::SecondFactorNeeded => Refusal::new(StatusCode::CONFLICT, SET_UP),
        OrionEnrolError::Login(LoginError::Refused | LoginError::InvalidScope) => refused(),
        OrionEnrolError::Login(error) => error.into(),
        OrionEnrolError::Begin(BeginError::Store(error)) => error.into(),
        OrionEnrolError::Begin(error) => Refusal::new(StatusCode::CONFLICT, error.to_string()),
    })?;
    let policy = context.app.core.policies.orion.as_ref();
    let label = Label {
        issuer: policy.map_or("", issuer),
        account: email.as_str(),
    };
    let uri = key_uri::write_for_orion(label, &begun.secret);
    qr::png(&uri, SIZE, Correction::Low)
        .map(Picture)
        .map_err(|qr::NoRoom| cannot_draw())
}
