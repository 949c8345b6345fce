//! One-time facts and counters when everybody comes at once, on both databases.

use std::collections::HashMap;

use serde_json::{Value, json};
use tests::crowd::{count, crowd, one_winner};
use tests::person::foreign_secret_key;
use tests::{PASSWORD, Person, Service, Tokens, on_both_databases};

const CROWD: usize = 200;
const ROUNDS: usize = 3;

on_both_databases! {
    one_refresh_token_is_used_once,
    one_auth_session_is_completed_once,
    one_token_for_one_use_is_spent_once,
    no_more_wrong_keys_are_evaluated_than_the_limit,
    no_more_wrong_passwords_are_evaluated_than_the_limit,
    one_name_is_registered_once,
    one_address_is_registered_once,
    many_machines_log_in_to_one_account_at_once,
    one_secret_key_gets_one_successor,
    two_administrators_do_not_remove_each_other,
}

async fn one_refresh_token_is_used_once(service: Service) {
    let alice = service.register("alice").await;
    for _ in 0..ROUNDS {
        let tokens = service.log_in(&alice).await;
        let body = json!({"refresh_token": tokens.refresh});
        let answers = crowd((0..CROWD).map(|_| service.post("/v1/token/refresh").json(&body))).await;
        let won = Tokens::read(&one_winner(&answers, 401, "invalid_refresh_token").json());
        // The others came with a used token: somebody stole it, and the whole session is over.
        assert_eq!(
            (
                service.resource(&won.access).await,
                service.resource(&tokens.access).await
            ),
            (401, 401)
        );
        service
            .refresh(&won.refresh)
            .await
            .expect_problem(401, "invalid_refresh_token");
    }
}

async fn one_auth_session_is_completed_once(service: Service) {
    let alice = service.register("alice").await;
    for _ in 0..ROUNDS {
        let auth_session = service.auth_session(&alice).await;
        let body = json!({"auth_session": auth_session, "secret_key": alice.secret_key});
        let answers = crowd((0..CROWD).map(|_| service.post("/v1/token").json(&body))).await;
        let won = Tokens::read(&one_winner(&answers, 401, "invalid_credentials").json());
        assert_eq!(service.resource(&won.access).await, 200);
        // Whoever lost was charged, as for a guess; a login from the beginning clears that.
        service.log_in(&alice).await;
    }
}

async fn one_token_for_one_use_is_spent_once(service: Service) {
    let alice = service.register("alice").await;
    let once = alice.credentials_with(&json!({"use": "once"}));
    for _ in 0..ROUNDS {
        let token = Tokens::read(&service.token(&once).await.expect_json(200)).access;
        let answers = crowd((0..CROWD).map(|_| service.get("/v1/resource").bearer(&token))).await;
        one_winner(&answers, 401, "invalid_token");
    }
}

async fn refusals(service: &Service, admin: &str, person: &Person) -> HashMap<String, usize> {
    let mut reasons = HashMap::new();
    for event in service.events(admin, "login.refused").await {
        assert_eq!(event["subject"], person.id.as_str());
        *reasons
            .entry(event["details"]["reason"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    reasons
}

async fn failures(service: &Service, admin: &str, person: &Person) -> Value {
    let path = format!("/v1/admin/users/{}", person.id);
    let held = service.get(&path).bearer(admin).await.expect_json(200)["held"].clone();
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{held}");
    json!({"budget": held[0]["budget"], "failures": held[0]["failures"]})
}

async fn no_more_wrong_keys_are_evaluated_than_the_limit(service: Service) {
    let (alice, admin) = (service.register("alice").await, service.admin_token().await);
    let auth_session = service.auth_session(&alice).await;
    // Half of them in one call, half in the second of two: it is one budget.
    let calls = (0..500).map(|number| {
        let key = foreign_secret_key();
        let body = match number % 2 {
            0 => json!({"auth_session": auth_session, "secret_key": key}),
            _ => alice.credentials_with(&json!({"secret_key": key})),
        };
        service.post("/v1/token").json(&body)
    });
    let answers = crowd(calls).await;
    assert_eq!(count(&answers, 401), 500);
    let reasons = refusals(&service, &admin, &alice).await;
    assert_eq!(
        reasons,
        HashMap::from([("second_factor".to_owned(), 5), ("held".to_owned(), 495)])
    );
    let expected = json!({"budget": "second_factor", "failures": 5});
    assert_eq!(failures(&service, &admin, &alice).await, expected);
    // The right one is a guess like any other now.
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
}

async fn no_more_wrong_passwords_are_evaluated_than_the_limit(service: Service) {
    let (alice, admin) = (service.register("alice").await, service.admin_token().await);
    let calls = (0..CROWD).map(|number| {
        let wrong = alice.credentials_with(&json!({"secret_key": null, "password": format!("wrong {number}")}));
        service.post("/v1/token").json(&wrong)
    });
    assert_eq!(count(&crowd(calls).await, 401), CROWD);
    let reasons = refusals(&service, &admin, &alice).await;
    assert_eq!(
        reasons,
        HashMap::from([("password".to_owned(), 5), ("held".to_owned(), CROWD - 5)])
    );
    let expected = json!({"budget": "password", "failures": 5});
    assert_eq!(failures(&service, &admin, &alice).await, expected);
    // Who holds the key gets in all the same.
    service.log_in(&alice).await;
}

async fn one_name_is_registered_once(service: Service) {
    for round in 0..ROUNDS {
        let spellings = [
            format!("Alice-{round}"),
            format!("alice-{round}"),
            format!("\u{ff21}LICE-{round}"),
        ];
        let calls = spellings.iter().cycle().take(48).map(|name| {
            let body = json!({"username": name, "password": PASSWORD});
            service.post("/v1/users").json(&body)
        });
        let answers = crowd(calls).await;
        assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 47));
        let made = answers.iter().find(|answer| answer.status == 201).unwrap().json();
        let login = json!({"username": spellings[0], "password": PASSWORD, "secret_key": made["secret_key"]});
        service.token(&login).await.expect_json(200);
    }
}

async fn one_address_is_registered_once(service: Service) {
    let calls = (0..48).map(|number| {
        let email = if number % 2 == 0 {
            "a@example.org"
        } else {
            "A@Example.ORG"
        };
        let body = json!({"username": format!("user-{number}"), "password": PASSWORD, "email": email});
        service.post("/v1/users").json(&body)
    });
    let answers = crowd(calls).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 47));
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        answer.problem(409, "email_taken");
    }
}

async fn many_machines_log_in_to_one_account_at_once(service: Service) {
    let alice = service.register("alice").await;
    // One earlier typo must not spoil it.
    service
        .token(&alice.credentials_with(&json!({"secret_key": foreign_secret_key()})))
        .await
        .expect(401);
    let answers = crowd((0..64).map(|_| service.post("/v1/token").json(&alice.credentials()))).await;
    assert_eq!(count(&answers, 200), 64, "an attempt under way looked like a failure");
}

async fn one_secret_key_gets_one_successor(service: Service) {
    for round in 0..4 * ROUNDS {
        let (person, tokens) = service.logged_in(&format!("user-{round}")).await;
        let body = json!({"secret_key": person.secret_key, "overlap_seconds": 3_600});
        let call = || {
            service
                .post("/v1/me/secret-key/rotate")
                .bearer(&tokens.access)
                .json(&body)
        };
        // No more than may be under way at once: the sixth would look like a thief's guess.
        let answers = crowd((0..5).map(|_| call())).await;
        let won = one_winner(&answers, 409, "secret_key_superseded").json();
        let new = Person {
            secret_key: won["secret_key"].as_str().unwrap().to_owned(),
            ..person
        };
        service.log_in(&new).await;
    }
}

async fn two_administrators_do_not_remove_each_other(service: Service) {
    let names = |round: usize| (format!("first-{round}"), format!("second-{round}"));
    let mut last: Option<String> = None;
    for round in 0..ROUNDS {
        let (first, second) = names(round);
        let (first, second) = (service.admin(&first).await, service.admin(&second).await);
        let (one, other) = (
            service.log_in(&first).await.access,
            service.log_in(&second).await.access,
        );
        if let Some(last) = last {
            service
                .delete(&format!("/v1/admin/users/{last}"))
                .bearer(&one)
                .await
                .expect(204);
        }
        let answers = crowd([
            service
                .post(&format!("/v1/admin/users/{}/disable", second.id))
                .bearer(&one),
            service.delete(&format!("/v1/admin/users/{}", first.id)).bearer(&other),
        ])
        .await;
        // The slower one is refused: as the last administrator's enemy, or because its own token is void by then.
        let done = answers.iter().filter(|answer| answer.status < 300).count();
        assert_eq!(done, 1, "{answers:?}");
        let (winner, token) = if answers[0].status < 300 {
            (&first, &one)
        } else {
            (&second, &other)
        };
        let active = service
            .get("/v1/admin/users?state=active")
            .bearer(token)
            .await
            .expect_json(200);
        assert_eq!(active["users"].as_array().map(Vec::len), Some(1), "{active}");
        assert_eq!(active["users"][0]["id"], winner.id.as_str());
        last = Some(winner.id.clone());
    }
}
