//! The forms.

use poem_openapi::Object;
use poem_openapi::types::Example;

use crate::json::{DisplayNameText, EmailText, SecretText};

const ADDRESS: &str = "orion@test.com";
const PASSWORD: &str = "correct horse battery staple";

fn address() -> EmailText {
    EmailText(ADDRESS.to_owned())
}

fn secret(text: &str) -> SecretText {
    SecretText(text.to_owned())
}

/// An account and its password.
#[derive(Object)]
#[oai(rename = "OrionCredentials", example, skip_serializing_if_is_none)]
pub(crate) struct Credentials {
    /// The account's address.
    pub email: EmailText,
    /// Its password.
    pub password: SecretText,
    /// A code of an authenticator; a secret key or a recovery code does as well. Our addition.
    pub code: Option<SecretText>,
}

impl Example for Credentials {
    fn example() -> Self {
        Self {
            email: address(),
            password: secret(PASSWORD),
            code: None,
        }
    }
}

/// An account and a code.
#[derive(Object)]
#[oai(rename = "OrionCode", example, skip_serializing_if_is_none)]
pub(crate) struct CodeSent {
    /// The account's address.
    pub email: EmailText,
    /// A code of an authenticator; a secret key or a recovery code does as well.
    pub code: SecretText,
    /// The password, if it was not proved within the last five minutes. Our addition.
    pub password: Option<SecretText>,
}

impl Example for CodeSent {
    fn example() -> Self {
        Self {
            email: address(),
            code: secret("123456"),
            password: None,
        }
    }
}

/// A new account.
#[derive(Object)]
#[oai(rename = "OrionRegistration", example, skip_serializing_if_is_none)]
pub(crate) struct Registration {
    /// What to call it on screens.
    pub name: DisplayNameText,
    /// Its address, which is its user name too.
    pub email: EmailText,
    /// 8 to 256 characters of any kind. It must not be common and must not contain the address.
    pub password: SecretText,
}

impl Example for Registration {
    fn example() -> Self {
        Self {
            name: DisplayNameText("Orion".to_owned()),
            email: address(),
            password: secret(PASSWORD),
        }
    }
}

/// An account.
#[derive(Object)]
#[oai(rename = "OrionAddress", example, skip_serializing_if_is_none)]
pub(crate) struct Address {
    /// Its address.
    pub email: EmailText,
}

impl Example for Address {
    fn example() -> Self {
        Self { email: address() }
    }
}

/// Whether a second factor is asked for.
#[derive(Object)]
#[oai(
    rename = "OrionSettings",
    rename_all = "camelCase",
    example,
    skip_serializing_if_is_none
)]
pub(crate) struct Settings {
    /// The account's address: that of the token.
    pub email: EmailText,
    /// Whether a login with a password needs a second factor. It always does.
    #[oai(rename = "require2FAForBasicLogin")]
    pub basic: Option<bool>,
    /// Whether a login with Google needs a second factor. There is no such login.
    #[oai(rename = "require2FAForSocialLogin")]
    pub social: Option<bool>,
}

impl Example for Settings {
    fn example() -> Self {
        Self {
            email: address(),
            basic: Some(true),
            social: Some(true),
        }
    }
}

/// A change of an account. What is not sent stays as it is.
#[derive(Object)]
#[oai(
    rename = "OrionUpdate",
    rename_all = "camelCase",
    example,
    skip_serializing_if_is_none
)]
pub(crate) struct Update {
    /// The account's address as it is now.
    pub email: EmailText,
    /// What to call it on screens.
    pub name: Option<DisplayNameText>,
    /// Its address from now on.
    pub new_email: Option<EmailText>,
    /// Its password as it is now; needed to change one's own.
    pub password: Option<SecretText>,
    /// Its password from now on.
    pub new_password: Option<SecretText>,
}

impl Example for Update {
    fn example() -> Self {
        Self {
            email: address(),
            name: Some(DisplayNameText("Orion the hunter".to_owned())),
            new_email: None,
            password: None,
            new_password: None,
        }
    }
}

/// What Google says of somebody.
#[derive(Object)]
#[oai(
    rename = "OrionGoogleToken",
    rename_all = "camelCase",
    example,
    skip_serializing_if_is_none
)]
pub(crate) struct GoogleToken {
    /// An ID token.
    pub id_token: SecretText,
}

impl Example for GoogleToken {
    fn example() -> Self {
        Self {
            id_token: secret("eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl"),
        }
    }
}

/// An account that wants a passkey.
#[derive(Object)]
#[oai(rename = "OrionPasskeyStart", example, skip_serializing_if_is_none)]
pub(crate) struct PasskeyStart {
    /// The account's address.
    pub email: EmailText,
    /// Where its owner is.
    pub origin: Option<String>,
}

impl Example for PasskeyStart {
    fn example() -> Self {
        Self {
            email: address(),
            origin: None,
        }
    }
}

/// A passkey.
#[derive(Object)]
#[oai(
    rename = "OrionPasskeyFinish",
    rename_all = "camelCase",
    example,
    skip_serializing_if_is_none
)]
pub(crate) struct PasskeyFinish {
    /// The account's address.
    pub email: EmailText,
    /// What the browser made.
    pub response: String,
    /// Where its owner is.
    pub origin: String,
    /// What to call it.
    pub device_name: Option<String>,
}

impl Example for PasskeyFinish {
    fn example() -> Self {
        Self {
            email: address(),
            response: "{}".to_owned(),
            origin: "http://localhost:8080".to_owned(),
            device_name: None,
        }
    }
}

/// What a passkey signed.
#[derive(Object)]
#[oai(rename = "OrionPasskeyProof", example, skip_serializing_if_is_none)]
pub(crate) struct PasskeyProof {
    /// The account's address.
    pub email: EmailText,
    /// What the browser made.
    pub response: String,
}

impl Example for PasskeyProof {
    fn example() -> Self {
        Self {
            email: address(),
            response: "{}".to_owned(),
        }
    }
}

/// What an address was sent to prove that it can be read.
#[derive(Object)]
#[oai(rename = "OrionAddressProof")]
pub(crate) struct AddressProof {
    /// The account's address.
    pub email: EmailText,
    /// The code.
    pub code: String,
}
