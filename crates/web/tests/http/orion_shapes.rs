//! The Orion profile: refusals and reports, and where the profile is not.

use poem::http::Method;
use serde_json::{Value, json};

use crate::orion::{BASES, EMAIL, QR_CODE, VALIDATE, assert_violation, code, create, enrolled, send, wrong_code};
use crate::service::{Answer, Call, PASSWORD, Service, options, rate_limit};

fn operations() -> Vec<(Method, String, Value)> {
    let document: Value = serde_json::from_str(&web::document()).unwrap();
    let mut found = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if operation["tags"] == json!(["Orion"]) {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                found.push((method, path.clone(), operation.clone()));
            }
        }
    }
    assert_eq!(found.len(), 24, "4 of the first version, and those of the second");
    found
}

#[tokio::test]
async fn where_it_is_switched_off_there_is_nothing() {
    let limited = web::Options {
        rate_limit: Some(rate_limit(1, 1)),
        ..options()
    };
    let service = Service::start(application::core::Registration::Open, limited).await;
    for (method, path, _) in operations() {
        for method in [method, Method::DELETE, Method::OPTIONS] {
            let answer = service.call(Call::form_by(method, &path, &[("email", EMAIL)])).await;
            answer.assert_problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn every_operation_says_where_it_is_and_is_there() {
    let service = Service::orion().await;
    for (method, path, operation) in operations() {
        let description = operation["description"].as_str().unwrap();
        assert!(description.ends_with("Only where `compat.orion` is enabled."), "{path}");
        let answer = service.call(Call::form_by(method.clone(), &path, &[])).await;
        assert!(
            [400, 401].contains(&answer.status.as_u16()),
            "{method} {path}: {}",
            answer.text
        );
        if operation["security"] == json!([{ "orion": [] }]) {
            assert_violation(&answer, 401, "A token is required");
            let wrong = Call::form_by(method, &path, &[]).bearer("abc");
            assert_violation(&service.call(wrong).await, 401, "The token is not accepted");
        } else {
            assert_report(&answer);
        }
    }
}

#[track_caller]
fn assert_report(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.header("validation-exception"), "true");
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(
        answer
            .text
            .starts_with(r#"{"title":"Constraint Violation","status":400,"violations":[{"field":""#),
        "{}",
        answer.text
    );
}

fn violations(answer: &Answer) -> Vec<(String, String)> {
    let json = answer.json();
    let list = json["violations"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter()
        .map(|one| (text(&one["field"]), text(&one["message"])))
        .collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(field, message)| ((*field).to_owned(), (*message).to_owned()))
        .collect()
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_form_is_reported_at_once() {
    let service = Service::orion().await;
    let empty = "must not be empty";
    let no_email = "must be a well-formed email address";
    for base in BASES {
        let qr_code = format!("{base}{QR_CODE}");
        let validate = format!("{base}{VALIDATE}");
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)]);
        let cases: [Case; 7] = [
            (
                &qr_code,
                &[],
                &[("generateQRCode.email", empty), ("generateQRCode.password", empty)],
            ),
            (
                &qr_code,
                &[("email", " "), ("password", "")],
                &[("generateQRCode.email", empty), ("generateQRCode.password", empty)],
            ),
            (
                &qr_code,
                &[("email", "orion"), ("password", PASSWORD)],
                &[("generateQRCode.email", no_email)],
            ),
            (
                &validate,
                &[("email", "a@b@c")],
                &[("validateCode.email", no_email), ("validateCode.code", empty)],
            ),
            (
                &validate,
                &[("email", EMAIL), ("email", EMAIL), ("code", "123456")],
                &[("validateCode.email", "must be sent once")],
            ),
            (
                &validate,
                &[("email", EMAIL), ("code", "  ")],
                &[("validateCode.code", empty)],
            ),
            (
                &validate,
                &[("email", EMAIL), ("code", "1"), ("code", "2")],
                &[("validateCode.code", "must be sent once")],
            ),
        ];
        for (path, fields, expected) in cases {
            let answer = send(&service, path, fields).await;
            assert_eq!(violations(&answer), pairs(expected), "{path} {fields:?}");
            assert_report(&answer);
        }
    }
}

#[tokio::test]
async fn what_that_service_has_no_shape_for_stays_a_problem() {
    let service = Service::orion().await;
    let path = "/api/users/google/2FAuth/validate";
    let other = service.call(Call::new(Method::GET, path)).await;
    other.assert_problem(405, "method_not_allowed");
    let json = service.post(path, &json!({ "email": EMAIL, "code": "123456" })).await;
    json.assert_problem(415, "unsupported_media_type");
    let multipart = Call::new(Method::POST, path)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(b"--x--");
    service
        .call(multipart)
        .await
        .assert_problem(415, "unsupported_media_type");
    let large = "a".repeat(70_000);
    send(&service, path, &[("email", &large)])
        .await
        .assert_problem(413, "body_too_large");
    service.store.fail_all();
    for path in [path, "/users/login", "/users/create", "/api/users/google/2FAuth/qrCode"] {
        let fields = [
            ("email", EMAIL),
            ("code", "123456"),
            ("password", PASSWORD),
            ("name", "x"),
        ];
        send(&service, path, &fields).await.assert_problem(503, "unavailable");
    }
}

#[tokio::test]
async fn calls_are_limited_by_network() {
    let limited = web::Options {
        rate_limit: Some(rate_limit(1, 1)),
        ..options()
    };
    let open = application::core::Registration::Open;
    let service = Service::orion_with(application::core::CodeOnly::Refused, open, limited).await;
    let fields = [("email", EMAIL), ("code", "123456")];
    let path = "/api/users/google/2FAuth/validate";
    assert_violation(&send(&service, path, &fields).await, 401, "Credentials not found");
    send(&service, path, &fields).await.assert_problem(429, "rate_limited");
    let update = Call::form_by(Method::PUT, "/users/update", &[]);
    service.call(update).await.assert_problem(429, "rate_limited");
}

/// Everything that can be seen of an answer, but its name.
fn visible(answer: &Answer) -> (u16, Vec<u8>, Vec<(String, String)>) {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "x-request-id");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status.as_u16(), answer.bytes.clone(), headers.collect())
}

#[tokio::test]
async fn every_refusal_of_a_code_looks_the_same() {
    let service = Service::orion().await;
    let (without, with, waiting) = ("without@test.com", "with@test.com", "waiting@test.com");
    create(&service, without).await;
    enrolled(&service, with).await;
    enrolled(&service, waiting).await;
    send(&service, "/users/login", &[("email", waiting), ("password", PASSWORD)]).await;
    let right = code(&service, with).await;
    let wrong = wrong_code(&service, waiting).await;
    for (base, message) in BASES.into_iter().zip(["Credentials not found", "Invalid TOTP code"]) {
        let path = format!("{base}{VALIDATE}");
        let cases: [&[(&str, &str)]; 10] = [
            &[("email", "nobody@test.com"), ("code", "123456")],
            &[("email", without), ("code", "123456")],
            &[("email", with), ("code", &right)],
            &[("email", waiting), ("code", &wrong)],
            &[("email", waiting), ("code", "12345678")],
            &[("email", waiting), ("code", "12")],
            &[("email", waiting), ("code", "csk_no-such-thing")],
            &[("email", "nobody@test.com"), ("code", "abc")],
            &[("email", with), ("code", &right), ("password", "another password")],
            &[("email", "nobody@test.com"), ("code", "123456"), ("password", PASSWORD)],
        ];
        let expected = send(&service, &path, cases[0]).await;
        assert_violation(&expected, 401, message);
        for fields in cases {
            let answer = send(&service, &path, fields).await;
            assert_eq!(visible(&answer), visible(&expected), "{fields:?}");
        }
    }
}

#[tokio::test]
async fn every_refusal_of_a_password_looks_the_same() {
    let service = Service::orion().await;
    let (without, with) = ("without@test.com", "with@test.com");
    create(&service, without).await;
    enrolled(&service, with).await;
    let (right, wrong) = (code(&service, with).await, wrong_code(&service, with).await);
    let long = "a".repeat(300);
    let paths = [
        "/api/users/google/2FAuth/qrCode",
        "/users/google/2FAuth/qrCode",
        "/api/users/authenticate",
        "/users/authenticate",
        "/users/login",
    ];
    for path in paths {
        let cases: [&[(&str, &str)]; 8] = [
            &[("email", "nobody@test.com"), ("password", PASSWORD)],
            &[("email", "nobody@test.com"), ("password", PASSWORD), ("code", "123456")],
            &[("email", without), ("password", "another password")],
            &[("email", with), ("password", "another password"), ("code", &right)],
            &[("email", with), ("password", &long), ("code", &right)],
            &[("email", with), ("password", PASSWORD), ("code", &wrong)],
            &[("email", with), ("password", PASSWORD), ("code", "1234567")],
            &[
                ("email", with),
                ("password", PASSWORD),
                ("code", "zzzzz-zzzzz-zzzzz-zzzzz-zzzzz"),
            ],
        ];
        let expected = send(&service, path, cases[0]).await;
        assert_violation(&expected, 401, "Credentials not found");
        for fields in cases {
            let answer = send(&service, path, fields).await;
            assert_eq!(visible(&answer), visible(&expected), "{path} {fields:?}");
        }
        // Not to be held: that would be the same answer.
        service.clock.advance(std::time::Duration::from_hours(2));
        let token = send(
            &service,
            "/users/login",
            &[
                ("email", with),
                ("password", PASSWORD),
                ("code", &code(&service, with).await),
            ],
        )
        .await;
        assert_eq!(token.status, 200, "{}", token.text);
    }
}

#[tokio::test]
async fn what_cannot_be_a_code_is_no_guess() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    for _ in 0..20 {
        for code in ["12345", "1234567", "letter", "csk_0", "123 456"] {
            let fields = [("email", EMAIL), ("password", PASSWORD), ("code", code)];
            assert_eq!(send(&service, "/users/login", &fields).await.status, 401);
        }
    }
    let right = code(&service, EMAIL).await;
    let fields = [("email", EMAIL), ("password", PASSWORD), ("code", right.as_str())];
    assert_eq!(send(&service, "/users/login", &fields).await.status, 200);
}

#[tokio::test]
async fn what_is_not_offered_reads_its_form_and_refuses() {
    let service = Service::orion().await;
    create(&service, EMAIL).await;
    let passkeys = "WebAuthn is not offered";
    let google = "Google login is not configured";
    let at = ("email", EMAIL);
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case; 6] = [
        ("/users/login/google", &[("idToken", "a.b.c")], google),
        ("/users/login/google/2fa", &[at, ("code", "123456")], google),
        ("/users/webauthn/register/start", &[at], passkeys),
        (
            "/users/webauthn/register/finish",
            &[at, ("response", "{}"), ("origin", "http://x")],
            passkeys,
        ),
        ("/users/webauthn/authenticate/start", &[at], passkeys),
        (
            "/users/webauthn/authenticate/finish",
            &[at, ("response", "{}")],
            passkeys,
        ),
    ];
    for (path, fields, message) in cases {
        assert_violation(&send(&service, path, fields).await, 400, message);
    }
    let finish = send(&service, "/users/webauthn/register/finish", &[]).await;
    let empty = "must not be empty";
    assert_eq!(
        violations(&finish),
        pairs(&[
            ("finishRegistration.email", empty),
            ("finishRegistration.response", empty),
            ("finishRegistration.origin", empty),
        ])
    );
    let path = format!("/users/validateEmail?email={EMAIL}&code=123456");
    let validate = service.call(Call::new(Method::GET, &path)).await;
    assert_violation(&validate, 400, "Invalid e-mail or code");
    let missing = service
        .call(Call::new(Method::GET, "/users/validateEmail?email=x"))
        .await;
    assert_eq!(
        violations(&missing),
        pairs(&[
            ("validateEmail.email", "must be a well-formed email address"),
            ("validateEmail.code", empty),
        ])
    );
    let twice = service
        .call(Call::new(Method::GET, "/users/validateEmail?code=1&code=2"))
        .await;
    twice.assert_problem(400, "invalid_request");
}
