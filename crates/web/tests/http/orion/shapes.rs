//! Reports on fields, and where the profile is not.

use application::core::{CodeOnly, Registration};
use poem::http::Method;

use super::*;
use crate::service::{options, rate_limit};

/// An address, fields, and what is wrong with them.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)]);
/// An address, good fields, and what is answered.
type Absent<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

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
    let service = Service::start(Registration::Open, limited).await;
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
    let open = Registration::Open;
    let service = Service::orion_with(CodeOnly::Refused, open, limited).await;
    let fields = [("email", EMAIL), ("code", "123456")];
    let path = "/api/users/google/2FAuth/validate";
    assert_violation(&send(&service, path, &fields).await, 401, "Credentials not found");
    send(&service, path, &fields).await.assert_problem(429, "rate_limited");
    let update = Call::form_by(Method::PUT, "/users/update", &[]);
    service.call(update).await.assert_problem(429, "rate_limited");
}

#[tokio::test]
async fn what_is_not_offered_reads_its_form_and_refuses() {
    let service = Service::orion().await;
    create(&service, EMAIL).await;
    let passkeys = "WebAuthn is not offered";
    let google = "Google login is not configured";
    let at = ("email", EMAIL);
    let cases: [Absent; 6] = [
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
