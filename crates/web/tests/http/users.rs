//! Registering.

use crate::service::{Call, PASSWORD, Service, options};
use domain::user::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn weak_passwords_are_told_every_rule_they_break() {
    let service = Service::open().await;
    let cases: [(String, usize); 3] = [("alice".into(), 2), ("password1".into(), 1), ("ä".repeat(257), 1)];
    for (password, rules) in cases {
        let answer = service
            .post("/v1/users", &json!({ "username": "alice", "password": password }))
            .await;
        answer.assert_problem(400, "weak_password");
        assert_eq!(answer.pointers(), vec!["/password"; rules], "{}", answer.text);
    }
}

#[tokio::test]
async fn names_and_addresses_are_taken_once() {
    let service = Service::open().await;
    let body = |username: &str| json!({ "username": username, "password": PASSWORD, "email": "a@example.com" });
    assert_eq!(service.post("/v1/users", &body("alice")).await.status, 201);
    service
        .post("/v1/users", &body("ALICE"))
        .await
        .assert_problem(409, "username_taken");
    service
        .post("/v1/users", &body("bob"))
        .await
        .assert_problem(409, "email_taken");
}

#[tokio::test]
async fn where_registration_is_closed_an_administrator_can_register() {
    let service = Service::start(application::core::Registration::Admin, options()).await;
    let (user, admin) = (
        service.token("carol", Role::User).await,
        service.token("root", Role::Admin).await,
    );
    let body: Value = json!({ "username": "alice", "password": PASSWORD });
    service
        .post("/v1/users", &body)
        .await
        .assert_problem(403, "registration_closed");
    let by_user = Call::post("/v1/users", &body.to_string()).bearer(&user);
    service.call(by_user).await.assert_problem(403, "registration_closed");
    let by_nobody = Call::post("/v1/users", &body.to_string()).bearer("abc");
    service.call(by_nobody).await.assert_problem(401, "invalid_token");
    let by_admin = Call::post("/v1/users", &body.to_string()).bearer(&admin);
    assert_eq!(service.call(by_admin).await.status, 201);
}
