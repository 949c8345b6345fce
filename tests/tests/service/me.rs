//! `/v1/me`: the account itself, its password, its secret key, its sessions.

use std::time::Duration;

use serde_json::{Value, json};
use tests::person::{foreign_secret_key, mistyped};
use tests::{PASSWORD, Person, Service, Tokens, token};

const NEW_PASSWORD: &str = "another good battery";

#[tokio::test]
async fn an_account_reads_itself_without_its_secrets() {
    let (service, _clock) = Service::with_clock().await;
    let body = json!({"username": "alice", "password": PASSWORD, "email": "a@example.org", "display_name": "Alice"});
    let made = service.post("/v1/users").json(&body).await.expect_json(201);
    let key = made["secret_key"].as_str().unwrap();
    let login = json!({"username": "alice", "password": PASSWORD, "secret_key": key});
    let tokens = Tokens::read(&service.token(&login).await.expect_json(200));
    let answer = service.get("/v1/me").bearer(&tokens.access).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let me = answer.expect_json(200);
    assert_eq!(
        me,
        json!({
            "id": made["id"], "username": "alice", "email": "a@example.org", "display_name": "Alice", "role": "user",
            "state": "active", "created_at": "2026-01-15T12:00:00Z", "password_changed_at": "2026-01-15T12:00:00Z",
            "secret_keys": [
                {"id": me["secret_keys"][0]["id"], "created_at": "2026-01-15T12:00:00Z", "superseded": false},
            ],
            "authenticators": [], "recovery_codes_remaining": 0, "enrolment": "done", "password_change_advised": false,
        })
    );
    assert!(!me.to_string().contains("csk_"));
}

async fn change(service: &Service, access: &str, current: &str, new: &str) -> tests::Answer {
    let body = json!({"current_password": current, "new_password": new});
    service.post("/v1/me/password").bearer(access).json(&body).await
}

#[tokio::test]
async fn a_new_password_voids_everything_that_was_issued_under_the_old_one() {
    let service = Service::sqlite().await;
    let (mut alice, one) = service.logged_in("alice").await;
    let other = service.log_in(&alice).await;
    let answer = change(&service, &one.access, PASSWORD, NEW_PASSWORD).await.expect(204);
    assert_eq!(answer.body, b"");
    for tokens in [&one, &other] {
        assert_eq!(service.resource(&tokens.access).await, 401);
        service
            .refresh(&tokens.refresh)
            .await
            .expect_problem(401, "invalid_refresh_token");
    }
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    alice.password = NEW_PASSWORD.to_owned();
    let tokens = service.log_in(&alice).await;
    assert_eq!(service.resource(&tokens.access).await, 200);
}

#[tokio::test]
async fn whoever_guesses_the_password_with_a_token_loses_the_token_and_locks_nobody_out() {
    let service = Service::sqlite().await;
    let (alice, stolen) = service.logged_in("alice").await;
    let other = service.log_in(&alice).await;
    for _ in 0..5 {
        let refused = change(&service, &stolen.access, "not the password", NEW_PASSWORD).await;
        refused.expect_problem(403, "proof_refused");
        assert_eq!(service.resource(&stolen.access).await, 200);
    }
    // Right or wrong, it is one guess too many.
    let refused = change(&service, &stolen.access, PASSWORD, NEW_PASSWORD).await;
    refused.expect_problem(403, "proof_refused");
    assert_eq!(service.resource(&stolen.access).await, 401);
    service
        .refresh(&stolen.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    // The owner has a budget of his own, and other sessions go on.
    assert_eq!(service.resource(&other.access).await, 200);
    service
        .token(&alice.password_only())
        .await
        .expect_problem(403, "mfa_required");
    service.log_in(&alice).await;
}

#[tokio::test]
async fn a_new_password_must_be_good_and_new() {
    let service = Service::sqlite().await;
    let (_, tokens) = service.logged_in("alice").await;
    for weak in ["short", "password1", "i am alice 2026"] {
        let refused = change(&service, &tokens.access, PASSWORD, weak).await;
        refused.expect_faults(400, "weak_password", &["/new_password"]);
    }
    let too_long = change(&service, &tokens.access, PASSWORD, &"x1".repeat(129)).await;
    too_long.expect_faults(400, "weak_password", &["/new_password"]);
    let same = change(&service, &tokens.access, PASSWORD, PASSWORD).await;
    same.expect_faults(400, "invalid_request", &["/new_password"]);
    assert_eq!(service.resource(&tokens.access).await, 200);
}

async fn rotate(service: &Service, access: &str, body: &Value) -> tests::Answer {
    service.post("/v1/me/secret-key/rotate").bearer(access).json(body).await
}

#[tokio::test]
async fn a_rotated_key_works_and_the_old_one_does_not() {
    let (service, _clock) = Service::with_clock().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let answer = rotate(&service, &tokens.access, &json!({"secret_key": alice.secret_key})).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let rotated = answer.expect_json(200);
    let key = rotated["secret_key"].as_str().unwrap().to_owned();
    assert_eq!(
        rotated,
        json!({"secret_key": key, "previous_expires_at": "2026-01-15T12:00:00Z"})
    );
    assert_ne!(key, alice.secret_key);
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    service
        .log_in(&Person {
            secret_key: key,
            ..alice
        })
        .await;
    // The session was proved with the old key, and goes on: its owner rotated.
    assert_eq!(service.resource(&tokens.access).await, 200);
}

#[tokio::test]
async fn the_old_key_lives_on_for_the_chosen_overlap() {
    let (service, clock) = Service::with_clock().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let body = json!({"secret_key": alice.secret_key, "overlap_seconds": 604_800, "expires_in": 1_209_600});
    let rotated = rotate(&service, &tokens.access, &body).await.expect_json(200);
    assert_eq!(rotated["previous_expires_at"], "2026-01-22T12:00:00Z");
    assert_eq!(rotated["expires_at"], "2026-01-29T12:00:00Z");
    let new = Person {
        secret_key: rotated["secret_key"].as_str().unwrap().to_owned(),
        ..alice.clone()
    };
    service.log_in(&alice).await;
    service.log_in(&new).await;
    // Only the newest may have a further successor, or a thief of the old one could fork the line.
    let again = rotate(&service, &tokens.access, &json!({"secret_key": alice.secret_key})).await;
    again.expect_problem(409, "secret_key_superseded");

    clock.advance(Duration::from_hours(7 * 24) - Duration::from_secs(1));
    service.log_in(&alice).await;
    clock.advance(Duration::from_secs(1));
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    service.log_in(&new).await;
    clock.advance(Duration::from_hours(7 * 24));
    service
        .token(&new.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a_wrong_present_key_is_charged_and_a_mistyped_one_is_not() {
    let service = Service::sqlite().await;
    let (alice, tokens) = service.logged_in("alice").await;
    for _ in 0..20 {
        let typo = rotate(
            &service,
            &tokens.access,
            &json!({"secret_key": mistyped(&alice.secret_key)}),
        )
        .await;
        typo.expect_problem(400, "invalid_secret_key");
    }
    for _ in 0..5 {
        let wrong = rotate(&service, &tokens.access, &json!({"secret_key": foreign_secret_key()})).await;
        wrong.expect_problem(403, "proof_refused");
    }
    let right = rotate(&service, &tokens.access, &json!({"secret_key": alice.secret_key})).await;
    right.expect_problem(403, "proof_refused");
    // Whoever guesses with a token stole it; the owner logs in as ever.
    assert_eq!(service.resource(&tokens.access).await, 401);
    let tokens = service.log_in(&alice).await;
    let admin = service.admin_token().await;
    service
        .post(&format!("/v1/admin/users/{}/unlock", alice.id))
        .bearer(&admin)
        .await
        .expect(204);
    rotate(&service, &tokens.access, &json!({"secret_key": alice.secret_key}))
        .await
        .expect_json(200);
}

#[tokio::test]
async fn a_rotation_ends_the_keys_before_the_present_one() {
    let service = Service::sqlite().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let mut keys = vec![alice.secret_key.clone()];
    for _ in 0..2 {
        let body = json!({"secret_key": keys.last(), "overlap_seconds": 3_600});
        let rotated = rotate(&service, &tokens.access, &body).await.expect_json(200);
        keys.push(rotated["secret_key"].as_str().unwrap().to_owned());
    }
    let status = async |key: &str| {
        let body = alice.credentials_with(&json!({"secret_key": key}));
        service.token(&body).await.status
    };
    let statuses = [status(&keys[0]).await, status(&keys[1]).await, status(&keys[2]).await];
    assert_eq!(statuses, [401, 200, 200]);
}

#[tokio::test]
async fn overlap_and_life_have_bounds() {
    let service = Service::sqlite().await;
    let (alice, tokens) = service.logged_in("alice").await;
    for (member, value) in [
        ("overlap_seconds", json!(604_801)),
        ("overlap_seconds", json!(-1)),
        ("overlap_seconds", json!(1.5)),
        ("overlap_seconds", json!("60")),
        ("expires_in", json!(59)),
        ("expires_in", json!(4_294_967_296_u64)),
    ] {
        let mut body = json!({"secret_key": alice.secret_key});
        body[member] = value;
        let refused = rotate(&service, &tokens.access, &body).await;
        refused.expect_faults(400, "invalid_request", &[&format!("/{member}")]);
    }
}

#[tokio::test]
async fn sessions_are_listed_newest_first_with_where_they_come_from() {
    let (service, clock) = Service::with_clock().await;
    let alice = service.register("alice").await;
    let login = |agent: &str| {
        service
            .post("/v1/token")
            .header("user-agent", agent)
            .json(&alice.credentials())
    };
    let old = Tokens::read(&login("old/1.0").await.expect_json(200));
    clock.advance(Duration::from_mins(1));
    let new = Tokens::read(&login("new/2.0").await.expect_json(200));
    service.logged_in("bob").await;
    let list = service
        .get("/v1/me/sessions")
        .bearer(&new.access)
        .await
        .expect_json(200);
    let session = |tokens: &Tokens, current: bool, time: &str, until: &str, agent: &str| {
        json!({
            "id": token::claims(&tokens.access)["sid"], "current": current, "client_id": "countersign",
            "scope": "account", "amr": ["pwd", "secret_key"], "acr": "urn:countersign:acr:pwd+key",
            "opened_at": time, "used_at": time, "expires_at": until, "address": "127.0.0.1", "user_agent": agent,
        })
    };
    let expected = json!({"sessions": [
        session(&new, true, "2026-01-15T12:01:00Z", "2026-02-14T12:01:00Z", "new/2.0"),
        session(&old, false, "2026-01-15T12:00:00Z", "2026-02-14T12:00:00Z", "old/1.0"),
    ]});
    assert_eq!(list, expected);
    clock.advance(Duration::from_mins(1));
    service.refresh(&old.refresh).await.expect(200);
    let list = service
        .get("/v1/me/sessions")
        .bearer(&new.access)
        .await
        .expect_json(200);
    assert_eq!(list["sessions"][1]["used_at"], "2026-01-15T12:02:00Z");
}

#[tokio::test]
async fn one_session_can_be_ended_and_it_alone() {
    let service = Service::sqlite().await;
    let (alice, one) = service.logged_in("alice").await;
    let other = service.log_in(&alice).await;
    let path = format!(
        "/v1/me/sessions/{}",
        token::claims(&other.access)["sid"].as_str().unwrap()
    );
    service.delete(&path).bearer(&one.access).await.expect(204);
    assert_eq!(
        (
            service.resource(&one.access).await,
            service.resource(&other.access).await
        ),
        (200, 401)
    );
    service
        .refresh(&other.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    service
        .delete(&path)
        .bearer(&one.access)
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let service = Service::sqlite().await;
    let (_, alice) = service.logged_in("alice").await;
    let (_, bob) = service.logged_in("bob").await;
    let path = format!(
        "/v1/me/sessions/{}",
        token::claims(&bob.access)["sid"].as_str().unwrap()
    );
    service
        .delete(&path)
        .bearer(&alice.access)
        .await
        .expect_problem(404, "not_found");
    for id in [
        "0",
        "not-a-session",
        "00000000-0000-4000-8000-000000000000",
        "%2e%2e",
        "a%00b",
        "%ff",
    ] {
        let answer = service
            .delete(&format!("/v1/me/sessions/{id}"))
            .bearer(&alice.access)
            .await;
        answer.expect_problem(404, "not_found");
    }
    assert_eq!(service.resource(&bob.access).await, 200);
}

#[tokio::test]
async fn all_sessions_can_be_ended_this_one_included() {
    let service = Service::sqlite().await;
    let (alice, one) = service.logged_in("alice").await;
    let other = service.log_in(&alice).await;
    service.delete("/v1/me/sessions").bearer(&one.access).await.expect(204);
    assert_eq!(
        (
            service.resource(&one.access).await,
            service.resource(&other.access).await
        ),
        (401, 401)
    );
    service
        .refresh(&other.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    let next = service.log_in(&alice).await;
    let list = service
        .get("/v1/me/sessions")
        .bearer(&next.access)
        .await
        .expect_json(200);
    assert_eq!(list["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_owners_do_is_in_the_audit_log() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let rotated = rotate(
        &service,
        &tokens.access,
        &json!({"secret_key": alice.secret_key, "overlap_seconds": 60}),
    )
    .await;
    let key = rotated.expect_json(200)["secret_key"].as_str().unwrap().to_owned();
    change(&service, &tokens.access, "wrong", NEW_PASSWORD)
        .await
        .expect(403);
    change(&service, &tokens.access, PASSWORD, NEW_PASSWORD)
        .await
        .expect(204);
    for (kind, details) in [
        ("secret_key.rotated", json!({"overlap_seconds": "60"})),
        (
            "password.change_refused",
            json!({"reason": "wrong", "session": token::claims(&tokens.access)["sid"]}),
        ),
        ("password.changed", json!({})),
    ] {
        let events = service.events(&admin, kind).await;
        assert_eq!(events.len(), 1, "{kind}");
        assert_eq!(
            (&events[0]["actor"], &events[0]["details"]),
            (&json!(alice.id), &details),
            "{kind}"
        );
        assert_eq!(events[0]["address"], "127.0.0.1");
    }
    let log = service.get("/v1/admin/events?limit=200").bearer(&admin).await.text();
    for secret in [
        key.as_str(),
        &alice.secret_key,
        PASSWORD,
        NEW_PASSWORD,
        &tokens.access,
        &tokens.refresh,
    ] {
        assert!(!log.contains(secret));
    }
}
