//! The Orion profile: getting a QR code, and logging in with and without a password.

use std::time::Duration;

use application::core::{CodeOnly, Registration};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::authenticator::Authenticator;
use domain::email::Email;
use domain::key_uri::{self, Label};
use domain::one_time_code::{Digits, HashAlgorithm, OneTimeCode};
use domain::otp_secret::OtpSecret;
use domain::totp::Period;
use domain::user::Role;
use poem::http::Method;
use serde_json::{Value, json};

use crate::service::{Answer, Call, PASSWORD, Service, options};

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

fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The grey values of a picture, and its width.
fn pixels(picture: &[u8]) -> (Vec<u8>, usize) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (400, 400));
    let (channels, bits) = (info.color_type.samples(), info.bit_depth as usize);
    // Widened to one byte for each pixel, whatever the picture chose.
    let grey = (0..400 * 400).map(|place| {
        let (row, column) = (place / 400, place % 400);
        let bit = column * channels * bits;
        let byte = pixels[row * info.line_size + bit / 8];
        if bits >= 8 {
            byte
        } else {
            ((byte >> (8 - bits - bit % 8)) & ((1 << bits) - 1)) * u8::MAX
        }
    });
    (grey.collect(), 400)
}

/// Whether a picture shows this text as a QR code of level L with a margin of at least four modules.
fn shows(picture: &[u8], text: &str) -> bool {
    let (pixels, size) = pixels(picture);
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::L).unwrap();
    let (width, modules) = (code.width(), code.to_colors());
    let first = pixels.iter().position(|pixel| *pixel < 128).unwrap();
    let margin = first % size;
    assert_eq!(first / size, margin, "as far from the top as from the left");
    let scale = (size - 2 * margin) / width;
    assert!(margin >= 4 * scale, "{margin} {scale}");
    (0..width * width).all(|place| {
        let (row, column) = (place / width, place % width);
        let (y, x) = (margin + row * scale + scale / 2, margin + column * scale + scale / 2);
        (pixels[y * size + x] < 128) == (modules[place] == qrcode::Color::Dark)
    })
}

#[tokio::test]
async fn a_qr_code_is_a_picture_of_the_uri_that_its_clients_know() {
    let service = Service::orion().await;
    create(&service, EMAIL).await;
    for (base, issuer) in BASES.into_iter().zip(["Orion User Service", "orion-users"]) {
        let call = Call::form(&format!("{base}{QR_CODE}"), &[("email", EMAIL), ("password", PASSWORD)]);
        let answer = service
            .call(call.header("accept", "*/*").header("user-agent", "Thunder Client"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "image/png");
        assert_eq!(answer.header("cache-control"), "no-store");
        let all = authenticators(&service, EMAIL).await;
        assert_eq!(
            all.len(),
            1,
            "a new one takes the place of one that was never confirmed"
        );
        let (authenticator, secret) = &all[0];
        assert!(!authenticator.is_active());
        assert_eq!(secret.expose().len(), 20);
        let label = Label { issuer, account: EMAIL };
        let uri = key_uri::write_for_orion(label, secret);
        assert!(shows(&answer.bytes, &uri), "{base}");
    }
}

#[tokio::test]
async fn the_two_calls_of_the_page_end_in_a_token() {
    let service = Service::orion().await;
    let hash = create(&service, EMAIL).await;
    let qr = send(
        &service,
        "/api/users/google/2FAuth/qrCode",
        &[("email", EMAIL), ("password", PASSWORD)],
    )
    .await;
    assert_eq!(qr.status, 200);
    let code = code(&service, EMAIL).await;
    let fields = [("email", EMAIL), ("code", code.as_str())];
    let answer = send(&service, "/api/users/google/2FAuth/validate", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/plain");
    assert_eq!(answer.header("cache-control"), "no-store");
    let header = part(&answer.text, 0);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    let claims = part(&answer.text, 1);
    let mut names: Vec<&String> = claims.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "acr",
            "amr",
            "auth_time",
            "c_hash",
            "email",
            "exp",
            "groups",
            "iat",
            "iss",
            "jti",
            "sid",
            "upn"
        ]
    );
    assert_eq!(claims["iss"], "orion-users");
    assert_eq!((&claims["upn"], &claims["email"]), (&json!(EMAIL), &json!(EMAIL)));
    assert_eq!(claims["groups"], json!(["user"]));
    assert_eq!(claims["c_hash"], json!(hash));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    assert_eq!(claims["amr"], json!(["pwd", "otp"]));
    let keys = service
        .call(Call::new(Method::GET, "/.well-known/jwks.json"))
        .await
        .json();
    let keys = keys["keys"].as_array().unwrap().clone();
    assert!(
        keys.iter()
            .any(|key| key["kid"] == header["kid"] && key["kty"] == "RSA"),
        "{header}"
    );
    assert!(authenticators(&service, EMAIL).await[0].0.is_active());
}

#[tokio::test]
async fn a_code_without_a_proved_password_opens_nothing() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    for (base, message) in BASES.into_iter().zip(["Credentials not found", "Invalid TOTP code"]) {
        let path = format!("{base}{VALIDATE}");
        let right = code(&service, EMAIL).await;
        let answer = send(&service, &path, &[("email", EMAIL), ("code", &right)]).await;
        assert_violation(&answer, 401, message);

        let open = send(&service, "/users/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
        let expected = json!({ "authentication": null, "requires2FA": true, "message": "2FA code required" });
        assert_eq!((open.status.as_u16(), open.json()), (200, expected));
        service.clock.advance(Duration::from_mins(5));
        let right = code(&service, EMAIL).await;
        let answer = send(&service, &path, &[("email", EMAIL), ("code", &right)]).await;
        assert_violation(&answer, 401, message);

        send(&service, "/users/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
        service.clock.advance(Duration::from_secs(299));
        let right = code(&service, EMAIL).await;
        let answer = send(&service, &path, &[("email", EMAIL), ("code", &right)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        service.clock.advance(STEP);
        let next = code(&service, EMAIL).await;
        let answer = send(&service, &path, &[("email", EMAIL), ("code", &next)]).await;
        assert_violation(&answer, 401, message);
        service.clock.advance(STEP);
    }
}

#[tokio::test]
async fn a_password_that_comes_along_is_as_good_as_one_before() {
    let service = Service::orion().await;
    create(&service, EMAIL).await;
    for base in BASES {
        send(
            &service,
            &format!("{base}{QR_CODE}"),
            &[("email", EMAIL), ("password", PASSWORD)],
        )
        .await;
    }
    service.clock.advance(Duration::from_mins(6));
    let first = code(&service, EMAIL).await;
    let fields = [("email", EMAIL), ("code", first.as_str()), ("password", PASSWORD)];
    let confirming = send(&service, "/users/google/2FAuth/validate", &fields).await;
    assert_eq!(
        confirming.status, 200,
        "the first code, after the window: {}",
        confirming.text
    );
    for path in ["/api/users/google/2FAuth/validate", "/users/login/2fa"] {
        service.clock.advance(STEP);
        let right = code(&service, EMAIL).await;
        let wrong = [
            ("email", EMAIL),
            ("code", right.as_str()),
            ("password", "not this one at all"),
        ];
        assert_eq!(send(&service, path, &wrong).await.status, 401, "{path}");
        let fields = [("email", EMAIL), ("code", right.as_str()), ("password", PASSWORD)];
        assert_eq!(send(&service, path, &fields).await.status, 200, "{path}");
        assert_eq!(send(&service, path, &fields).await.status, 401, "a code is good once");
    }
    for path in ["/api/users/authenticate", "/users/authenticate"] {
        service.clock.advance(STEP);
        let right = code(&service, EMAIL).await;
        let without = send(&service, path, &[("email", EMAIL), ("password", PASSWORD)]).await;
        assert_violation(&without, 401, "2FA code required");
        let with = [("email", EMAIL), ("password", PASSWORD), ("code", right.as_str())];
        let answer = send(&service, path, &with).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "text/plain")
        );
        assert_eq!(answer.text.split('.').count(), 3);
    }
}

#[tokio::test]
async fn replacing_an_authenticator_takes_its_code_and_it_lives_until_then() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    let old = authenticators(&service, EMAIL).await.remove(0).1;
    for base in BASES {
        let path = format!("{base}{QR_CODE}");
        let without = send(&service, &path, &[("email", EMAIL), ("password", PASSWORD)]).await;
        assert_violation(
            &without,
            409,
            "2FA is already set up: send a current code to replace it",
        );
        let wrong = wrong_code(&service, EMAIL).await;
        for code in [wrong.as_str(), "123", "letters"] {
            let fields = [("email", EMAIL), ("password", PASSWORD), ("code", code)];
            assert_violation(&send(&service, &path, &fields).await, 401, "Credentials not found");
        }
        assert_eq!(authenticators(&service, EMAIL).await.len(), 1);
    }
    let current = code_of(&service, &old);
    let fields = [("email", EMAIL), ("password", PASSWORD), ("code", current.as_str())];
    assert_eq!(send(&service, "/users/google/2FAuth/qrCode", &fields).await.status, 200);
    service.clock.advance(STEP);
    let fields = |code: &str| {
        [
            ("email", EMAIL.to_owned()),
            ("password", PASSWORD.to_owned()),
            ("code", code.to_owned()),
        ]
    };
    let login = async |code: &str| {
        let fields = fields(code);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(&service, "/users/login", &fields).await.status.as_u16()
    };
    assert_eq!(
        login(&code_of(&service, &old)).await,
        200,
        "the old one works until the new one is confirmed"
    );
    service.clock.advance(STEP);
    let all = authenticators(&service, EMAIL).await;
    assert_eq!(all.len(), 2);
    let (_, new) = all.iter().find(|(one, _)| !one.is_active()).unwrap();
    assert_eq!(login(&code_of(&service, new)).await, 200);
    service.clock.advance(STEP);
    assert_eq!(authenticators(&service, EMAIL).await.len(), 1);
    assert_eq!(login(&code_of(&service, &old)).await, 401, "and no longer");
}

#[tokio::test]
async fn a_code_alone_is_enough_only_where_the_operator_says_so() {
    for (code_only, status) in [(CodeOnly::Allowed, 200), (CodeOnly::Refused, 401)] {
        let service = Service::orion_with(code_only, Registration::Open, options()).await;
        enrolled(&service, EMAIL).await;
        let right = code(&service, EMAIL).await;
        let fields = [("email", EMAIL), ("code", right.as_str())];
        let answer = send(&service, "/api/users/google/2FAuth/validate", &fields).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        if status == 200 {
            let claims = part(&answer.text, 1);
            assert_eq!(claims["amr"], json!(["otp"]));
            assert_eq!(claims["acr"], "urn:countersign:acr:otp");
            let again = send(&service, "/api/users/google/2FAuth/validate", &fields).await;
            assert_violation(&again, 401, "Credentials not found");
            // It proves too little to change what the account is found by.
            let change = [("email", EMAIL), ("newEmail", "thief@test.com")];
            let call = Call::form_by(Method::PUT, "/users/update", &change).bearer(&answer.text);
            assert_violation(&service.call(call).await, 401, "Log in again with a 2FA code");
        }
    }
}

#[tokio::test]
async fn a_code_alone_confirms_nothing() {
    let service = Service::orion_with(CodeOnly::Allowed, Registration::Open, options()).await;
    create(&service, EMAIL).await;
    send(
        &service,
        "/users/google/2FAuth/qrCode",
        &[("email", EMAIL), ("password", PASSWORD)],
    )
    .await;
    service.clock.advance(Duration::from_mins(6));
    let right = code(&service, EMAIL).await;
    let fields = [("email", EMAIL), ("code", right.as_str())];
    let answer = send(&service, "/users/google/2FAuth/validate", &fields).await;
    assert_violation(&answer, 401, "Invalid TOTP code");
}

#[tokio::test]
async fn other_second_factors_do_as_well() {
    let service = Service::orion().await;
    let body = json!({ "username": "machine", "password": PASSWORD, "email": "machine@test.com" });
    let key = service.post("/v1/users", &body).await.json();
    let key = key["secret_key"].as_str().unwrap().to_owned();
    let fields = [
        ("email", "machine@test.com"),
        ("password", PASSWORD),
        ("code", key.as_str()),
    ];
    let answer = send(&service, "/users/login", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["authentication"]["user"]["using2FA"], false);
    assert_eq!(answer.json()["authentication"]["user"]["name"], "machine");
    let token = answer.json()["authentication"]["token"].as_str().unwrap().to_owned();
    assert_eq!(part(&token, 1)["amr"], json!(["pwd", "secret_key"]));
    // With it, an authenticator can be enrolled; without it, not.
    let path = "/users/google/2FAuth/qrCode";
    assert_eq!(send(&service, path, &fields[..2]).await.status, 409);
    assert_eq!(send(&service, path, &fields).await.status, 200);
}

#[tokio::test]
async fn tokens_of_one_kind_are_none_of_the_other() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    let orion = token(&service, EMAIL).await;
    service
        .get("/v1/resource", &orion)
        .await
        .assert_problem(401, "invalid_token");
    service.get("/v1/me", &orion).await.assert_problem(401, "invalid_token");
    let access = service.token("root", Role::Admin).await;
    for call in [
        Call::new(Method::GET, "/users/list"),
        Call::form("/users/2fa/settings", &[("email", EMAIL)]),
        Call::form_by(Method::PUT, "/users/update", &[("email", EMAIL)]),
    ] {
        let answer = service.call(call.bearer(&access)).await;
        assert_violation(&answer, 401, "The token is not accepted");
        assert!(answer.header("www-authenticate").contains(r#"error="invalid_token""#));
    }
}

#[tokio::test]
async fn a_token_ends_with_its_session() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    let settings = |token: &str| Call::form("/users/2fa/settings", &[("email", EMAIL)]).bearer(token);
    let token = token(&service, EMAIL).await;
    assert_eq!(service.call(settings(&token)).await.status, 200);
    service.clock.advance(Duration::from_mins(6));
    assert_violation(&service.call(settings(&token)).await, 401, "The token is not accepted");
}
