//! Refusals tell nothing.

use super::*;

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
        service.clock.advance(Duration::from_hours(2));
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
