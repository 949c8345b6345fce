//! Logging in with a code, with and without a password, and what the tokens are good for.

use std::time::Duration;

use application::core::{CodeOnly, Registration};
use domain::user::Role;
use poem::http::Method;

use super::*;
use crate::service::options;

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
            assert_violation(
                &service.call(call).await,
                401,
                "Log in again with your password and a 2FA code",
            );
        }
    }
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
