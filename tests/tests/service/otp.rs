//! `POST /v1/token` with a one-time code or a recovery code.

use std::time::Duration;

use domain::authenticator::{OtpKind, OtpParameters};
use domain::one_time_code::{Digits, HashAlgorithm};
use domain::totp::Period;
use serde_json::json;
use tests::token::claims;
use tests::{Phone, Service, Setup};

#[tokio::test]
async fn a_code_completes_a_login_in_one_call_and_in_two() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let phone = Phone::import(service.app(), &alice, "Phone").await;
    let granted = service
        .token(&alice.with_otp(&phone.code(service.now())))
        .await
        .expect_json(200);
    let said = claims(granted["access_token"].as_str().unwrap());
    assert_eq!(said["amr"], json!(["pwd", "otp"]));
    assert_eq!(said["acr"], "urn:countersign:acr:pwd+otp");

    clock.advance(Duration::from_secs(30));
    let pending = service
        .token(&alice.password_only())
        .await
        .expect_problem(403, "mfa_required");
    assert_eq!(pending["factors"], json!(["totp", "secret_key"]));
    let body = json!({"auth_session": pending["auth_session"], "otp": phone.code(service.now())});
    service.token(&body).await.expect_json(200);
    service.token(&body).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a_code_is_good_once_and_no_earlier_one_after_it() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let phone = Phone::import(service.app(), &alice, "Phone").await;
    let (before, present) = (phone.code_of_step(service.now(), -1), phone.code(service.now()));
    service.token(&alice.with_otp(&present)).await.expect_json(200);
    for spent in [&present, &before] {
        service
            .token(&alice.with_otp(spent))
            .await
            .expect_problem(401, "invalid_credentials");
    }
    clock.advance(Duration::from_secs(30));
    service
        .token(&alice.with_otp(&present))
        .await
        .expect_problem(401, "invalid_credentials");
    service
        .token(&alice.with_otp(&phone.code(service.now())))
        .await
        .expect_json(200);
}

#[tokio::test]
async fn the_window_is_as_configured() {
    for (past, future) in [(0_u8, 0_u8), (1, 0), (3, 0), (10, 1)] {
        let clock = std::sync::Arc::new(testkit::clock::ManualClock::default());
        let service = Setup::default()
            .clock(&clock)
            .set("totp.past_steps", &past.to_string())
            .set("totp.future_steps", &future.to_string())
            .start()
            .await;
        let (past, future) = (i64::from(past), i64::from(future));
        let cases = [(-past - 1, 401), (-past, 200), (future, 200), (future + 1, 401)];
        for (number, (distance, status)) in cases.into_iter().enumerate() {
            let person = service.register(&format!("user{number}")).await;
            let phone = Phone::import(service.app(), &person, "Phone").await;
            let code = phone.code_of_step(service.now(), distance);
            let answered = service.token(&person.with_otp(&code)).await.status;
            assert_eq!(answered, status, "past {past}, future {future}, step {distance}");
        }
    }
}

#[tokio::test]
async fn every_hash_length_and_period_works() {
    let (service, _) = Service::with_clock().await;
    let mut number = 0;
    for algorithm in HashAlgorithm::ALL {
        for digits in [Digits::Six, Digits::Eight] {
            for period in [Period::Thirty, Period::Sixty] {
                number += 1;
                let person = service.register(&format!("user{number}")).await;
                let parameters = OtpParameters {
                    kind: OtpKind::Totp(period),
                    algorithm,
                    digits,
                };
                let phone = Phone::import_as(service.app(), &person, "Phone", parameters).await;
                let code = phone.code(service.now());
                assert_eq!(code.len(), usize::from(digits.number()));
                service.token(&person.with_otp(&code)).await.expect_json(200);
                service.token(&person.with_otp(&code)).await.expect(401);
            }
        }
    }
}

#[tokio::test]
async fn a_counter_is_found_ahead_and_further_ahead_by_two_codes() {
    let (service, _) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let token = Phone::import_as(service.app(), &alice, "Token", OtpParameters::HOTP).await;
    let with = |otp: i64, next: Option<i64>| {
        let mut body = alice.with_otp(&token.code_at(otp));
        if let Some(next) = next {
            body["next_otp"] = token.code_at(next).into();
        }
        body
    };
    service.token(&with(0, None)).await.expect_json(200);
    service.token(&with(0, None)).await.expect(401);
    service.token(&with(11, None)).await.expect_json(200);
    service.token(&with(23, None)).await.expect(401);
    service.token(&with(60, Some(62))).await.expect(401);
    let granted = service.token(&with(60, Some(61))).await.expect_json(200);
    assert_eq!(
        claims(granted["access_token"].as_str().unwrap())["amr"],
        json!(["pwd", "otp"])
    );
    service.token(&with(61, None)).await.expect(401);
    service.token(&with(62, None)).await.expect_json(200);
}

#[tokio::test]
async fn one_of_several_authenticators_is_named_or_found() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let phone = Phone::import(service.app(), &alice, "Phone").await;
    let tablet = Phone::import(service.app(), &alice, "Tablet").await;
    service
        .token(&alice.with_otp(&tablet.code(service.now())))
        .await
        .expect_json(200);
    let mut named = alice.with_otp(&phone.code(service.now()));
    named["authenticator"] = tablet.id.clone().into();
    service.token(&named).await.expect_problem(401, "invalid_credentials");
    named["authenticator"] = phone.id.clone().into();
    service.token(&named).await.expect_json(200);

    // However many there are, a wrong code is one guess.
    clock.advance(Duration::from_mins(1));
    let wrong = alice.with_otp(&phone.wrong_code(service.now()));
    for _ in 0..4 {
        service.token(&wrong).await.expect(401);
    }
    service
        .token(&alice.with_otp(&phone.code(service.now())))
        .await
        .expect_json(200);
}

#[tokio::test]
async fn a_code_is_a_json_string_of_digits_and_nothing_else() {
    let (service, _) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let phone = Phone::import(service.app(), &alice, "Phone").await;
    let right = phone.code(service.now());
    let number: u64 = right.parse().unwrap();
    for otp in [
        json!(number),
        json!([right]),
        json!(true),
        json!(format!(" {right}")),
        json!(format!("{right} ")),
        json!(format!("{right}\n")),
        json!(format!("{} {}", &right[..3], &right[3..])),
        json!(&right[1..]),
        json!(format!("0{right}")),
        json!(""),
    ] {
        let body = alice.credentials_with(&json!({"secret_key": null, "otp": otp}));
        service
            .token(&body)
            .await
            .expect_faults(400, "invalid_request", &["/otp"]);
    }
    // Nothing of that was a guess.
    service.token(&alice.with_otp(&right)).await.expect_json(200);
}

#[tokio::test]
async fn one_second_factor_is_sent_and_what_goes_with_it() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let both = alice.credentials_with(&json!({"otp": "123456"}));
    service
        .token(&both)
        .await
        .expect_faults(400, "invalid_request", &["/otp"]);
    let lonely = alice.credentials_with(&json!({"next_otp": "123456", "authenticator": alice.id}));
    service
        .token(&lonely)
        .await
        .expect_faults(400, "invalid_request", &["/next_otp", "/authenticator"]);
    let typo = alice.credentials_with(&json!({"secret_key": null, "recovery_code": "aaaaa-aaaaa-aaaaa-aaaaa-aaaaa"}));
    service
        .token(&typo)
        .await
        .expect_faults(400, "invalid_recovery_code", &["/recovery_code"]);
}

#[tokio::test]
async fn an_administrator_with_an_authenticator_needs_more_than_a_key() {
    let (service, _) = Service::with_clock().await;
    let root = service.admin("root").await;
    let before = service.log_in(&root).await;
    let phone = Phone::import(service.app(), &root, "Phone").await;
    service
        .token(&root.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    // What was opened with the key does not go on either.
    service
        .refresh(&before.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    let pending = service
        .token(&root.password_only())
        .await
        .expect_problem(403, "mfa_required");
    assert_eq!(pending["factors"], json!(["totp"]));
    service
        .token(&root.with_otp(&phone.code(service.now())))
        .await
        .expect_json(200);
}

#[tokio::test]
async fn the_policy_of_a_role_is_a_setting() {
    let service = Service::with(|setup| setup.set("factors.user", "totp")).await;
    let alice = service.register("alice").await;
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    let root = service.admin("root").await;
    service.log_in(&root).await;
}

#[tokio::test]
async fn wrong_codes_get_the_one_refusal_and_the_right_one_too_while_they_are_held() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let phone = Phone::import(service.app(), &alice, "Phone").await;
    let wrong = alice.with_otp(&phone.wrong_code(service.now()));
    let refused = service.token(&wrong).await;
    let unknown = service
        .token(&json!({"username": "nobody", "password": "not a password", "otp": "123456"}))
        .await;
    assert_eq!(refused.body, unknown.body);
    for _ in 0..4 {
        service.token(&wrong).await.expect(401);
    }
    let held = service.token(&alice.with_otp(&phone.code(service.now()))).await;
    assert_eq!((held.status, &held.body), (401, &refused.body));
    // The key is under the same budget.
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    clock.advance(Duration::from_mins(1));
    service
        .token(&alice.with_otp(&phone.code(service.now())))
        .await
        .expect_json(200);
}
