//! What the tests of second factors share: an authenticator app, and requests in one line.

use crate::service::{Answer, Call, PASSWORD, Service};
use application::core::FirstFactor;
use application::ports::Clock as _;
use domain::authenticator::OtpKind;
use domain::key_uri;
use domain::one_time_code::OneTimeCode;
use domain::user::Role;
use poem::http::Method;
use serde_json::{Value, json};

/// An identifier that nothing has.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

pub async fn send(service: &Service, method: Method, path: &str, token: &str, body: &Value) -> Answer {
    let call = Call::new(method, path).bearer(token);
    let call = if body.is_null() {
        call
    } else {
        call.json(&body.to_string())
    };
    service.call(call).await
}

pub async fn post(service: &Service, path: &str, token: &str, body: &Value) -> Answer {
    send(service, Method::POST, path, token, body).await
}

pub async fn delete(service: &Service, path: &str, token: &str) -> Answer {
    send(service, Method::DELETE, path, token, &Value::Null).await
}

/// The code that an authenticator shows which was fed with this key URI; of a counter-based one, after `presses` others.
pub fn code_of(service: &Service, uri: &str, presses: i64) -> String {
    let key = key_uri::parse(uri).unwrap_or_else(|fault| panic!("{fault}: {uri}"));
    let position = match key.parameters.kind {
        OtpKind::Totp(period) => period.step(service.clock.now()),
        OtpKind::Hotp => key.position.later(1 + presses),
    };
    let code = OneTimeCode::compute(&key.secret, position, key.parameters.algorithm, key.parameters.digits);
    code.expose().to_owned()
}

/// The code of an authenticator that was begun.
pub fn code(service: &Service, begun: &Value) -> String {
    code_of(service, begun["otpauth_uri"].as_str().unwrap(), 0)
}

/// A code that the authenticator does not show at this time, nor one step before or after.
pub fn wrong(service: &Service, begun: &Value) -> String {
    let right: u32 = code(service, begun).parse().unwrap();
    // Of two others at least one is not that of a neighbouring step, and a test that meets one in a million may say so.
    format!("{:06}", (right + 500_000) % 1_000_000)
}

/// Begins an authenticator.
pub async fn begin(service: &Service, token: &str, name: &str) -> Value {
    let answer = post(service, "/v1/me/authenticators/totp", token, &json!({ "name": name })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

/// Confirms it.
pub async fn confirm(service: &Service, token: &str, begun: &Value) -> Answer {
    let path = format!("/v1/me/authenticators/{}/confirm", begun["id"].as_str().unwrap());
    post(service, &path, token, &json!({ "otp": code(service, begun) })).await
}

/// Lets an authenticator come to its next code.
pub fn next_step(service: &Service) {
    service.clock.advance(std::time::Duration::from_secs(30));
}

/// An account with an authenticator: its name, what was begun, its recovery codes, its secret key, and a token.
pub struct Enrolled {
    pub begun: Value,
    pub recovery_codes: Vec<String>,
    pub secret_key: String,
    pub token: String,
}

/// Makes an account, gives it an authenticator, and logs it in with a code.
pub async fn enrolled(service: &Service, username: &str, role: Role) -> Enrolled {
    let secret_key = service.account(username, role).await;
    let login = json!({ "username": username, "password": PASSWORD, "secret_key": secret_key });
    let answer = service.post("/v1/token", &login).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let begun = begin(service, token, "Phone").await;
    let confirmed = confirm(service, token, &begun).await.json();
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    next_step(service);
    let token = login_with_code(service, username, &begun).await;
    next_step(service);
    Enrolled {
        recovery_codes: codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect(),
        begun,
        secret_key,
        token,
    }
}

/// Logs in with a code; returns the access token.
pub async fn login_with_code(service: &Service, username: &str, begun: &Value) -> String {
    let body = json!({ "username": username, "password": PASSWORD, "otp": code(service, begun) });
    let answer = service.post("/v1/token", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// Makes an account that has no second factor; returns the `auth_session` of its login.
pub async fn open_enrolment(service: &Service, username: &str) -> String {
    service.make(username, Role::User, Some(FirstFactor::Enrolment)).await;
    let body = json!({ "username": username, "password": PASSWORD });
    let answer = service.post("/v1/token", &body).await;
    answer.assert_problem(403, "enrolment_required");
    answer.json()["auth_session"].as_str().unwrap().to_owned()
}

/// That neither the secret of an authenticator nor its key URI is in an answer.
#[track_caller]
pub fn assert_no_secret(answer: &Answer, begun: &Value) {
    let grouped = begun["secret"].as_str().unwrap();
    for secret in [grouped, &grouped.replace(' ', ""), "otpauth"] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
    assert_eq!(answer.header("cache-control"), "no-store");
}
