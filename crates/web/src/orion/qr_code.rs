//! `qrCode`: beginning an authenticator for a password and, if there is one already, its code. Its secret is drawn once.

use std::sync::Arc;

use application::accounts::{BeginError, NewAuthenticator};
use application::sign_in::{LoginError, LoginName, OrionEnrolError, PasswordLogin};
use domain::authenticator::{AuthenticatorName, OtpParameters};
use domain::key_uri::{self, Label};
use domain::secret::Password;
use poem::http::StatusCode;

use super::answer::{Picture, cannot_draw};
use super::body::Credentials;
use super::form::{self, text_of};
use super::login::{NOT_FOUND, second_factor, terms, to_its_end};
use super::refusal::{Challenge, Refusal};
use crate::context::{Context, Source};

/// The width and the height of the picture.
const SIZE: u32 = 400;
/// What authenticators are called that are begun here.
const NAME: &str = "Orion";
const SET_UP: &str = "2FA is already set up: send a current code to replace it";

/// Begins an authenticator, and draws its key URI. `issuer` is what the app shows beside the address.
pub(super) async fn draw(
    context: &Context,
    source: &Source,
    sent: &Credentials,
    issuer: &str,
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
    let label = Label {
        issuer,
        account: email.as_str(),
    };
    let uri = key_uri::write_for_orion(label, &begun.secret);
    picture_of(&uri).map(Picture).ok_or_else(cannot_draw)
}

/// A picture of that size whatever the text: the modules are as large as whole pixels allow, and what is left over is margin,
/// which is at least four modules wide (ISO/IEC 18004).
fn picture_of(text: &str) -> Option<Vec<u8>> {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::L).ok()?;
    let width = code.width();
    let size = usize::try_from(SIZE).ok()?;
    let scale = size / (width + 8);
    if scale == 0 {
        return None;
    }
    let margin = (size - width * scale) / 2;
    let colors = code.into_colors();
    let module = |pixel: usize| {
        pixel
            .checked_sub(margin)
            .map(|place| place / scale)
            .filter(|place| *place < width)
    };
    let mut pixels = vec![u8::MAX; size * size];
    for (place, pixel) in pixels.iter_mut().enumerate() {
        let (x, y) = (module(place % size), module(place / size));
        if let (Some(x), Some(y)) = (x, y)
            && colors.get(y * width + x) == Some(&qrcode::Color::Dark)
        {
            *pixel = 0;
        }
    }
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, SIZE, SIZE);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().ok()?.write_image_data(&pixels).ok()?;
    Some(picture)
}
