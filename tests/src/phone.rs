//! An authenticator app, as its owner holds it: a secret, and codes of it.

use application::App;
use application::actor::Actor;
use application::admin::ImportedAuthenticator;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use domain::authenticator::{AuthenticatorName, OtpKind, OtpParameters};
use domain::id::UserId;
use domain::key_uri;
use domain::one_time_code::{OneTimeCode, Position};
use domain::otp_secret::OtpSecret;
use domain::session::Origin;
use domain::time::Timestamp;
use domain::totp::Period;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::person::Person;

/// An enrolled authenticator.
pub struct Phone {
    /// Its identity at the service; empty until that is known.
    pub id: String,
    secret: OtpSecret,
    parameters: OtpParameters,
}

impl Phone {
    /// Reads what a QR code says.
    pub fn scan(key_uri: &str) -> Self {
        let key = key_uri::parse(key_uri).unwrap_or_else(|fault| panic!("{key_uri} {fault}"));
        Self {
            id: String::new(),
            secret: key.secret,
            parameters: key.parameters,
        }
    }

    /// Gives an account an authenticator, as the operator does who brings it from another service.
    pub async fn import(app: &App, person: &Person, name: &str) -> Self {
        Self::import_as(app, person, name, OtpParameters::TOTP).await
    }

    /// As [`Phone::import`], with codes that are made so.
    pub async fn import_as(app: &App, person: &Person, name: &str, parameters: OtpParameters) -> Self {
        let mut random = Zeroizing::new(vec![0; parameters.algorithm.output_bytes()]);
        app.core.ports.entropy.fill(&mut random);
        let secret = || OtpSecret::from_bytes(random.clone());
        let new = ImportedAuthenticator {
            name: AuthenticatorName::new(name).unwrap(),
            parameters,
            position: Position::NONE,
            secret: secret(),
        };
        let user = UserId::parse(&person.id).unwrap();
        let origin = Origin::default();
        let import = app.import.authenticator(&Actor::Operator, user, new, &origin);
        let made = import.await.unwrap_or_else(|error| panic!("{error}"));
        Self {
            id: made.id.to_string(),
            secret: secret(),
            parameters,
        }
    }

    /// The code of this instant.
    pub fn code(&self, now: Timestamp) -> String {
        self.code_of_step(now, 0)
    }

    /// The code so many steps from this instant.
    pub fn code_of_step(&self, now: Timestamp, distance: i64) -> String {
        let period = match self.parameters.kind {
            OtpKind::Totp(period) => period,
            OtpKind::Hotp => Period::Thirty,
        };
        self.code_at(period.step(now).later(distance).number())
    }

    /// The code of a counter, or of a step.
    pub fn code_at(&self, position: i64) -> String {
        let OtpParameters { algorithm, digits, .. } = self.parameters;
        OneTimeCode::compute(&self.secret, Position::new(position), algorithm, digits)
            .expose()
            .to_owned()
    }

    /// A code that is right at no instant near this one.
    pub fn wrong_code(&self, now: Timestamp) -> String {
        let near: Vec<String> = (-12..=12).map(|distance| self.code_of_step(now, distance)).collect();
        let wrong = (0..1_000_000).map(|number| format!("{number:06}"));
        wrong.into_iter().find(|code| !near.contains(code)).unwrap()
    }

    /// The secret in the three forms in which it must be found nowhere: bytes, hexadecimal, Base32.
    pub fn secret_forms(&self) -> [Vec<u8>; 3] {
        let bytes = self.secret.expose();
        [
            bytes.to_vec(),
            HEXLOWER.encode(bytes).into_bytes(),
            BASE32_NOPAD.encode(bytes).into_bytes(),
        ]
    }
}

impl Person {
    /// The body of a login with a one-time code.
    pub fn with_otp(&self, otp: &str) -> Value {
        self.credentials_with(&json!({"secret_key": null, "otp": otp}))
    }
}
