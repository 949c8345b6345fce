//! The view models of the pages, and what several of them show. They are built by the handlers and hold only what is shown.

mod account;
mod device;
mod ending;
mod sign_in;
mod two_factor;

use domain::factor::FactorType;
use domain::time::Timestamp;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

pub use self::account::{
    ApplicationLine, ChangePasswordPage, ForgotPasswordPage, ResetPasswordPage, SessionLine, SettingsPage,
};
pub use self::device::{DeviceApprovalPage, DeviceDonePage, DevicePage};
pub use self::ending::{ApplicationLink, ErrorKind, ErrorPage, LoggedOutPage, LogoutPage};
pub use self::sign_in::{ConsentPage, EnrolPage, FactorPage, FactorPurpose, LoginPage, SentState, SentTo};
pub use self::two_factor::{
    AuthenticatorLine, DisableTwoFactorPage, EnableTwoFactorPage, NameAuthenticatorPage, NewRecoveryCodesPage,
    RecoveryCodesPage, TwoFactorPage,
};

use super::{FieldError, Href};
use crate::qr::{self, Correction, NoRoom};

/// A text field: what was typed, and what is wrong with it. Never for a secret, which is not sent back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Field {
    /// What stands in it.
    pub value: String,
    /// What is wrong.
    pub error: Option<FieldError>,
}

/// A hidden field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hidden {
    /// Its name.
    pub name: &'static str,
    /// What it carries.
    pub value: String,
}

/// The field `code` of a second factor; the hidden field `factor` beside it says which one.
#[derive(Debug, Clone, Serialize)]
pub struct CodeField {
    /// The factor that it takes.
    #[serde(serialize_with = "factor_name")]
    pub factor: FactorType,
    /// How many digits a code has, for TOTP and HOTP.
    pub digits: u32,
    /// What is wrong with what was typed.
    pub error: Option<FieldError>,
}

/// Another factor that can be used here.
#[derive(Debug, Clone, Serialize)]
pub struct FactorChoice {
    /// Which.
    #[serde(serialize_with = "factor_name")]
    pub factor: FactorType,
    /// The page that asks for it.
    pub href: Href,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn factor_name<S: Serializer>(factor: &FactorType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(factor.name())
}

/// An instant in a list. The script of the pages writes it in the reader's time and language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Default, Serialize)]
        struct Written {
            iso: String,
            text: String,
            day: String,
        }
        let date = OffsetDateTime::from_unix_timestamp(self.0.seconds()).ok();
        let readable = format_description!("[year]-[month]-[day], [hour]:[minute] UTC");
        let written = date.map(|date| Written {
            iso: date.format(&Rfc3339).unwrap_or_default(),
            text: date.format(readable).unwrap_or_default(),
            day: date.date().to_string(),
        });
        written.unwrap_or_default().serialize(serializer)
    }
}

/// A scope that an application asks for: in words if it is one that we know, else by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScopeLine {
    name: String,
    key: Option<&'static str>,
}

impl ScopeLine {
    /// Of a scope by its name.
    pub fn of(name: &str) -> Self {
        let key = match name {
            "openid" => Some("scope-openid"),
            "profile" => Some("scope-profile"),
            "email" => Some("scope-email"),
            "phone" => Some("scope-phone"),
            "address" => Some("scope-address"),
            "offline_access" => Some("scope-offline-access"),
            "account" => Some("scope-account"),
            "admin" => Some("scope-admin"),
            _ => None,
        };
        Self {
            name: name.to_owned(),
            key,
        }
    }
}

/// The key of a new authenticator app: shown once, so it can be neither printed nor copied by accident.
#[derive(Serialize)]
pub struct Setup<'a> {
    /// A `data:` URL of the QR code.
    picture: String,
    /// For a device that is the authenticator itself.
    app: Option<Href>,
    /// The secret in groups, for typing.
    secret: &'a str,
}

impl<'a> Setup<'a> {
    /// Of a key URI (`otpauth://…`) and its secret as it is typed, in groups. Fails if the URI does not fit into a QR code.
    pub fn new(uri: &str, secret: &'a str) -> Result<Self, SetupFault> {
        let svg = qr::svg(uri, Correction::Medium)?;
        Ok(Self {
            picture: data_url("image/svg+xml", svg.as_bytes()),
            app: Href::authenticator_app(uri),
            secret,
        })
    }
}

/// A key URI that is too long for a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key URI is too long for a QR code")]
pub struct SetupFault;

impl From<NoRoom> for SetupFault {
    fn from(_: NoRoom) -> Self {
        Self
    }
}

/// A file inside a page.
fn data_url(media_type: &str, content: &[u8]) -> String {
    use base64::Engine;
    let content = base64::engine::general_purpose::STANDARD.encode(content);
    format!("data:{media_type};base64,{content}")
}
