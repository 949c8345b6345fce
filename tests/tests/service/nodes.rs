//! Several nodes on one PostgreSQL database are one service.

use std::time::Duration;

use serde_json::{Value, json};
use tests::crowd::{crowd, one_winner};
use tests::nodes::{self, PUBLIC_URL};
use tests::person::foreign_secret_key;
use tests::wait::eventually;
use tests::{Person, Service, Tokens, token};

/// How old a node's knowledge of revocations may be. After it, the node looks before it answers.
const WITHIN: Duration = Duration::from_millis(1_001);
/// For what is bound to happen by the real clock, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(10);

fn kids(jwks: &Value) -> Vec<&str> {
    let mut kids: Vec<&str> = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].as_str().unwrap())
        .collect();
    kids.sort_unstable();
    kids
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_make_everything_once() {
    let Some(setup) = nodes::setup().await else { return };
    let (one, two, three) = tokio::join!(setup.start(), setup.start(), setup.start());
    let jwks = one.jwks().await;
    assert_eq!(kids(&jwks).len(), 4);
    for node in [&two, &three] {
        assert_eq!(kids(&node.jwks().await), kids(&jwks));
    }
    let admin = one.admin_token().await;
    assert_eq!(one.events(&admin, "key.created").await.len(), 4);
    assert_eq!(one.events(&admin, "key.activated").await.len(), 2);

    let alice = one.register("alice").await;
    for issuing in [&one, &two, &three] {
        let tokens = issuing.log_in(&alice).await;
        for asked in [&one, &two, &three] {
            assert_eq!(asked.resource(&tokens.access).await, 200);
        }
        assert!(token::verify(&jwks, &tokens.access, PUBLIC_URL, PUBLIC_URL).is_ok());
    }
}

#[tokio::test]
async fn failures_are_counted_over_all_nodes() {
    let Some((one, two, clock)) = nodes::pair().await else {
        return;
    };
    let alice = one.register("alice").await;
    for number in 0..5 {
        let node = if number % 2 == 0 { &one } else { &two };
        let wrong = alice.credentials_with(&json!({"secret_key": foreign_secret_key()}));
        node.token(&wrong).await.expect_problem(401, "invalid_credentials");
    }
    for node in [&one, &two] {
        node.token(&alice.credentials())
            .await
            .expect_problem(401, "invalid_credentials");
    }
    clock.advance(Duration::from_mins(1));
    two.log_in(&alice).await;
    one.log_in(&alice).await;
}

#[tokio::test]
async fn no_more_is_evaluated_than_the_limit_however_many_nodes_are_asked() {
    let Some((one, two, _clock)) = nodes::pair().await else {
        return;
    };
    let (alice, admin) = (one.register("alice").await, one.admin_token().await);
    let calls = (0..100).map(|number| {
        let node = if number % 2 == 0 { &one } else { &two };
        node.post("/v1/token")
            .json(&alice.credentials_with(&json!({"secret_key": foreign_secret_key()})))
    });
    for answer in crowd(calls).await {
        answer.expect_problem(401, "invalid_credentials");
    }
    let refused = one.events(&admin, "login.refused").await;
    let evaluated = refused
        .iter()
        .filter(|event| event["details"]["reason"] == "second_factor")
        .count();
    assert_eq!((refused.len(), evaluated), (100, 5));
}

/// What voids tokens, on the first node; each for an account of its own.
async fn void(node: &Service, admin: &str, person: &Person, tokens: &Tokens, how: &str) {
    let user = format!("/v1/admin/users/{}", person.id);
    let answer = match how {
        "revoke" => {
            node.post("/v1/token/revoke")
                .json(&json!({"token": tokens.access}))
                .await
        }
        "revoke-session" => {
            node.post("/v1/token/revoke")
                .json(&json!({"token": tokens.refresh}))
                .await
        }
        "password" => {
            let change = json!({"current_password": person.password, "new_password": "another good battery"});
            node.post("/v1/me/password").bearer(&tokens.access).json(&change).await
        }
        "own-session" => {
            let session = token::claims(&tokens.access)["sid"].as_str().unwrap().to_owned();
            node.delete(&format!("/v1/me/sessions/{session}"))
                .bearer(&tokens.access)
                .await
        }
        "own-sessions" => node.delete("/v1/me/sessions").bearer(&tokens.access).await,
        "disable" => node.post(&format!("{user}/disable")).bearer(admin).await,
        "delete" => node.delete(&user).bearer(admin).await,
        "role" => {
            node.call("PATCH", &user)
                .bearer(admin)
                .json(&json!({"role": "admin"}))
                .await
        }
        "key" => node.post(&format!("{user}/secret-key")).bearer(admin).await,
        "sessions" => node.delete(&format!("{user}/sessions")).bearer(admin).await,
        other => panic!("{other}"),
    };
    assert!(answer.status < 300, "{how}: {answer:?}");
}

const WAYS: [&str; 10] = [
    "revoke",
    "revoke-session",
    "password",
    "own-session",
    "own-sessions",
    "disable",
    "delete",
    "role",
    "key",
    "sessions",
];

#[tokio::test]
async fn what_is_void_on_one_node_is_refused_by_the_other_within_a_second() {
    let Some((one, two, clock)) = nodes::pair().await else {
        return;
    };
    let admin = one.admin_token().await;
    for how in WAYS {
        let (person, tokens) = one.logged_in(&format!("user-{how}")).await;
        assert_eq!(two.resource(&tokens.access).await, 200, "{how}");
        void(&one, &admin, &person, &tokens, how).await;
        assert_eq!(one.resource(&tokens.access).await, 401, "{how}");
        // By the service's own clock, so that no other second on a busy machine is measured.
        clock.advance(WITHIN);
        assert_eq!(two.resource(&tokens.access).await, 401, "{how}");
    }
}

#[tokio::test]
async fn a_node_hears_of_revocations_without_being_asked() {
    let Some(setup) = nodes::setup().await else { return };
    let (one, two) = (setup.start().await, setup.start().await);
    let (_, tokens) = one.logged_in("alice").await;
    assert_eq!(two.resource(&tokens.access).await, 200);
    one.post("/v1/token/revoke")
        .json(&json!({"token": tokens.access}))
        .await
        .expect(200);
    let heard = || async { two.resource(&tokens.access).await == 401 };
    eventually("the other node refuses a revoked token", PATIENCE, heard).await;
}

#[tokio::test]
async fn a_token_for_one_use_is_spent_on_all_nodes() {
    let Some((one, two, _clock)) = nodes::pair().await else {
        return;
    };
    let alice = one.register("alice").await;
    let once = alice.credentials_with(&json!({"use": "once"}));
    let token = Tokens::read(&one.token(&once).await.expect_json(200)).access;
    assert_eq!((two.resource(&token).await, one.resource(&token).await), (200, 401));
    for _ in 0..3 {
        let token = Tokens::read(&one.token(&once).await.expect_json(200)).access;
        let calls = (0..60).map(|number| if number % 2 == 0 { &one } else { &two });
        let answers = crowd(calls.map(|node| node.get("/v1/resource").bearer(&token))).await;
        one_winner(&answers, 401, "invalid_token");
    }
}

#[tokio::test]
async fn a_refresh_token_is_used_once_on_all_nodes_and_its_reuse_ends_the_session_everywhere() {
    let Some((one, two, clock)) = nodes::pair().await else {
        return;
    };
    let (alice, first) = one.logged_in("alice").await;
    let second = Tokens::read(&two.refresh(&first.refresh).await.expect_json(200));
    one.refresh(&first.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    two.refresh(&second.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    clock.advance(WITHIN);
    for node in [&one, &two] {
        assert_eq!(
            (node.resource(&first.access).await, node.resource(&second.access).await),
            (401, 401)
        );
    }
    let tokens = one.log_in(&alice).await;
    let body = json!({"refresh_token": tokens.refresh});
    let calls = (0..60).map(|number| if number % 2 == 0 { &one } else { &two });
    let answers = crowd(calls.map(|node| node.post("/v1/token/refresh").json(&body))).await;
    one_winner(&answers, 401, "invalid_refresh_token");
}

#[tokio::test]
async fn an_auth_session_of_one_node_is_completed_on_another_and_once() {
    let Some((one, two, _clock)) = nodes::pair().await else {
        return;
    };
    let alice = one.register("alice").await;
    let body = json!({"auth_session": one.auth_session(&alice).await, "secret_key": alice.secret_key});
    let calls = (0..60).map(|number| if number % 2 == 0 { &one } else { &two });
    let answers = crowd(calls.map(|node| node.post("/v1/token").json(&body))).await;
    one_winner(&answers, 401, "invalid_credentials");
}

#[tokio::test]
async fn a_change_of_keys_reaches_every_node() {
    let Some(setup) = nodes::setup().await else { return };
    let (one, two) = (setup.start().await, setup.start().await);
    let root = one.admin("root").await;
    let admin = one.log_in(&root).await.access;
    assert_eq!(two.resource(&admin).await, 200);
    let leaked = token::header(&admin)["kid"].clone();
    one.post("/v1/admin/keys/rotate")
        .bearer(&admin)
        .json(&json!({"compromised": true}))
        .await
        .expect_json(200);
    // What the new key signs is believed at once: the other node knew it before.
    let after = one.log_in(&root).await.access;
    assert_eq!(two.resource(&after).await, 200);
    assert_eq!(one.resource(&admin).await, 401);
    let gone = || async { two.resource(&admin).await == 401 };
    eventually("the other node no longer believes the leaked key", PATIENCE, gone).await;
    let signs_anew = || async { token::header(&two.log_in(&root).await.access)["kid"] != leaked };
    eventually("the other node signs with the new key", PATIENCE, signs_anew).await;
    assert!(!kids(&two.jwks().await).contains(&leaked.as_str().unwrap()));
}

#[tokio::test]
async fn a_node_with_another_master_key_does_not_start() {
    let Some(setup) = nodes::setup().await else { return };
    let one = setup.start().await;
    let other = setup.clone().set("secrets.master_key", &tests::service::master_key());
    let Err(error) = other.try_start().await else {
        panic!("it started")
    };
    assert!(
        error.is_configuration() && error.to_string().contains("master key"),
        "{error}"
    );
    // Nothing was changed.
    let alice = one.register("alice").await;
    one.log_in(&alice).await;
}
