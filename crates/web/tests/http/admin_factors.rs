//! What administrators do with the second factors of others.

use crate::otp::{NOBODY, code, code_of, delete, enrolled, next_step, post};
use crate::service::{PASSWORD, Service};
use domain::user::Role;
use serde_json::{Value, json};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn id_of(service: &Service, admin: &str, username: &str) -> String {
    let found = service
        .get(&format!("/v1/admin/users?search={username}"), admin)
        .await
        .json();
    found["users"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn authenticators_of_other_services_are_brought() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    service.account("alice", Role::User).await;
    let user = format!("/v1/admin/users/{}", id_of(&service, &admin, "alice").await);
    let path = format!("{user}/authenticators");
    let uri = format!("otpauth://totp/Acme:alice?secret={SECRET}&issuer=Acme&digits=8&period=60&algorithm=SHA256");
    let answer = post(&service, &path, &admin, &json!({ "name": "Phone", "otpauth_uri": uri })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert!(
        !answer.text.contains("GEZD") && !answer.text.contains("otpauth"),
        "{}",
        answer.text
    );
    let brought = answer.json();
    assert_eq!(brought["state"], "active");
    assert_eq!(
        (&brought["digits"], &brought["period"], &brought["algorithm"]),
        (&json!(8), &json!(60), &json!("SHA256"))
    );
    next_step(&service);
    let grouped = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq";
    let parts = json!({ "name": "Token", "type": "hotp", "secret": grouped, "counter": 5 });
    let answer = post(&service, &path, &admin, &parts).await;
    assert_eq!(answer.status, 201, "{}", answer.text);

    let hotp = format!("otpauth://hotp/x?secret={SECRET}&counter=0");
    let login = |otp: String| json!({ "username": "alice", "password": PASSWORD, "otp": otp });
    let spent = service.post("/v1/token", &login(code_of(&service, &hotp, 4))).await;
    spent.assert_problem(401, "invalid_credentials");
    assert_eq!(
        service
            .post("/v1/token", &login(code_of(&service, &hotp, 5)))
            .await
            .status,
        200
    );
    assert_eq!(
        service
            .post("/v1/token", &login(code_of(&service, &uri, 0)))
            .await
            .status,
        200
    );

    let list = service.get(&path, &admin).await;
    assert_eq!(list.json()["authenticators"].as_array().unwrap().len(), 2);
    assert!(!list.text.contains("GEZD"));
    let view = service.get(&user, &admin).await.json();
    assert_eq!(view["authenticators"][0]["name"], "Phone");
    assert_eq!(view["recovery_codes_remaining"], 0);
    assert_eq!(view["enrolment"], "done");
    assert_eq!(view["password_change_advised"], false);

    let taken = post(&service, &path, &admin, &json!({ "name": "phone", "otpauth_uri": uri })).await;
    taken.assert_problem(409, "authenticator_name_taken");
    for number in 2..10 {
        let body = json!({ "name": format!("{number}"), "otpauth_uri": uri });
        assert_eq!(post(&service, &path, &admin, &body).await.status, 201);
    }
    let eleventh = post(&service, &path, &admin, &json!({ "name": "x", "otpauth_uri": uri })).await;
    eleventh.assert_problem(409, "too_many_authenticators");
}

#[tokio::test]
async fn what_cannot_be_brought_is_named() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let path = format!(
        "/v1/admin/users/{}/authenticators",
        id_of(&service, &admin, "root").await
    );
    let uri = format!("otpauth://totp/x?secret={SECRET}");
    let cases = [
        (json!({}), vec!["/name"]),
        (json!({ "name": "x" }), vec!["/secret", "/type"]),
        (json!({ "name": "x", "type": "totp" }), vec!["/secret"]),
        (json!({ "name": "x", "type": "steam", "secret": SECRET }), vec!["/type"]),
        (
            json!({ "name": "x", "type": "totp", "secret": "short" }),
            vec!["/secret"],
        ),
        (
            json!({ "name": "x", "type": "totp", "secret": "0189" }),
            vec!["/secret"],
        ),
        (
            json!({ "name": "x", "type": "totp", "secret": SECRET, "counter": 1 }),
            vec!["/counter"],
        ),
        (
            json!({ "name": "x", "type": "hotp", "secret": SECRET, "period": 30 }),
            vec!["/period"],
        ),
        (
            json!({ "name": "x", "type": "hotp", "secret": SECRET, "counter": -1 }),
            vec!["/counter"],
        ),
        (
            json!({ "name": "x", "type": "hotp", "secret": SECRET, "counter": "1" }),
            vec!["/counter"],
        ),
        (
            json!({ "name": "x", "otpauth_uri": uri, "digits": 6, "secret": SECRET }),
            vec!["/digits", "/secret"],
        ),
        (
            json!({ "name": "x", "otpauth_uri": "https://example.org" }),
            vec!["/otpauth_uri"],
        ),
        (
            json!({ "name": "x", "otpauth_uri": "otpauth://totp/x" }),
            vec!["/otpauth_uri"],
        ),
        (
            json!({ "name": "x", "otpauth_uri": format!("{uri}&digits=7") }),
            vec!["/otpauth_uri"],
        ),
    ];
    for (body, pointers) in cases {
        let answer = post(&service, &path, &admin, &body).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), pointers, "{body}");
        assert!(!answer.text.contains(SECRET));
    }
}

#[tokio::test]
async fn an_authenticator_is_removed_even_the_last() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let path = format!(
        "/v1/admin/users/{}/authenticators",
        id_of(&service, &admin, "alice").await
    );
    let one = format!("{path}/{}", alice.begun["id"].as_str().unwrap());
    delete(&service, &format!("{path}/{NOBODY}"), &admin)
        .await
        .assert_problem(404, "not_found");
    delete(&service, &format!("{path}/x"), &admin)
        .await
        .assert_problem(404, "not_found");
    assert_eq!(delete(&service, &one, &admin).await.status, 204);
    delete(&service, &one, &admin).await.assert_problem(404, "not_found");
    service
        .get("/v1/me", &alice.token)
        .await
        .assert_problem(401, "invalid_token");
    assert_eq!(service.get(&path, &admin).await.json()["authenticators"], json!([]));
}

#[tokio::test]
async fn a_new_authenticator_is_demanded() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let user = format!("/v1/admin/users/{}", id_of(&service, &admin, "alice").await);
    let demanded = post(&service, &format!("{user}/require-enrolment"), &admin, &Value::Null).await;
    assert_eq!(demanded.status, 204, "{}", demanded.text);
    service
        .get("/v1/me", &alice.token)
        .await
        .assert_problem(401, "invalid_token");
    assert_eq!(service.get(&user, &admin).await.json()["enrolment"], "required");
    let login = json!({ "username": "alice", "password": PASSWORD, "otp": code(&service, &alice.begun) });
    let answer = service.post("/v1/token", &login).await;
    answer.assert_problem(403, "enrolment_required");
    let auth_session = answer.json()["auth_session"].as_str().unwrap().to_owned();
    let begun = service
        .post("/v1/enrolment/totp", &json!({ "auth_session": auth_session }))
        .await
        .json();
    let body = json!({ "auth_session": auth_session, "otp": code(&service, &begun) });
    let answer = service.post("/v1/enrolment/confirm", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let view = service.get(&user, &admin).await.json();
    assert_eq!(view["enrolment"], "done");
    assert_eq!(view["authenticators"].as_array().unwrap().len(), 1);
    assert_eq!(view["authenticators"][0]["id"], begun["id"]);
}

#[tokio::test]
async fn a_recovery_code_is_made_for_an_owner_who_lost_everything() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let user = format!("/v1/admin/users/{}", id_of(&service, &admin, "alice").await);
    let answer = post(&service, &format!("{user}/recovery"), &admin, &Value::Null).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (201, "no-store"),
        "{}",
        answer.text
    );
    let issued = answer.json();
    assert_eq!(issued["expires_at"], "2026-01-15T13:01:00Z");
    let login = json!({ "username": "alice", "password": PASSWORD, "recovery_code": issued["recovery_code"] });
    assert_eq!(service.post("/v1/token", &login).await.status, 200);
    service
        .post("/v1/token", &login)
        .await
        .assert_problem(401, "invalid_credentials");
    // Those of the owner are still there.
    next_step(&service);
    let own = json!({ "username": "alice", "password": PASSWORD, "recovery_code": alice.recovery_codes[3] });
    assert_eq!(service.post("/v1/token", &own).await.status, 200);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    for id in [NOBODY, "x"] {
        let user = format!("/v1/admin/users/{id}");
        let import = json!({ "name": "x", "type": "totp", "secret": SECRET });
        for answer in [
            service.get(&format!("{user}/authenticators"), &admin).await,
            post(&service, &format!("{user}/authenticators"), &admin, &import).await,
            delete(&service, &format!("{user}/authenticators/{NOBODY}"), &admin).await,
            post(&service, &format!("{user}/require-enrolment"), &admin, &Value::Null).await,
            post(&service, &format!("{user}/recovery"), &admin, &Value::Null).await,
        ] {
            answer.assert_problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_signing_key_says_what_it_signs() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let keys = service.get("/v1/admin/keys", &admin).await.json();
    let keys = keys["keys"].as_array().unwrap();
    for (purpose, algorithm) in [("access_token", "ES256"), ("id_token", "RS256")] {
        let of = keys.iter().filter(|key| key["purpose"] == purpose);
        assert!(of.clone().count() == 2 && of.clone().all(|key| key["algorithm"] == algorithm));
    }
    assert_eq!(keys.len(), 4);
}
