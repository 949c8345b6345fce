//! Ten thousand wrong codes, through every route that takes one, at any speed: no more of them are evaluated than the budget of
//! the account admits.
//!
//! What was evaluated is read from the counters of the account, which are charged before anything is compared. That nothing is
//! compared without a charge is shown beside the use cases, where comparisons are counted.

use std::time::Duration;

use serde_json::{Value, json};
use tests::call::Call;
use tests::crowd::crowd;
use tests::{Person, Phone, Service, Tokens};

const GUESSES: usize = 10_000;
const AT_ONCE: usize = 250;
const EMAIL: &str = "alice@example.org";

/// How many failures the counters of the account show: those of the second factor that anybody without a token can cause.
async fn failures(service: &Service, admin: &Person, person: &Person) -> u64 {
    let admin = service.log_in(admin).await.access;
    let path = format!("/v1/admin/users/{}", person.id);
    let view = service.get(&path).bearer(&admin).await.expect_json(200);
    let held = view["held"].as_array().unwrap().iter();
    held.filter(|entry| entry["budget"] == "second_factor")
        .map(|entry| entry["failures"].as_u64().unwrap())
        .sum()
}

struct Attack {
    service: Service,
    alice: Person,
    phone: Phone,
    tokens: Tokens,
    admin: Person,
}

impl Attack {
    async fn prepare() -> (Self, std::sync::Arc<testkit::clock::ManualClock>) {
        let clock = std::sync::Arc::new(testkit::clock::ManualClock::default());
        let service = Service::with(|setup| setup.clock(&clock).set("compat.orion.enabled", "true")).await;
        let body = json!({"username": "alice", "password": tests::PASSWORD, "email": EMAIL});
        let made = service.post("/v1/users").json(&body).await.expect_json(201);
        let alice = Person {
            id: made["id"].as_str().unwrap().to_owned(),
            username: "alice".to_owned(),
            password: tests::PASSWORD.to_owned(),
            secret_key: made["secret_key"].as_str().unwrap().to_owned(),
        };
        let tokens = service.log_in(&alice).await;
        let phone = Phone::import(service.app(), &alice, "Phone").await;
        let admin = service.admin("root").await;
        let attack = Self {
            service,
            alice,
            phone,
            tokens,
            admin,
        };
        (attack, clock)
    }

    fn wrong(&self, number: usize) -> String {
        let right: Vec<String> = (-3..=3)
            .map(|distance| self.phone.code_of_step(self.service.now(), distance))
            .collect();
        let guess = format!("{:06}", (number * 7_919) % 1_000_000);
        if right.contains(&guess) {
            self.phone.wrong_code(self.service.now())
        } else {
            guess
        }
    }

    /// A guess through one of the routes that need no token.
    fn guess(&self, number: usize, auth_session: &str) -> Call {
        let (service, otp) = (&self.service, self.wrong(number));
        let (email, password) = (("email", EMAIL), ("password", tests::PASSWORD));
        let code = ("code", otp.as_str());
        match number % 8 {
            0 => service.post("/v1/token").json(&self.alice.with_otp(&otp)),
            1 => {
                let body = json!({"auth_session": auth_session, "otp": otp});
                service.post("/v1/token").json(&body)
            }
            2 => service.post("/api/users/google/2FAuth/validate").form(&[email, code]),
            3 => service
                .post("/api/users/google/2FAuth/validate")
                .form(&[email, password, code]),
            4 => service
                .post("/api/users/google/2FAuth/qrCode")
                .form(&[email, password, code]),
            5 => service.post("/users/login/2fa").form(&[email, code]),
            6 => service.post("/users/google/2FAuth/validate").form(&[email, code]),
            _ => service.post("/users/login").form(&[email, password, code]),
        }
    }
}

fn no_token_in(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    !text.contains("eyJ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_wrong_codes_are_evaluated_as_often_as_the_budget_admits() {
    let (attack, _) = Attack::prepare().await;
    let auth_session = attack.service.auth_session(&attack.alice).await;
    let mut sent = 0;
    while sent < GUESSES {
        let calls = (sent..sent + AT_ONCE).map(|number| attack.guess(number, &auth_session));
        for answer in crowd(calls).await {
            assert!(answer.status != 500 && no_token_in(&answer.body), "{answer:?}");
        }
        sent += AT_ONCE;
    }
    assert_eq!(failures(&attack.service, &attack.admin, &attack.alice).await, 5);
    // The right one is not evaluated either.
    let right = attack.alice.with_otp(&attack.phone.code(attack.service.now()));
    attack
        .service
        .token(&right)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patience_gives_a_hundred_guesses_and_no_more() {
    let (attack, clock) = Attack::prepare().await;
    for number in 0..180 {
        let auth_session = attack.service.auth_session(&attack.alice).await;
        attack.guess(number, &auth_session).await;
        clock.advance(Duration::from_mins(61));
    }
    assert_eq!(failures(&attack.service, &attack.admin, &attack.alice).await, 100);
    clock.advance(Duration::from_hours(24 * 365));
    let right = attack.alice.with_otp(&attack.phone.code(attack.service.now()));
    attack
        .service
        .token(&right)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_token_gives_five_guesses_and_the_owner_is_not_held() {
    let (attack, clock) = Attack::prepare().await;
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..50 {
        let body = json!({"otp": attack.wrong(number)});
        let call = attack.service.post("/v1/token/step-up").bearer(&attack.tokens.access);
        let answer = call.json(&body).await;
        let code: Value = answer.json();
        *statuses.entry(code["code"].to_string()).or_insert(0) += 1;
    }
    // Five are compared; the sixth ends the session that the token belongs to.
    assert_eq!(statuses.get("\"proof_refused\""), Some(&6), "{statuses:?}");
    assert_eq!(statuses.get("\"invalid_token\""), Some(&44), "{statuses:?}");
    assert_eq!(failures(&attack.service, &attack.admin, &attack.alice).await, 0);
    clock.advance(Duration::from_secs(30));
    let right = attack.alice.with_otp(&attack.phone.code(attack.service.now()));
    attack.service.token(&right).await.expect_json(200);
}
