//! Making an account, and changing one's own.

use application::core::{CodeOnly, Registration};
use poem::http::Method;

use super::*;
use crate::service::options;

/// Fields, and what is wrong with them.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)]);

pub const NEW_PASSWORD: &str = "a better horse for the battery";

pub async fn update(service: &Service, token: &str, fields: &[(&str, &str)]) -> Answer {
    service
        .call(Call::form_by(Method::PUT, "/users/update", fields).bearer(token))
        .await
}

/// What an account of the profile looks like.
pub fn user(hash: &str, name: &str, email: &str, using: bool) -> Value {
    json!({
        "hash": hash, "name": name, "email": email, "emailValid": false, "using2FA": using, "secret2FA": null,
        "require2FAForBasicLogin": true, "require2FAForSocialLogin": true,
    })
}

#[tokio::test]
async fn an_account_is_made_without_a_second_factor_and_gets_no_token_yet() {
    let service = Service::orion().await;
    for path in ["/api/users/create", "/users/create"] {
        let email = format!("{}@Test.com", path.len());
        let fields = [("name", "Orion"), ("email", email.as_str()), ("password", PASSWORD)];
        let answer = send(&service, path, &fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "application/json")
        );
        let made = answer.json();
        assert_eq!(made, user(made["hash"].as_str().unwrap(), "Orion", &email, false));
        assert!(!answer.text.contains("csk_"));
    }
    let fields = [("name", "Orion"), ("email", EMAIL), ("password", PASSWORD)];
    let answer = send(&service, "/users/createAuthenticate", &fields).await;
    let message = "Enrol an authenticator: call qrCode";
    let expected = json!({ "authentication": null, "requires2FA": true, "message": message });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected.clone()));
    let login = send(&service, "/users/login", &fields[1..]).await;
    assert_eq!((login.status.as_u16(), login.json()), (200, expected));
    for path in ["/api/users/authenticate", "/users/authenticate"] {
        assert_violation(&send(&service, path, &fields[1..]).await, 401, message);
    }
}

#[tokio::test]
async fn an_address_that_somebody_has_tells_nothing_of_him() {
    let service = Service::orion().await;
    let hash = enrolled(&service, EMAIL).await;
    service
        .post(
            "/v1/users",
            &json!({ "username": "taken@test.com", "password": PASSWORD }),
        )
        .await;
    for path in ["/api/users/create", "/users/create", "/users/createAuthenticate"] {
        for email in [EMAIL, "ORION@test.com", "taken@test.com"] {
            let fields = [("name", "Thief"), ("email", email), ("password", NEW_PASSWORD)];
            let answer = send(&service, path, &fields).await;
            assert_violation(&answer, 400, "The e-mail already exists");
            assert!(!answer.text.contains(&hash));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_an_account_is_reported() {
    let service = Service::orion().await;
    let long = format!("{}@test.com", "a".repeat(60));
    let endless = "a".repeat(300);
    let cases: [Case; 5] = [
        (
            &[],
            &[
                ("create.name", "must not be empty"),
                ("create.email", "must not be empty"),
                ("create.password", "must not be empty"),
            ],
        ),
        (
            &[("name", "x"), ("email", EMAIL), ("password", "short")],
            &[("create.password", "must have at least 8 characters")],
        ),
        (
            &[("name", "x"), ("email", EMAIL), ("password", "my orion@test.com")],
            &[("create.password", "must not contain the user name")],
        ),
        (
            &[("name", "x"), ("email", &long), ("password", &endless)],
            &[
                ("create.email", "must have at most 64 characters"),
                ("create.password", "must have at most 256 characters"),
            ],
        ),
        (
            &[("name", "a\u{7}"), ("email", EMAIL), ("password", PASSWORD)],
            &[(
                "create.name",
                "must have at most 128 characters, none of them a control character",
            )],
        ),
    ];
    for (fields, expected) in cases {
        let answer = send(&service, "/users/create", fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("validation-exception")),
            (400, "true"),
            "{fields:?}"
        );
        let list: Vec<Value> = expected
            .iter()
            .map(|(field, message)| json!({ "field": field, "message": message }))
            .collect();
        assert_eq!(answer.json()["violations"], Value::from(list));
    }
    let closed = Service::orion_with(CodeOnly::Refused, Registration::Admin, options()).await;
    for path in ["/api/users/create", "/users/create", "/users/createAuthenticate"] {
        let fields = [("name", "Orion"), ("email", EMAIL), ("password", PASSWORD)];
        assert_violation(&send(&closed, path, &fields).await, 403, "Registration is closed");
    }
}

#[tokio::test]
async fn a_login_answers_the_user_and_never_a_secret() {
    let service = Service::orion().await;
    let hash = enrolled(&service, EMAIL).await;
    let right = code(&service, EMAIL).await;
    let fields = [("email", EMAIL), ("password", PASSWORD), ("code", right.as_str())];
    let answer = send(&service, "/users/login", &fields).await;
    let envelope = answer.json();
    assert_eq!(envelope["requires2FA"], false);
    assert_eq!(envelope["message"], Value::Null);
    assert_eq!(envelope["authentication"]["user"], user(&hash, "Orion", EMAIL, true));
    assert_eq!(envelope.as_object().unwrap().len(), 3);
    assert_eq!(envelope["authentication"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn two_factors_cannot_be_switched_off() {
    let service = Service::orion().await;
    let hash = enrolled(&service, EMAIL).await;
    create(&service, "other@test.com").await;
    let token = token(&service, EMAIL).await;
    let settings = async |fields: &[(&str, &str)]| {
        service
            .call(Call::form("/users/2fa/settings", fields).bearer(&token))
            .await
    };
    let (basic, social) = ("require2FAForBasicLogin", "require2FAForSocialLogin");
    for fields in [
        &[("email", EMAIL)][..],
        &[("email", EMAIL), (basic, "true"), (social, "true")],
    ] {
        let answer = settings(fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (200, user(&hash, "Orion", EMAIL, true))
        );
    }
    for name in [basic, social] {
        let answer = settings(&[("email", EMAIL), (name, "false")]).await;
        assert_violation(&answer, 400, "2FA cannot be switched off");
        let answer = settings(&[("email", EMAIL), (name, "yes")]).await;
        assert_eq!(
            answer.json()["violations"][0]["field"],
            format!("update2FASettings.{name}")
        );
    }
    for email in ["other@test.com", "nobody@test.com"] {
        let answer = settings(&[("email", email)]).await;
        assert_violation(&answer, 403, "You can only update your own user");
    }
}

#[tokio::test]
async fn one_s_own_account_is_changed_with_a_new_token() {
    let service = Service::orion().await;
    let hash = enrolled(&service, EMAIL).await;
    create(&service, "other@test.com").await;
    let first = token(&service, EMAIL).await;
    let answer = update(
        &service,
        &first,
        &[("email", EMAIL), ("name", "Hunter"), ("newEmail", "hunter@test.com")],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let authentication = &answer.json()["authentication"];
    assert_eq!(authentication["user"], user(&hash, "Hunter", "hunter@test.com", true));
    let second = authentication["token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let nothing = update(&service, &second, &[("email", "hunter@test.com")]).await;
    assert_eq!(nothing.json()["authentication"]["user"]["name"], "Hunter");
    let taken = update(
        &service,
        &second,
        &[("email", "hunter@test.com"), ("newEmail", "Other@test.com")],
    )
    .await;
    assert_violation(&taken, 400, "The e-mail already exists");
    for email in [EMAIL, "other@test.com", "nobody@test.com"] {
        let answer = update(&service, &second, &[("email", email), ("name", "x")]).await;
        assert_violation(&answer, 403, "You can only update your own user");
    }
}

#[tokio::test]
async fn one_s_own_password_takes_the_present_one_and_voids_everything() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    let token = token(&service, EMAIL).await;
    let half = update(&service, &token, &[("email", EMAIL), ("newPassword", NEW_PASSWORD)]).await;
    assert_eq!(half.json()["violations"][0]["field"], "update.password");
    let half = update(&service, &token, &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(half.json()["violations"][0]["field"], "update.newPassword");
    let change = |old: &'static str, new: &'static str| [("email", EMAIL), ("password", old), ("newPassword", new)];
    for new in ["short", PASSWORD] {
        let answer = update(&service, &token, &change(PASSWORD, new)).await;
        assert_eq!(
            answer.json()["violations"][0]["field"],
            "update.newPassword",
            "{}",
            answer.text
        );
    }
    let wrong = update(&service, &token, &change("another password", NEW_PASSWORD)).await;
    assert_violation(&wrong, 401, "Credentials not found");
    let done = update(&service, &token, &change(PASSWORD, NEW_PASSWORD)).await;
    let message = "Password changed: log in again";
    let expected = json!({ "authentication": null, "requires2FA": true, "message": message });
    assert_eq!((done.status.as_u16(), done.json()), (200, expected));
    assert_violation(
        &update(&service, &token, &[("email", EMAIL)]).await,
        401,
        "The token is not accepted",
    );
    let right = code(&service, EMAIL).await;
    let fields = [("email", EMAIL), ("password", NEW_PASSWORD), ("code", right.as_str())];
    assert_eq!(send(&service, "/users/login", &fields).await.status, 200);
}

#[tokio::test]
async fn a_lost_password_changes_nothing_and_tells_nothing() {
    let service = Service::orion().await;
    enrolled(&service, EMAIL).await;
    for email in [EMAIL, "nobody@test.com"] {
        let answer = send(&service, "/users/recoverPassword", &[("email", email)]).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    }
    token(&service, EMAIL).await;
}
