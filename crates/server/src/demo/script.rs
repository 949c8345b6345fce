//! The main job, step by step: register, be refused, log in in two steps and in one, use the token, revoke it.

use std::borrow::Cow;

use application::App;
use application::ports::entropy;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::one_time_code::{Digits, HashAlgorithm, OneTimeCode};
use domain::otp_secret::OtpSecret;
use domain::secret::SecretKey;
use domain::totp::Period;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::http::Call;
use super::narrator::Narrator;
use crate::commands::{Credentials, Failure, generate_password};

const USERNAME: &str = "alice";

/// Plays it. Returns the account that was registered.
pub(super) async fn play(narrator: &mut Narrator, app: &App) -> Result<Credentials, Failure> {
    let password = generate_password(app);

    narrator.step("Register. The answer shows the secret key, the second factor, this once.");
    let call = post(
        "/v1/users",
        json!({ "username": USERNAME, "password": password.as_str() }),
    );
    let registered = narrator.call(call, StatusCode::CREATED).await?;
    let secret_key = Zeroizing::new(narrator.field(&registered, "secret_key")?);

    narrator.step("The right password and a wrong secret key: refused, and nobody is told what was wrong.");
    let wrong = SecretKey::generate(&entropy::secret_bytes(app.core.ports.entropy.as_ref()));
    narrator
        .call(token(&password, Some(wrong.expose())), StatusCode::UNAUTHORIZED)
        .await?;

    narrator
        .step("The right password alone: no token, but an authentication session that waits for the second factor.");
    let waiting = narrator.call(token(&password, None), StatusCode::FORBIDDEN).await?;
    let auth_session = narrator.field(&waiting, "auth_session")?;

    narrator.step("The second factor completes it. An authentication session works once.");
    let call = post(
        "/v1/token",
        json!({ "auth_session": auth_session, "secret_key": secret_key.as_str() }),
    );
    narrator.call(call, StatusCode::OK).await?;

    narrator.step("Or everything in one call.");
    let granted = narrator
        .call(token(&password, Some(&secret_key)), StatusCode::OK)
        .await?;
    let access_token = narrator.field(&granted, "access_token")?;

    narrator.step("What the token says: who, for whom, proved by what (amr, acr), and when (auth_time).");
    let (header, claims) = decoded(&access_token).ok_or_else(|| Failure::new("the access token is not a JWT"))?;
    narrator.show_titled("header", &header);
    narrator.show_titled("claims", &claims);

    narrator.step("The resource, with the token.");
    narrator.call(resource(&access_token), StatusCode::OK).await?;

    let phone = enrol(narrator, app, &access_token).await?;

    narrator.step(
        "Log in with a code of it. Each code is good once, so this is the next one; amr and acr say what it was worth.",
    );
    let otp = phone.code(app, 1);
    let call = post(
        "/v1/token",
        json!({ "username": USERNAME, "password": password.as_str(), "otp": otp.as_str() }),
    );
    let granted = narrator.call(call.clone(), StatusCode::OK).await?;
    let access_token = narrator.field(&granted, "access_token")?;
    let (_, claims) = decoded(&access_token).ok_or_else(|| Failure::new("the access token is not a JWT"))?;
    narrator.show_titled("claims", &claims);

    narrator.step("The same code again: refused.");
    narrator.call(call, StatusCode::UNAUTHORIZED).await?;

    narrator.step("Revoke the token.");
    narrator
        .call(
            post("/v1/token/revoke", json!({ "token": access_token })),
            StatusCode::OK,
        )
        .await?;

    narrator.step("The resource, with the revoked token: refused.");
    narrator.call(resource(&access_token), StatusCode::UNAUTHORIZED).await?;

    Ok(Credentials {
        username: USERNAME.to_owned(),
        password,
        secret_key,
    })
}

/// An authenticator app of the demo's own.
struct Phone {
    secret: OtpSecret,
}

impl Phone {
    /// The code so many steps from now. The demo's service takes codes of the next step, so that nobody has to wait for it.
    fn code(&self, app: &App, steps: i64) -> Zeroizing<String> {
        let step = Period::Thirty.step(app.core.now()).later(steps);
        let code = OneTimeCode::compute(&self.secret, step, HashAlgorithm::Sha1, Digits::Six);
        Zeroizing::new(code.expose().to_owned())
    }
}

/// Enrols an authenticator app.
async fn enrol(narrator: &mut Narrator, app: &App, access_token: &str) -> Result<Phone, Failure> {
    narrator.step(
        "Enrol an authenticator app. A token that proves a second factor freshly may do that; nothing changes yet.",
    );
    let call = Call {
        bearer: Some(access_token.to_owned()),
        ..post("/v1/me/authenticators/totp", json!({ "name": "Phone" }))
    };
    let begun = narrator.call(call, StatusCode::CREATED).await?;
    let id = narrator.field(&begun, "id")?;
    let secret = Zeroizing::new(narrator.field(&begun, "secret")?);
    let secret = OtpSecret::parse(&secret).map_err(|fault| Failure::new(format!("the secret {fault}")))?;
    let phone = Phone { secret };

    narrator.step("Confirm it with its first code. The answer shows ten recovery codes, this once.");
    let call = Call {
        bearer: Some(access_token.to_owned()),
        ..post(
            format!("/v1/me/authenticators/{id}/confirm"),
            json!({ "otp": phone.code(app, 0).as_str() }),
        )
    };
    narrator.call(call, StatusCode::OK).await?;
    Ok(phone)
}

fn post(path: impl Into<Cow<'static, str>>, body: Value) -> Call {
    Call {
        method: Method::POST,
        path: path.into(),
        bearer: None,
        body: Some(body),
    }
}

fn token(password: &str, secret_key: Option<&str>) -> Call {
    let mut body = json!({ "username": USERNAME, "password": password });
    if let (Some(fields), Some(key)) = (body.as_object_mut(), secret_key) {
        fields.insert("secret_key".to_owned(), key.into());
    }
    post("/v1/token", body)
}

fn resource(token: &str) -> Call {
    Call {
        method: Method::GET,
        path: "/v1/resource".into(),
        bearer: Some(token.to_owned()),
        body: None,
    }
}

/// Header and claims of a JWT, not verified: this is for reading only.
fn decoded(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice(&bytes).ok()
    });
    Some((parts.next()??, parts.next()??))
}
