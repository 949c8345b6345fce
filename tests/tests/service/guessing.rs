//! How guessing is bounded, as callers see it.

use std::time::Duration;

use serde_json::{Value, json};
use tests::person::foreign_secret_key;
use tests::{Person, Service};

const WRONG: &str = "not the password";

fn wrong_password(person: &Person) -> Value {
    person.credentials_with(&json!({"password": WRONG, "secret_key": null}))
}

fn wrong_key(person: &Person) -> Value {
    person.credentials_with(&json!({"secret_key": foreign_secret_key()}))
}

#[tokio::test]
async fn after_five_wrong_keys_the_right_one_is_refused_until_the_wait_is_over() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    for _ in 0..5 {
        service
            .token(&wrong_key(&alice))
            .await
            .expect_problem(401, "invalid_credentials");
    }
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    clock.advance(Duration::from_secs(59));
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    clock.advance(Duration::from_secs(1));
    service.log_in(&alice).await;
    // A success gives the whole budget back.
    for _ in 0..4 {
        service
            .token(&wrong_key(&alice))
            .await
            .expect_problem(401, "invalid_credentials");
    }
    service.log_in(&alice).await;
}

#[tokio::test]
async fn each_further_failure_doubles_the_wait() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    for _ in 0..5 {
        service.token(&wrong_key(&alice)).await.expect(401);
    }
    for wait in [1, 2, 4, 8] {
        clock.advance(Duration::from_secs(wait * 60 - 1));
        service
            .token(&alice.credentials())
            .await
            .expect_problem(401, "invalid_credentials");
        clock.advance(Duration::from_secs(1));
        service.token(&wrong_key(&alice)).await.expect(401);
    }
    clock.advance(Duration::from_mins(16));
    service.log_in(&alice).await;
}

#[tokio::test]
async fn four_failures_hold_nobody() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    for _ in 0..4 {
        service.token(&wrong_key(&alice)).await.expect(401);
        service.token(&wrong_password(&alice)).await.expect(401);
    }
    service.log_in(&alice).await;
}

#[tokio::test]
async fn a_flood_of_wrong_passwords_does_not_keep_out_whoever_has_the_key() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    for _ in 0..30 {
        service
            .token(&wrong_password(&alice))
            .await
            .expect_problem(401, "invalid_credentials");
    }
    // The password alone is held back, right or wrong.
    service
        .token(&alice.password_only())
        .await
        .expect_problem(401, "invalid_credentials");
    service.log_in(&alice).await;
}

#[tokio::test]
async fn wrong_passwords_do_not_use_up_the_second_factors_budget() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let auth_session = service.auth_session(&alice).await;
    for _ in 0..30 {
        service.token(&wrong_password(&alice)).await.expect(401);
    }
    let body = json!({"auth_session": auth_session, "secret_key": alice.secret_key});
    service.token(&body).await.expect_json(200);
}

#[tokio::test]
async fn wrong_keys_do_not_use_up_the_passwords_budget() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    for _ in 0..30 {
        service
            .token(&wrong_key(&alice))
            .await
            .expect_problem(401, "invalid_credentials");
    }
    service
        .token(&alice.password_only())
        .await
        .expect_problem(403, "mfa_required");
}

#[tokio::test]
async fn a_hundred_failures_hold_for_good_until_an_administrator_unlocks() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    for _ in 0..100 {
        service.token(&wrong_key(&alice)).await.expect(401);
        clock.advance(Duration::from_mins(61));
    }
    clock.advance(Duration::from_hours(24 * 365));
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");

    let admin = service.admin_token().await;
    let path = format!("/v1/admin/users/{}", alice.id);
    let view = service.get(&path).bearer(&admin).await.expect_json(200);
    let held = view["held"].as_array().unwrap_or_else(|| panic!("{view}"));
    assert_eq!(
        (held[0]["budget"].as_str(), held[0]["failures"].as_u64()),
        (Some("second_factor"), Some(100)),
        "{view}"
    );
    assert_eq!(held[0].get("until"), None, "{view}");
    service.post(&format!("{path}/unlock")).bearer(&admin).await.expect(204);
    service.log_in(&alice).await;
}

#[tokio::test]
async fn refusals_are_in_the_audit_log_with_their_reason_and_without_what_was_sent() {
    let service = Service::sqlite().await;
    let (alice, admin) = (service.register("alice").await, service.admin_token().await);
    let key = foreign_secret_key();
    service
        .token(&alice.credentials_with(&json!({"secret_key": key})))
        .await
        .expect(401);
    service.token(&wrong_password(&alice)).await.expect(401);
    service
        .token(&json!({"username": "stranger-danger", "password": WRONG}))
        .await
        .expect(401);
    let refused = service.events(&admin, "login.refused").await;
    let about: Vec<_> = refused
        .iter()
        .map(|event| (event.get("subject"), &event["details"]["reason"]))
        .collect();
    let alice_id = json!(alice.id);
    assert_eq!(
        about,
        [
            (None, &json!("no_such_active_account")),
            (Some(&alice_id), &json!("password")),
            (Some(&alice_id), &json!("second_factor")),
        ]
    );
    let all = serde_json::to_string(&refused).unwrap();
    for sent in [key.as_str(), WRONG, "stranger-danger"] {
        assert!(!all.contains(sent), "{all}");
    }
}
