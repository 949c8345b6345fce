//! One's own authenticators.

use std::time::Duration;

use crate::otp::{
    NOBODY, assert_no_secret, begin, code, code_of, confirm, delete, enrolled, login_with_code, next_step,
    open_enrolment, post, send, wrong,
};
use crate::service::{Service, options, policies};
use application::core::Registration;
use domain::factor::{FactorPolicies, FactorPolicy, FactorType};
use domain::user::Role;
use poem::http::Method;
use serde_json::{Value, json};

const TOTP: &str = "/v1/me/authenticators/totp";
const HOTP: &str = "/v1/me/authenticators/hotp";
const LIST: &str = "/v1/me/authenticators";

fn path_of(begun: &Value) -> String {
    format!("{LIST}/{}", begun["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_authenticator_is_begun_confirmed_and_proves_a_factor() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let answer = post(&service, TOTP, &token, &json!({ "name": " My phone " })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let begun = answer.json();
    for (member, value) in [
        ("type", json!("totp")),
        ("name", json!("My phone")),
        ("state", json!("pending")),
        ("algorithm", json!("SHA1")),
        ("digits", json!(6)),
        ("period", json!(30)),
        ("created_at", json!("2026-01-15T12:00:00Z")),
        ("expires_at", json!("2026-01-15T12:10:00Z")),
        ("qr", json!(format!("{}/qr", path_of(&begun)))),
    ] {
        assert_eq!(begun[member], value, "{member}");
    }
    assert_eq!(begun["secret"].as_str().unwrap().split(' ').count(), 8);
    assert!(
        begun["otpauth_uri"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/Countersign:alice?secret=")
    );
    let list = service.get(LIST, &token).await;
    assert_eq!(list.json()["authenticators"][0]["state"], "pending");
    assert_no_secret(&list, &begun);
    let me = service.get("/v1/me", &token).await;
    assert_eq!(me.json()["recovery_codes_remaining"], 0);

    let confirmed = confirm(&service, &token, &begun).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    assert_no_secret(&confirmed, &begun);
    let confirmed = confirmed.json();
    assert_eq!(confirmed["authenticator"]["state"], "active");
    assert_eq!(confirmed["authenticator"]["confirmed_at"], "2026-01-15T12:00:00Z");
    assert!(confirmed["authenticator"].get("expires_at").is_none());
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.as_str().unwrap().len() == 29));
    let me = service.get("/v1/me", &token).await;
    assert_no_secret(&me, &begun);
    let me = me.json();
    assert_eq!(me["authenticators"][0]["id"], begun["id"]);
    assert_eq!(me["recovery_codes_remaining"], 10);
    assert_eq!(me["enrolment"], "done");
    assert_eq!(me["password_change_advised"], false);

    next_step(&service);
    let token = login_with_code(&service, "alice", &begun).await;
    let proof = service.get("/v1/resource", &token).await.json();
    assert_eq!(proof["amr"], json!(["pwd", "otp"]));
    let used = service.get(LIST, &token).await.json();
    assert_eq!(used["authenticators"][0]["last_used_at"], "2026-01-15T12:00:30Z");
}

#[tokio::test]
async fn parameters_are_as_asked_for_and_their_codes_count() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let body = json!({ "name": "a", "algorithm": "SHA512", "digits": 8, "period": 60 });
    let begun = post(&service, TOTP, &token, &body).await.json();
    assert_eq!(
        (&begun["algorithm"], &begun["digits"], &begun["period"]),
        (&json!("SHA512"), &json!(8), &json!(60))
    );
    assert_eq!(confirm(&service, &token, &begun).await.status, 200);
    let token = {
        service.clock.advance(Duration::from_mins(1));
        login_with_code(&service, "alice", &begun).await
    };
    let begun = post(&service, HOTP, &token, &json!({ "name": "b", "algorithm": "SHA256" }))
        .await
        .json();
    assert_eq!(
        (&begun["type"], &begun["algorithm"]),
        (&json!("hotp"), &json!("SHA256"))
    );
    assert!(begun.get("period").is_none());
    let uri = begun["otpauth_uri"].as_str().unwrap();
    assert!(uri.ends_with("&counter=0"), "{uri}");
    let pair = json!({ "otp": code_of(&service, uri, 40), "next_otp": code_of(&service, uri, 41) });
    let confirmed = post(&service, &format!("{}/confirm", path_of(&begun)), &token, &pair).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    assert!(confirmed.json().get("recovery_codes").is_none(), "only with the first");
}

#[tokio::test]
async fn only_a_fresh_proof_adds_shows_or_removes() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let pending = begin(&service, &alice.token, "Tablet").await;
    let key = json!({ "username": "alice", "password": crate::service::PASSWORD, "secret_key": alice.secret_key });
    let by_key = service.post("/v1/token", &key).await.json();
    let by_key = by_key["access_token"].as_str().unwrap().to_owned();
    service.clock.advance(Duration::from_mins(6));
    for token in [&alice.token, &by_key] {
        let answers = [
            post(&service, TOTP, token, &json!({ "name": "Watch" })).await,
            post(&service, HOTP, token, &json!({ "name": "Watch" })).await,
            service.get(&format!("{}/qr", path_of(&pending)), token).await,
            delete(&service, &path_of(&alice.begun), token).await,
            post(&service, "/v1/me/recovery-codes", token, &Value::Null).await,
        ];
        for answer in answers {
            answer.assert_problem(401, "insufficient_user_authentication");
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.contains(r#"error="insufficient_user_authentication""#)
                    && challenge.contains(r#"max_age="300""#)
                    && challenge.contains("urn:countersign:acr:pwd+otp"),
                "{challenge}"
            );
        }
    }
    let step_up = json!({ "otp": code(&service, &alice.begun) });
    let fresh = post(&service, "/v1/token/step-up", &alice.token, &step_up).await.json();
    let fresh = fresh["access_token"].as_str().unwrap();
    begin(&service, fresh, "Watch").await;
}

#[tokio::test]
async fn a_confirmation_needs_a_right_code_in_time() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let begun = begin(&service, &alice.token, "Tablet").await;
    let path = format!("{}/confirm", path_of(&begun));
    let refused = post(
        &service,
        &path,
        &alice.token,
        &json!({ "otp": wrong(&service, &begun) }),
    )
    .await;
    refused.assert_problem(403, "proof_refused");
    let right = json!({ "otp": code(&service, &begun) });
    for id in [NOBODY, "x", "totp"] {
        let path = format!("{LIST}/{id}/confirm");
        post(&service, &path, &alice.token, &right)
            .await
            .assert_problem(404, "not_found");
    }
    let mallory = service.token("mallory", Role::User).await;
    post(&service, &path, &mallory, &right)
        .await
        .assert_problem(404, "not_found");
    assert_eq!(post(&service, &path, &alice.token, &right).await.status, 200);
    post(&service, &path, &alice.token, &right)
        .await
        .assert_problem(404, "not_found");

    let late = begin(&service, &alice.token, "Watch").await;
    service.clock.advance(Duration::from_mins(10));
    let token = login_with_code(&service, "alice", &alice.begun).await;
    confirm(&service, &token, &late).await.assert_problem(404, "not_found");
    let list = service.get(LIST, &token).await.json();
    assert_eq!(list["authenticators"].as_array().unwrap().len(), 2, "{list}");
}

#[tokio::test]
async fn names_are_changed_and_stay_apart() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let tablet = begin(&service, &alice.token, "Tablet").await;
    let rename = |name: &str| json!({ "name": name });
    let taken = send(
        &service,
        Method::PATCH,
        &path_of(&tablet),
        &alice.token,
        &rename("PHONE"),
    )
    .await;
    taken.assert_problem(409, "authenticator_name_taken");
    let taken = post(&service, TOTP, &alice.token, &rename("phone")).await;
    taken.assert_problem(409, "authenticator_name_taken");
    let renamed = send(
        &service,
        Method::PATCH,
        &path_of(&alice.begun),
        &alice.token,
        &rename("Old phone"),
    )
    .await;
    assert_eq!(
        (renamed.status.as_u16(), &renamed.json()["name"]),
        (200, &json!("Old phone"))
    );
    assert_no_secret(&renamed, &alice.begun);
    let gone = send(
        &service,
        Method::PATCH,
        &format!("{LIST}/{NOBODY}"),
        &alice.token,
        &rename("x"),
    )
    .await;
    gone.assert_problem(404, "not_found");
}

#[tokio::test]
async fn a_new_one_takes_the_place_of_an_old_one() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    for replaces in [NOBODY, "x"] {
        let body = json!({ "name": "Phone", "replaces": replaces });
        let nothing = post(&service, TOTP, &alice.token, &body).await;
        nothing.assert_problem(400, "invalid_request");
        assert_eq!(nothing.pointers(), ["/replaces"]);
    }
    let body = json!({ "name": "Phone", "replaces": alice.begun["id"] });
    let begun = post(&service, HOTP, &alice.token, &body).await.json();
    assert_eq!(begun["replaces"], alice.begun["id"]);
    assert_eq!(
        service.get(LIST, &alice.token).await.json()["authenticators"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(confirm(&service, &alice.token, &begun).await.status, 200);
    let list = service.get(LIST, &alice.token).await.json();
    assert_eq!(list["authenticators"].as_array().unwrap().len(), 1);
    assert_eq!(list["authenticators"][0]["id"], begun["id"]);
}

#[tokio::test]
async fn removing_one_ends_its_sessions_and_the_recovery_codes_go_with_the_last() {
    let service = Service::open().await;
    let alice = enrolled(&service, "alice", Role::User).await;
    delete(&service, &format!("{LIST}/{NOBODY}"), &alice.token)
        .await
        .assert_problem(404, "not_found");
    let removed = delete(&service, &path_of(&alice.begun), &alice.token).await;
    assert_eq!((removed.status.as_u16(), removed.text.as_str()), (204, ""));
    service
        .get(LIST, &alice.token)
        .await
        .assert_problem(401, "invalid_token");
    let key = json!({ "username": "alice", "password": crate::service::PASSWORD, "secret_key": alice.secret_key });
    let tokens = service.post("/v1/token", &key).await.json();
    let me = service
        .get("/v1/me", tokens["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(
        (&me["authenticators"], &me["recovery_codes_remaining"]),
        (&json!([]), &json!(0))
    );
}

#[tokio::test]
async fn the_last_second_factor_stays() {
    let service = Service::open().await;
    let auth_session = open_enrolment(&service, "alice").await;
    let begun = service
        .post("/v1/enrolment/totp", &json!({ "auth_session": auth_session }))
        .await
        .json();
    let body = json!({ "auth_session": auth_session, "otp": code(&service, &begun) });
    let tokens = service.post("/v1/enrolment/confirm", &body).await.json();
    let last = delete(&service, &path_of(&begun), tokens["access_token"].as_str().unwrap()).await;
    last.assert_problem(409, "last_second_factor");
}

#[tokio::test]
async fn there_are_ten_at_most() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    for number in 0..10 {
        begin(&service, &token, &format!("Phone {number}")).await;
    }
    let eleventh = post(&service, TOTP, &token, &json!({ "name": "One more" })).await;
    eleventh.assert_problem(409, "too_many_authenticators");
    begin(&service, &token, "Phone 7").await;
}

#[tokio::test]
async fn what_the_policy_does_not_know_is_not_begun() {
    let policies = application::core::Policies {
        factors: FactorPolicies {
            user: FactorPolicy::new(&[FactorType::SecretKey, FactorType::Totp]),
            ..FactorPolicies::default()
        },
        ..policies(Registration::Open)
    };
    let service = Service::with(policies, options()).await;
    let token = service.token("alice", Role::User).await;
    let refused = post(&service, HOTP, &token, &json!({ "name": "Token" })).await;
    refused.assert_problem(409, "factor_not_allowed");
    begin(&service, &token, "Phone").await;
}

#[tokio::test]
async fn bodies_are_exactly_what_is_documented() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let begun = begin(&service, &token, "Phone").await;
    let confirm = format!("{}/confirm", path_of(&begun));
    let long = "x".repeat(65);
    let cases = [
        (TOTP, json!({}), vec!["/name"]),
        (TOTP, json!({ "name": 7 }), vec!["/name"]),
        (TOTP, json!({ "name": "  " }), vec!["/name"]),
        (TOTP, json!({ "name": long }), vec!["/name"]),
        (TOTP, json!({ "name": "a\u{0}" }), vec!["/name"]),
        (TOTP, json!({ "name": "a", "algorithm": "sha1" }), vec!["/algorithm"]),
        (
            TOTP,
            json!({ "name": "a", "algorithm": "MD5", "digits": 7, "period": 15 }),
            vec!["/algorithm", "/digits", "/period"],
        ),
        (TOTP, json!({ "name": "a", "digits": "6" }), vec!["/digits"]),
        (TOTP, json!({ "name": "a", "digits": 6.0 }), vec!["/digits"]),
        (
            TOTP,
            json!({ "name": "a", "secret": "GEZDGNBVGY3TQOJQ" }),
            vec!["/secret"],
        ),
        (TOTP, json!({ "name": "a", "replaces": 1 }), vec!["/replaces"]),
        (HOTP, json!({ "name": "a", "period": 30 }), vec!["/period"]),
        (HOTP, json!({ "name": "a", "counter": 7 }), vec!["/counter"]),
        (&confirm, json!({}), vec!["/otp"]),
        (&confirm, json!({ "otp": 123_456 }), vec!["/otp"]),
        (&confirm, json!({ "otp": "123 456" }), vec!["/otp"]),
        (&confirm, json!({ "otp": " 123456" }), vec!["/otp"]),
        (&confirm, json!({ "otp": "1234567" }), vec!["/otp"]),
        (
            &confirm,
            json!({ "otp": "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}" }),
            vec!["/otp"],
        ),
        (
            &confirm,
            json!({ "otp": "123456", "next_otp": 123_456 }),
            vec!["/next_otp"],
        ),
        (
            &confirm,
            json!({ "otp": "123456", "next_otp": "12345x" }),
            vec!["/next_otp"],
        ),
        (&confirm, json!({ "otp": "123456", "code": "123456" }), vec!["/code"]),
    ];
    for (path, body, pointers) in cases {
        let answer = post(&service, path, &token, &body).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), pointers, "{path} {body}");
    }
    let rename = send(
        &service,
        Method::PATCH,
        &path_of(&begun),
        &token,
        &json!({ "name": "" }),
    )
    .await;
    assert_eq!(rename.pointers(), ["/name"]);
    let nulls = json!({ "name": "a", "algorithm": null, "digits": null, "period": null, "replaces": null });
    assert_eq!(post(&service, TOTP, &token, &nulls).await.status, 201);
}
