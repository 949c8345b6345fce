//! One refusal for everything that can be wrong with a login: same status, same headers, same bytes (invariant 4).

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tests::person::foreign_secret_key;
use tests::program::Serving;
use tests::{Answer, PASSWORD, Person, Service};

const HASHES: &str = "countersign_password_hashes_total";

/// What a caller can see, without what differs from call to call by nature.
fn visible(answer: &Answer) -> (u16, HeaderMap, Vec<u8>) {
    let mut headers = answer.headers.clone();
    for name in ["date", "x-request-id"] {
        assert!(headers.remove(name).is_some(), "{name} is missing in {answer:?}");
    }
    (answer.status, headers, answer.body.clone())
}

async fn refusals(service: &Service, clock: &testkit::clock::ManualClock) -> Vec<(&'static str, Answer)> {
    let admin = service.admin_token().await;
    let alice = service.register("alice").await;
    let (disabled, deleted) = (service.register("disabled").await, service.register("deleted").await);
    let (held, key_held) = (service.register("held").await, service.register("keyheld").await);
    let used = service.auth_session(&alice).await;
    let continued = |session: &str, key: &str| json!({"auth_session": session, "secret_key": key});
    service
        .token(&continued(&used, &alice.secret_key))
        .await
        .expect_json(200);

    let path = format!("/v1/admin/users/{}/disable", disabled.id);
    service.post(&path).bearer(&admin).await.expect_json(200);
    service
        .delete(&format!("/v1/admin/users/{}", deleted.id))
        .bearer(&admin)
        .await
        .expect(204);
    for _ in 0..5 {
        let wrong = held.credentials_with(&json!({"password": "wrong password"}));
        service.token(&wrong).await.expect_problem(401, "invalid_credentials");
        let wrong = key_held.credentials_with(&json!({"secret_key": foreign_secret_key()}));
        service.token(&wrong).await.expect_problem(401, "invalid_credentials");
    }
    let expired = service.auth_session(&alice).await;
    clock.advance(Duration::from_mins(10));
    // Ten minutes later the first wait is over: the sixth wrong one makes the next.
    service
        .token(&held.credentials_with(&json!({"password": "wrong password"})))
        .await
        .expect(401);
    service
        .token(&key_held.credentials_with(&json!({"secret_key": foreign_secret_key()})))
        .await
        .expect(401);

    let wrong_key = || json!({"secret_key": foreign_secret_key()});
    let cases: Vec<(&str, Value)> = vec![
        (
            "unknown user, password only",
            json!({"username": "nobody", "password": PASSWORD}),
        ),
        (
            "unknown user",
            json!({"username": "nobody", "password": PASSWORD, "secret_key": foreign_secret_key()}),
        ),
        (
            "wrong password",
            alice.credentials_with(&json!({"password": "wrong password"})),
        ),
        (
            "wrong password only",
            alice.credentials_with(&json!({"password": "wrong password", "secret_key": null})),
        ),
        ("wrong key", alice.credentials_with(&wrong_key())),
        (
            "both wrong",
            alice.credentials_with(&json!({"password": "wrong", "secret_key": foreign_secret_key()})),
        ),
        (
            "another's key",
            alice.credentials_with(&json!({"secret_key": held.secret_key})),
        ),
        ("disabled, all right", disabled.credentials()),
        ("disabled, password only", disabled.password_only()),
        ("deleted, all right", deleted.credentials()),
        ("password held, password right", held.password_only()),
        ("password held, wrong key", held.credentials_with(&wrong_key())),
        ("key held, all right", key_held.credentials()),
        ("used auth_session", continued(&used, &alice.secret_key)),
        ("expired auth_session", continued(&expired, &alice.secret_key)),
        (
            "wrong key with a good auth_session",
            continued(&service.auth_session(&alice).await, &foreign_secret_key()),
        ),
    ];
    let mut answers = Vec::new();
    for (what, body) in cases {
        answers.push((what, service.token(&body).await));
    }
    answers
}

#[tokio::test]
async fn nothing_tells_one_refusal_from_another() {
    let (service, clock) = Service::with_clock().await;
    let answers = refusals(&service, &clock).await;
    let first = visible(&answers[0].1);
    for (what, answer) in &answers {
        answer.problem(401, "invalid_credentials");
        assert_eq!(visible(answer), first, "{what}");
    }
    assert_eq!(first.1["www-authenticate"], r#"Bearer realm="countersign""#);
    assert_eq!(first.1["cache-control"], "no-store");
    assert!(!first.1.contains_key("retry-after"), "it would tell of a hold");
}

#[tokio::test]
async fn who_came_with_http_basic_is_refused_as_uniformly_and_told_of_basic() {
    let (service, _clock) = Service::with_clock().await;
    let (alice, bob) = (service.register("alice").await, service.register("bob").await);
    let admin = service.admin_token().await;
    service
        .post(&format!("/v1/admin/users/{}/disable", bob.id))
        .bearer(&admin)
        .await
        .expect(200);
    let key = foreign_secret_key();
    let answers = [
        service.post("/v1/token").basic("nobody", PASSWORD).await,
        service
            .post("/v1/token")
            .basic("nobody", PASSWORD)
            .header("x-secret-key", &key)
            .await,
        service.post("/v1/token").basic("alice", "wrong password").await,
        service
            .post("/v1/token")
            .basic("alice", PASSWORD)
            .header("x-secret-key", &key)
            .await,
        service
            .post("/v1/token")
            .basic("bob", PASSWORD)
            .header("x-secret-key", &bob.secret_key)
            .await,
    ];
    let first = visible(&answers[0]);
    assert_eq!(
        first.1["www-authenticate"],
        r#"Basic realm="countersign", charset="UTF-8""#
    );
    for answer in &answers {
        answer.problem(401, "invalid_credentials");
        assert_eq!(visible(answer), first);
    }
    service.log_in(&alice).await;
}

#[tokio::test]
async fn no_refusal_repeats_what_was_sent() {
    let service = Service::sqlite().await;
    let key = foreign_secret_key();
    let body = json!({"username": "somebody-unheard-of", "password": "a-password-unheard-of", "secret_key": key});
    let text = service.token(&body).await.text();
    for sent in ["somebody", "a-password", key.as_str()] {
        assert!(!text.contains(sent), "{text}");
    }
}

/// The work is the time: nothing else of a login costs anything near a hash.
#[tokio::test]
async fn every_refusal_costs_one_hash() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [
        ("COUNTERSIGN__METRICS__ENABLED", "true"),
        ("COUNTERSIGN__METRICS__LISTEN", "127.0.0.1:0"),
        ("COUNTERSIGN__RATE_LIMIT__ENABLED", "false"),
    ];
    let service = Serving::start(&folder.path().join("data"), &environment).await;
    let caller = service.caller();
    let register = async |name: &str| {
        let body = json!({"username": name, "password": PASSWORD});
        let made = caller.call("POST", "/v1/users").json(&body).await.expect_json(201);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Person {
            id: text("id"),
            username: name.to_owned(),
            password: PASSWORD.to_owned(),
            secret_key: text("secret_key"),
        }
    };
    let token = async |body: &Value| caller.call("POST", "/v1/token").json(body).await;
    let (alice, held, key_held) = (
        register("alice").await,
        register("held").await,
        register("keyheld").await,
    );
    let wrong_password = json!({"password": "wrong password"});
    for _ in 0..5 {
        token(&held.credentials_with(&wrong_password)).await.expect(401);
        token(&key_held.credentials_with(&json!({"secret_key": foreign_secret_key()})))
            .await
            .expect(401);
    }
    let wrong_key = json!({"secret_key": foreign_secret_key()});
    let both_wrong = json!({"password": "wrong password", "secret_key": foreign_secret_key()});
    let stranger = json!({"username": "nobody"});
    for (what, body) in [
        ("unknown user", alice.credentials_with(&stranger)),
        (
            "unknown user, password only",
            json!({"username": "nobody", "password": PASSWORD}),
        ),
        ("wrong password", alice.credentials_with(&wrong_password)),
        ("wrong key", alice.credentials_with(&wrong_key)),
        ("both wrong", alice.credentials_with(&both_wrong)),
        ("held, right password", held.password_only()),
        ("held, wrong key", held.credentials_with(&wrong_key)),
        (
            "held, right key and wrong password",
            held.credentials_with(&wrong_password),
        ),
        ("key held, all right", key_held.credentials()),
    ] {
        let before = service.metric(HASHES).await;
        token(&body).await.expect_problem(401, "invalid_credentials");
        assert_eq!(service.metric(HASHES).await - before, 1, "{what}");
    }
    // And so does a success.
    let before = service.metric(HASHES).await;
    token(&alice.credentials()).await.expect(200);
    assert_eq!(service.metric(HASHES).await - before, 1);
    service.kill().await;
}
