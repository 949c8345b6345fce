//! Enrolling an authenticator within a login.

use crate::otp::{assert_no_secret, code, code_of, enrolled, next_step, open_enrolment, wrong};
use crate::service::{PASSWORD, Service, options, policies, rate_limit};
use application::core::{Policies, Registration};
use domain::factor::{FactorPolicies, FactorPolicy, FactorType};
use domain::user::Role;
use serde_json::json;

const TOTP: &str = "/v1/enrolment/totp";
const HOTP: &str = "/v1/enrolment/hotp";
const CONFIRM: &str = "/v1/enrolment/confirm";

#[tokio::test]
async fn a_first_login_ends_with_the_enrolment() {
    let service = Service::open().await;
    let auth_session = open_enrolment(&service, "alice").await;
    let answer = service
        .post(TOTP, &json!({ "auth_session": auth_session, "digits": 8 }))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (201, "no-store"),
        "{}",
        answer.text
    );
    let begun = answer.json();
    assert_eq!(
        (&begun["name"], &begun["digits"]),
        (&json!("Authenticator app"), &json!(8))
    );
    let body = json!({ "auth_session": auth_session, "otp": code(&service, &begun), "scope": "account" });
    let answer = service.post(CONFIRM, &body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, "no-store"),
        "{}",
        answer.text
    );
    assert_no_secret(&answer, &begun);
    let tokens = answer.json();
    assert_eq!(
        (&tokens["token_type"], &tokens["scope"]),
        (&json!("Bearer"), &json!("account"))
    );
    assert!(tokens["refresh_token"].is_string());
    assert_eq!(tokens["recovery_codes"].as_array().unwrap().len(), 10);
    let token = tokens["access_token"].as_str().unwrap();
    let me = service.get("/v1/me", token).await.json();
    assert_eq!(
        (&me["enrolment"], &me["recovery_codes_remaining"]),
        (&json!("done"), &json!(10))
    );
    let proof = service.get("/v1/resource", token).await.json();
    assert_eq!(proof["amr"], json!(["pwd", "otp"]));

    // The session is spent, and so is the code.
    service
        .post(CONFIRM, &body)
        .await
        .assert_problem(401, "invalid_credentials");
    let again = service.post(TOTP, &json!({ "auth_session": auth_session })).await;
    again.assert_problem(401, "invalid_auth_session");
    assert_eq!(again.header("www-authenticate"), r#"Bearer realm="countersign""#);
    let login = json!({ "username": "alice", "password": PASSWORD, "otp": body["otp"] });
    service
        .post("/v1/token", &login)
        .await
        .assert_problem(401, "invalid_credentials");
    next_step(&service);
    let login = json!({ "username": "alice", "password": PASSWORD, "otp": code(&service, &begun) });
    let answer = service.post("/v1/token", &login).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json().get("recovery_codes").is_none());
}

#[tokio::test]
async fn a_counter_based_one_is_enrolled_too() {
    let service = Service::open().await;
    let auth_session = open_enrolment(&service, "alice").await;
    let begun = service
        .post(HOTP, &json!({ "auth_session": auth_session, "name": "Key ring" }))
        .await
        .json();
    assert_eq!((&begun["type"], &begun["name"]), (&json!("hotp"), &json!("Key ring")));
    let uri = begun["otpauth_uri"].as_str().unwrap();
    let body = json!({ "auth_session": auth_session, "otp": code_of(&service, uri, 0), "authenticator": begun["id"] });
    assert_eq!(service.post(CONFIRM, &body).await.status, 200);
}

#[tokio::test]
async fn every_wrong_confirmation_is_refused_in_the_one_way() {
    let service = Service::open().await;
    let auth_session = open_enrolment(&service, "alice").await;
    let begun = service
        .post(TOTP, &json!({ "auth_session": auth_session }))
        .await
        .json();
    let unknown = open_enrolment(&service, "bob").await;
    let right = code(&service, &begun);
    for body in [
        json!({ "auth_session": auth_session, "otp": wrong(&service, &begun) }),
        json!({ "auth_session": auth_session, "otp": right, "authenticator": crate::otp::NOBODY }),
        json!({ "auth_session": unknown, "otp": right }),
    ] {
        service
            .post(CONFIRM, &body)
            .await
            .assert_problem(401, "invalid_credentials");
    }
    let scope = json!({ "auth_session": auth_session, "otp": right, "scope": "everything" });
    service.post(CONFIRM, &scope).await.assert_problem(400, "invalid_scope");
    let body = json!({ "auth_session": auth_session, "otp": right });
    assert_eq!(service.post(CONFIRM, &body).await.status, 200);
}

#[tokio::test]
async fn only_a_session_for_an_enrolment_opens_it() {
    let service = Service::open().await;
    enrolled(&service, "alice", Role::User).await;
    let login = json!({ "username": "alice", "password": PASSWORD });
    let awaiting = service.post("/v1/token", &login).await;
    awaiting.assert_problem(403, "mfa_required");
    let awaiting = awaiting.json()["auth_session"].as_str().unwrap().to_owned();
    for auth_session in [awaiting.as_str(), "cas_", "x", ""] {
        for path in [TOTP, HOTP] {
            let answer = service.post(path, &json!({ "auth_session": auth_session })).await;
            answer.assert_problem(401, "invalid_auth_session");
        }
    }
    let body = json!({ "auth_session": "x", "otp": "123456" });
    service
        .post(CONFIRM, &body)
        .await
        .assert_problem(401, "invalid_auth_session");
}

#[tokio::test]
async fn bodies_are_exactly_what_is_documented() {
    let service = Service::open().await;
    let auth_session = open_enrolment(&service, "alice").await;
    let cases = [
        (TOTP, json!({}), vec!["/auth_session"]),
        (TOTP, json!({ "auth_session": auth_session, "name": "" }), vec!["/name"]),
        (
            TOTP,
            json!({ "auth_session": auth_session, "replaces": "x" }),
            vec!["/replaces"],
        ),
        (
            HOTP,
            json!({ "auth_session": auth_session, "period": 30 }),
            vec!["/period"],
        ),
        (CONFIRM, json!({ "auth_session": auth_session }), vec!["/otp"]),
        (
            CONFIRM,
            json!({ "auth_session": auth_session, "otp": 123_456 }),
            vec!["/otp"],
        ),
        (
            CONFIRM,
            json!({ "auth_session": auth_session, "otp": "123 456" }),
            vec!["/otp"],
        ),
        (
            CONFIRM,
            json!({ "auth_session": auth_session, "otp": "123456", "authenticator": "x" }),
            vec!["/authenticator"],
        ),
        (
            CONFIRM,
            json!({ "auth_session": auth_session, "otp": "123456", "use": "once" }),
            vec!["/use"],
        ),
    ];
    for (path, body, pointers) in cases {
        let answer = service.post(path, &body).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), pointers, "{path} {body}");
    }
}

#[tokio::test]
async fn places_and_types_are_limited() {
    let policies = Policies {
        factors: FactorPolicies {
            user: FactorPolicy::new(&[FactorType::Totp]),
            ..FactorPolicies::default()
        },
        ..policies(Registration::Open)
    };
    let service = Service::with(policies, options()).await;
    let auth_session = open_enrolment(&service, "alice").await;
    let refused = service.post(HOTP, &json!({ "auth_session": auth_session })).await;
    refused.assert_problem(409, "factor_not_allowed");
    for number in 0..10 {
        let body = json!({ "auth_session": auth_session, "name": format!("Phone {number}") });
        assert_eq!(service.post(TOTP, &body).await.status, 201);
    }
    let eleventh = service.post(TOTP, &json!({ "auth_session": auth_session })).await;
    eleventh.assert_problem(409, "too_many_authenticators");
}

#[tokio::test]
async fn it_is_limited_by_network() {
    let options = web::Options {
        rate_limit: Some(rate_limit(1, 2)),
        ..options()
    };
    let service = Service::with(policies(Registration::Open), options).await;
    let body = json!({ "auth_session": "x" });
    for _ in 0..2 {
        service
            .post(TOTP, &body)
            .await
            .assert_problem(401, "invalid_auth_session");
    }
    for path in [TOTP, HOTP, CONFIRM, "/v1/enrolment/qr"] {
        service.post(path, &body).await.assert_problem(429, "rate_limited");
    }
}
