//! The Orion profile: what its tests share.

mod accounts;
mod administration;
mod enrolment;
mod login;
mod shapes;
mod uniform;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::authenticator::Authenticator;
use domain::email::Email;
use domain::one_time_code::{Digits, HashAlgorithm, OneTimeCode};
use domain::otp_secret::OtpSecret;
use domain::totp::Period;
use serde_json::{Value, json};

use crate::service::{Answer, Call, PASSWORD, Service};

pub const EMAIL: &str = "orion@test.com";
pub const QR_CODE: &str = "/google/2FAuth/qrCode";
pub const VALIDATE: &str = "/google/2FAuth/validate";
pub const BASES: [&str; 2] = ["/api/users", "/users"];
pub const STEP: Duration = Duration::from_secs(30);

pub async fn send(service: &Service, path: &str, fields: &[(&str, &str)]) -> Answer {
    service.call(Call::form(path, fields)).await
}

/// Makes an account at the profile; returns its identity.
pub async fn create(service: &Service, email: &str) -> String {
    let fields = [("name", "Orion"), ("email", email), ("password", PASSWORD)];
    let answer = send(service, "/users/create", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["hash"].as_str().unwrap().to_owned()
}

/// The authenticators of an account, oldest first, with their secrets.
pub async fn authenticators(service: &Service, email: &str) -> Vec<(Authenticator, OtpSecret)> {
    let ports = &service.app.core.ports;
    let mut tx = ports.store.read().await.unwrap();
    let user = tx
        .users()
        .find_by_email(&Email::new(email).unwrap())
        .await
        .unwrap()
        .unwrap();
    let found = tx.authenticators().of_user(user.id).await.unwrap();
    let open = |one: Authenticator| {
        let identity = Authenticator::seal_identity(user.id, one.id);
        let secret = ports.sealer.open(&one.secret, &identity).unwrap();
        (one, OtpSecret::from_bytes(secret))
    };
    found.into_iter().map(open).collect()
}

/// The code of a secret at this moment.
pub fn code_of(service: &Service, secret: &OtpSecret) -> String {
    let step = Period::Thirty.step(service.app.core.now());
    OneTimeCode::compute(secret, step, HashAlgorithm::Sha1, Digits::Six)
        .expose()
        .to_owned()
}

/// The code of the newest authenticator, confirmed or not.
pub async fn code(service: &Service, email: &str) -> String {
    let all = authenticators(service, email).await;
    code_of(service, &all.last().unwrap().1)
}

/// A code that is none of the next ones.
pub async fn wrong_code(service: &Service, email: &str) -> String {
    let right = code(service, email).await;
    let digit = if right.starts_with('1') { '2' } else { '1' };
    format!("{digit}{}", &right[1..])
}

/// Makes an account, enrols an authenticator, and lets its step pass.
pub async fn enrolled(service: &Service, email: &str) -> String {
    let hash = create(service, email).await;
    let qr = send(
        service,
        "/users/google/2FAuth/qrCode",
        &[("email", email), ("password", PASSWORD)],
    )
    .await;
    assert_eq!(qr.status, 200, "{}", qr.text);
    let code = code(service, email).await;
    let answer = send(
        service,
        "/users/google/2FAuth/validate",
        &[("email", email), ("code", &code)],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    service.clock.advance(STEP);
    hash
}

/// Logs in with both factors; returns the token.
pub async fn token(service: &Service, email: &str) -> String {
    let code = code(service, email).await;
    let fields = [("email", email), ("password", PASSWORD), ("code", &code)];
    let answer = send(service, "/users/login", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    service.clock.advance(STEP);
    answer.json()["authentication"]["token"].as_str().unwrap().to_owned()
}

#[track_caller]
pub fn assert_violation(answer: &Answer, status: u16, message: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.text,
        json!({ "violations": [{ "message": message }] }).to_string()
    );
    assert_eq!(answer.header("validation-exception"), "");
    if status == 401 {
        assert!(
            answer
                .header("www-authenticate")
                .starts_with(r#"Bearer realm="countersign""#)
        );
    }
}

/// A part of a token, read.
pub fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
