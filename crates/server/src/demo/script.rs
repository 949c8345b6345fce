//! The main job, step by step: register, be refused, log in in two steps and in one, use the token, revoke it.

use application::App;
use application::ports::entropy;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::secret::SecretKey;
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

fn post(path: &'static str, body: Value) -> Call {
    Call {
        method: Method::POST,
        path,
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
        path: "/v1/resource",
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
