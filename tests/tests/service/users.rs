//! `POST /v1/users`.

use serde_json::{Value, json};
use tests::{PASSWORD, Person, Service};

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn registering_gives_the_account_and_its_secret_key() {
    let (service, _clock) = Service::with_clock().await;
    let body = json!({
        "username": "Alice", "password": PASSWORD, "email": "Alice@Example.org", "display_name": "Alice Å 🗝",
    });
    let answer = service.post("/v1/users").json(&body).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("x-request-id").is_some());
    let made = answer.expect_json(201);
    let (id, secret_key) = (made["id"].as_str().unwrap(), made["secret_key"].as_str().unwrap());
    assert_eq!(
        made,
        json!({
            "id": id, "username": "alice", "email": "Alice@Example.org", "display_name": "Alice Å 🗝", "role": "user",
            "state": "active", "created_at": "2026-01-15T12:00:00Z", "password_changed_at": "2026-01-15T12:00:00Z",
            "secret_key": secret_key,
        })
    );
    assert_eq!(id.len(), 36);
    // 160 random bits and a checksum behind a prefix that scanners can look for.
    assert!(secret_key.starts_with("csk_") && secret_key.len() == 43, "{secret_key}");
}

#[tokio::test]
async fn what_was_not_given_is_not_answered() {
    let service = Service::sqlite().await;
    let body = json!({"username": "alice", "password": PASSWORD, "email": null});
    let made = service.post("/v1/users").json(&body).await.expect_json(201);
    let expected = [
        "created_at",
        "id",
        "password_changed_at",
        "role",
        "secret_key",
        "state",
        "username",
    ];
    let mut found = members(&made);
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn no_two_accounts_get_one_key_or_one_identity() {
    let service = Service::sqlite().await;
    let (alice, bob) = (service.register("alice").await, service.register("bob").await);
    assert_ne!((alice.id, alice.secret_key), (bob.id, bob.secret_key));
}

#[tokio::test]
async fn a_secret_key_with_a_configured_life_says_when_it_ends() {
    let clock = std::sync::Arc::new(testkit::clock::ManualClock::default());
    let service = Service::with(|setup| setup.clock(&clock).set("secret_keys.default_lifetime", "1h")).await;
    let body = json!({"username": "alice", "password": PASSWORD});
    let made = service.post("/v1/users").json(&body).await.expect_json(201);
    assert_eq!(made["secret_key_expires_at"], "2026-01-15T13:00:00Z");
    let alice = Person {
        id: made["id"].as_str().unwrap().to_owned(),
        username: "alice".to_owned(),
        password: PASSWORD.to_owned(),
        secret_key: made["secret_key"].as_str().unwrap().to_owned(),
    };
    clock.advance(std::time::Duration::from_secs(3_599));
    service.log_in(&alice).await;
    clock.advance(std::time::Duration::from_secs(1));
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn every_fault_is_told_at_once_and_by_its_place() {
    let service = Service::sqlite().await;
    let body = json!({"username": "a b", "email": "nobody", "display_name": "", "role": "admin"});
    let problem = service.post("/v1/users").json(&body).await.expect_faults(
        400,
        "invalid_request",
        &["/username", "/password", "/email", "/display_name", "/role"],
    );
    assert!(
        !problem.to_string().contains("a b"),
        "a fault must not repeat what was sent: {problem}"
    );
}

#[tokio::test]
async fn fields_of_the_wrong_type_are_refused() {
    let service = Service::sqlite().await;
    for (member, value) in [
        ("username", json!(17)),
        ("username", json!(["alice"])),
        ("username", json!(null)),
        ("password", json!(12_345_678)),
        ("password", json!(true)),
        ("password", json!({"$ne": ""})),
        ("email", json!(false)),
        ("display_name", json!([])),
    ] {
        let mut body = json!({"username": "alice", "password": PASSWORD});
        body[member] = value;
        let answer = service.post("/v1/users").json(&body).await;
        answer.expect_faults(400, "invalid_request", &[&format!("/{member}")]);
    }
}

#[tokio::test]
async fn user_names_that_cannot_be_are_refused() {
    let service = Service::sqlite().await;
    let long = "a".repeat(65);
    for name in [
        "",
        " ",
        " alice",
        "al:ice",
        "al\nice",
        "a\u{200b}lice",
        "\u{0}",
        long.as_str(),
    ] {
        let body = json!({"username": name, "password": PASSWORD});
        let answer = service.post("/v1/users").json(&body).await;
        answer.expect_faults(400, "invalid_request", &["/username"]);
    }
}

#[tokio::test]
async fn passwords_that_are_not_good_enough_are_refused_by_name() {
    let service = Service::sqlite().await;
    let too_long = "x1".repeat(129);
    for (password, words) in [
        ("short 7", "at least 8 characters"),
        ("password1", "everybody tries"),
        ("PASSWORD1", "everybody tries"),
        ("aaaaaaaaaa", "everybody tries"),
        ("my-Alice-2026", "user name"),
        (too_long.as_str(), "at most 256 characters"),
    ] {
        let body = json!({"username": "alice", "password": password});
        let answer = service.post("/v1/users").json(&body).await;
        let problem = answer.expect_faults(400, "weak_password", &["/password"]);
        assert!(
            problem["errors"][0]["detail"].as_str().unwrap().contains(words),
            "{password}: {problem}"
        );
        assert!(!problem.to_string().contains(password), "{problem}");
    }
}

#[tokio::test]
async fn long_passwords_and_passwords_of_any_characters_are_kept_whole() {
    let service = Service::sqlite().await;
    let long = format!("{}\u{1f511}", "ab1 ".repeat(63));
    let longest = "\u{1f511}\u{1f512}".repeat(128);
    for (name, password) in [
        ("one", long.as_str()),
        ("two", longest.as_str()),
        ("three", " spaces \t count "),
    ] {
        let body = json!({"username": name, "password": password});
        let made = service.post("/v1/users").json(&body).await.expect_json(201);
        let mut login = json!({"username": name, "password": password, "secret_key": made["secret_key"]});
        service.token(&login).await.expect_json(200);
        // Not truncated: without its last character it is another password.
        let mut cut = password.to_owned();
        cut.pop();
        login["password"] = cut.into();
        service.token(&login).await.expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn a_password_is_the_same_however_its_accents_are_typed() {
    let service = Service::sqlite().await;
    let body = json!({"username": "bob", "password": "cr\u{e8}me br\u{fb}l\u{e9}e"});
    let made = service.post("/v1/users").json(&body).await.expect_json(201);
    let decomposed = "cre\u{300}me bru\u{302}le\u{301}e";
    let login = json!({"username": "bob", "password": decomposed, "secret_key": made["secret_key"]});
    service.token(&login).await.expect_json(200);
}

#[tokio::test]
async fn a_name_is_taken_in_every_spelling() {
    let service = Service::sqlite().await;
    service.register("alice").await;
    for name in ["alice", "ALICE", "\u{ff41}lice", "\u{1d400}lice"] {
        let body = json!({"username": name, "password": PASSWORD});
        service
            .post("/v1/users")
            .json(&body)
            .await
            .expect_problem(409, "username_taken");
    }
    let any_spelling = json!({"username": "\u{ff21}LICE", "password": PASSWORD});
    service.token(&any_spelling).await.expect_problem(403, "mfa_required");
}

#[tokio::test]
async fn an_address_belongs_to_one_account() {
    let service = Service::sqlite().await;
    let body = |name: &str, email: &str| json!({"username": name, "password": PASSWORD, "email": email});
    service
        .post("/v1/users")
        .json(&body("alice", "a@example.org"))
        .await
        .expect_json(201);
    service
        .post("/v1/users")
        .json(&body("bob", "A@EXAMPLE.ORG"))
        .await
        .expect_problem(409, "email_taken");
    // The refusal left nothing behind.
    service
        .post("/v1/users")
        .json(&body("bob", "b@example.org"))
        .await
        .expect_json(201);
}

#[tokio::test]
async fn where_registration_is_closed_only_an_administrator_registers() {
    let service = Service::with(|setup| setup.set("accounts.registration", "admin")).await;
    let body = json!({"username": "alice", "password": PASSWORD});
    service
        .post("/v1/users")
        .json(&body)
        .await
        .expect_problem(403, "registration_closed");
    // Not even whether the name is free is told.
    let admin = service.admin("root").await;
    let taken = json!({"username": "root", "password": PASSWORD});
    service
        .post("/v1/users")
        .json(&taken)
        .await
        .expect_problem(403, "registration_closed");

    let token = service.log_in(&admin).await.access;
    let made = service
        .post("/v1/users")
        .bearer(&token)
        .json(&body)
        .await
        .expect_json(201);
    assert_eq!(made["role"], "user");
    let alice = json!({"username": "alice", "password": PASSWORD, "secret_key": made["secret_key"]});
    let token = service.token(&alice).await.expect_json(200)["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = json!({"username": "bob", "password": PASSWORD});
    service
        .post("/v1/users")
        .bearer(&token)
        .json(&other)
        .await
        .expect_problem(403, "registration_closed");
    service
        .post("/v1/users")
        .bearer("rubbish")
        .json(&other)
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn registering_is_in_the_audit_log_without_a_secret() {
    let service = Service::sqlite().await;
    let alice = service.register("alice").await;
    let token = service.admin_token().await;
    let events = service.events(&token, "user.created").await;
    let made = events
        .iter()
        .find(|event| event["subject"] == alice.id.as_str())
        .expect("an event");
    assert_eq!(made["details"], json!({"by": "self", "role": "user"}));
    let all = service.get("/v1/admin/events").bearer(&token).await.text();
    for secret in [&alice.secret_key, &alice.password] {
        assert!(!all.contains(secret.as_str()), "{all}");
    }
}
