//! One's own account, and accounts of others.

use crate::service::{Answer, Call, PASSWORD, Service};
use domain::user::Role;
use poem::http::Method;
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "battery staple correct horse";

async fn send(service: &Service, method: Method, path: &str, token: &str, body: &Value) -> Answer {
    let call = Call::new(method, path).bearer(token);
    let call = if body.is_null() {
        call
    } else {
        call.json(&body.to_string())
    };
    service.call(call).await
}

#[tokio::test]
async fn an_owner_sees_the_account_and_never_a_secret() {
    let service = Service::open().await;
    let login = service.login("alice", Role::User).await;
    let token = login["access_token"].as_str().unwrap();
    let me = service.get("/v1/me", token).await;
    assert_eq!(me.status, 200, "{}", me.text);
    let json = me.json();
    assert_eq!(json["username"], "alice");
    assert_eq!(json["secret_keys"][0]["superseded"], false);
    assert!(!me.text.contains("csk_") && !me.text.contains("argon2"));
}

#[tokio::test]
async fn a_password_is_changed_with_the_current_one_as_proof() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let path = "/v1/me/password";
    let wrong = send(&service, Method::POST, path, &token, &change("wrong", NEW_PASSWORD)).await;
    wrong.assert_problem(403, "proof_refused");
    let same = send(&service, Method::POST, path, &token, &change(PASSWORD, PASSWORD)).await;
    same.assert_problem(400, "invalid_request");
    assert_eq!(same.pointers(), ["/new_password"]);
    let weak = send(&service, Method::POST, path, &token, &change(PASSWORD, "alice")).await;
    weak.assert_problem(400, "weak_password");
    assert_eq!(weak.pointers(), ["/new_password", "/new_password"]);
    let done = send(&service, Method::POST, path, &token, &change(PASSWORD, NEW_PASSWORD)).await;
    assert_eq!((done.status.as_u16(), done.text.as_str()), (204, ""));
    service.get("/v1/me", &token).await.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_secret_key_is_replaced_with_the_present_one_as_proof() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let other = service.account("bob", Role::User).await;
    let login = |key: &str| json!({ "username": "alice", "password": PASSWORD, "secret_key": key });
    let tokens = service.post("/v1/token", &login(&key)).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    let path = "/v1/me/secret-key/rotate";
    let wrong = send(&service, Method::POST, path, token, &json!({ "secret_key": other })).await;
    wrong.assert_problem(403, "proof_refused");
    let cut = send(&service, Method::POST, path, token, &json!({ "secret_key": "csk_" })).await;
    cut.assert_problem(400, "invalid_secret_key");
    let body = json!({ "secret_key": key, "overlap_seconds": 3600, "expires_in": 86400 });
    let rotated = send(&service, Method::POST, path, token, &body).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    assert_eq!(rotated.header("cache-control"), "no-store");
    let json = rotated.json();
    assert_eq!(json["previous_expires_at"], "2026-01-15T13:00:00Z");
    assert_eq!(json["expires_at"], "2026-01-16T12:00:00Z");
    let again = send(&service, Method::POST, path, token, &body).await;
    again.assert_problem(409, "secret_key_superseded");
    let new_key = json["secret_key"].as_str().unwrap();
    assert_eq!(service.post("/v1/token", &login(new_key)).await.status, 200);
    assert_eq!(service.post("/v1/token", &login(&key)).await.status, 200, "overlap");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    let body = json!({ "username": "alice", "password": PASSWORD, "secret_key": key }).to_string();
    let mut tokens = Vec::new();
    for agent in ["curl/8", "browser"] {
        let answer = service
            .call(Call::post("/v1/token", &body).header("user-agent", agent))
            .await;
        tokens.push(answer.json()["access_token"].as_str().unwrap().to_owned());
    }
    let list = service.get("/v1/me/sessions", &tokens[0]).await.json();
    let sessions = list["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    assert_eq!(other["user_agent"], "browser");
    assert_eq!(other["address"], "192.0.2.1");
    let path = format!("/v1/me/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(
        send(&service, Method::DELETE, &path, &tokens[0], &Value::Null)
            .await
            .status,
        204
    );
    let gone = send(&service, Method::DELETE, &path, &tokens[0], &Value::Null).await;
    gone.assert_problem(404, "not_found");
    let nonsense = send(&service, Method::DELETE, "/v1/me/sessions/x", &tokens[0], &Value::Null).await;
    nonsense.assert_problem(404, "not_found");
    service
        .get("/v1/resource", &tokens[1])
        .await
        .assert_problem(401, "invalid_token");
    let all = send(&service, Method::DELETE, "/v1/me/sessions", &tokens[0], &Value::Null).await;
    assert_eq!(all.status, 204);
    service
        .get("/v1/resource", &tokens[0])
        .await
        .assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn an_administrator_looks_after_accounts() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let made = json!({ "username": "dave", "password": PASSWORD, "role": "user", "email": "dave@example.com" });
    let made = send(&service, Method::POST, "/v1/admin/users", &admin, &made).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let path = format!("/v1/admin/users/{}", made["id"].as_str().unwrap());
    let login = json!({ "username": "dave", "password": PASSWORD, "secret_key": made["secret_key"] });

    for _ in 0..5 {
        let wrong = json!({ "username": "dave", "password": "wrong" });
        service.post("/v1/token", &wrong).await;
    }
    let details = service.get(&path, &admin).await.json();
    assert_eq!(details["held"][0]["budget"], "password");
    assert_eq!(details["held"][0]["failures"], 5);
    assert_eq!(details["held"][0]["until"], "2026-01-15T12:01:00Z");
    assert_eq!(details["held"][0]["for_good"], false);
    let unlock = send(&service, Method::POST, &format!("{path}/unlock"), &admin, &Value::Null).await;
    assert_eq!(unlock.status, 204);
    let tokens = service.post("/v1/token", &login).await;
    assert_eq!(tokens.status, 200);

    let change = json!({ "email": null, "display_name": "Dave" });
    let changed = send(&service, Method::PATCH, &path, &admin, &change).await.json();
    assert_eq!(changed["display_name"], "Dave");
    assert!(changed.get("email").is_none());
    let untouched = send(&service, Method::PATCH, &path, &admin, &json!({})).await.json();
    assert_eq!(untouched["display_name"], "Dave");

    let disabled = send(&service, Method::POST, &format!("{path}/disable"), &admin, &Value::Null).await;
    assert_eq!(disabled.json()["state"], "disabled");
    let token = tokens.json()["access_token"].as_str().unwrap().to_owned();
    service
        .get("/v1/resource", &token)
        .await
        .assert_problem(401, "invalid_token");
    let enabled = send(&service, Method::POST, &format!("{path}/enable"), &admin, &Value::Null).await;
    assert_eq!(enabled.json()["state"], "active");
    let reset = send(
        &service,
        Method::POST,
        &format!("{path}/secret-key"),
        &admin,
        &Value::Null,
    )
    .await;
    assert!(reset.json()["secret_key"].as_str().unwrap().starts_with("csk_"));
    service
        .post("/v1/token", &login)
        .await
        .assert_problem(401, "invalid_credentials");
    let ended = send(
        &service,
        Method::DELETE,
        &format!("{path}/sessions"),
        &admin,
        &Value::Null,
    )
    .await;
    assert_eq!(ended.status, 204);
    assert_eq!(
        send(&service, Method::DELETE, &path, &admin, &Value::Null).await.status,
        204
    );
    service.get(&path, &admin).await.assert_problem(404, "not_found");
    service
        .get("/v1/admin/users/nonsense", &admin)
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let id = service.get("/v1/admin/users", &admin).await.json()["users"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v1/admin/users/{id}");
    let demote = send(&service, Method::PATCH, &path, &admin, &json!({ "role": "user" })).await;
    demote.assert_problem(409, "last_admin");
    let disable = send(&service, Method::POST, &format!("{path}/disable"), &admin, &Value::Null).await;
    disable.assert_problem(409, "last_admin");
    let delete = send(&service, Method::DELETE, &path, &admin, &Value::Null).await;
    delete.assert_problem(409, "last_admin");
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    for number in 0..5 {
        service.account(&format!("user{number}"), Role::User).await;
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = service
            .get(&format!("/v1/admin/users?limit=2{cursor}"), &admin)
            .await
            .json();
        let users = page["users"].as_array().unwrap();
        assert!(users.len() <= 2);
        names.extend(users.iter().map(|user| user["username"].as_str().unwrap().to_owned()));
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["root", "user0", "user1", "user2", "user3", "user4"]);
    let found = service.get("/v1/admin/users?search=USER3", &admin).await.json();
    assert_eq!(found["users"].as_array().unwrap().len(), 1);
    let none = service.get("/v1/admin/users?state=disabled", &admin).await.json();
    assert_eq!(none["users"], json!([]));

    let first = service.get("/v1/admin/events?limit=3", &admin).await.json();
    let before = first["next_before"].as_i64().unwrap();
    let next = service
        .get(&format!("/v1/admin/events?limit=200&before={before}"), &admin)
        .await
        .json();
    assert_eq!(next["events"][0]["position"], before - 1);
    assert!(next.get("next_before").is_none());
    let logins = service
        .get("/v1/admin/events?kind=login.succeeded", &admin)
        .await
        .json();
    assert_eq!(logins["events"].as_array().unwrap().len(), 1);
    let subject = logins["events"][0]["subject"].as_str().unwrap();
    let about = service
        .get(&format!("/v1/admin/events?subject={subject}"), &admin)
        .await
        .json();
    assert_eq!(about["events"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn signing_keys_are_listed_and_changed() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let path = "/v1/admin/keys/rotate";
    let soon = send(&service, Method::POST, path, &admin, &Value::Null).await;
    soon.assert_problem(409, "rotation_too_soon");
    assert_eq!(soon.json()["possible_at"], "2026-01-16T12:00:00Z");
    let keys = service.get("/v1/admin/keys", &admin).await;
    assert_eq!(keys.json()["keys"].as_array().unwrap().len(), 4);
    assert!(!keys.text.contains("private"));
    let now = send(&service, Method::POST, path, &admin, &json!({ "compromised": true })).await;
    assert_eq!(now.status, 200, "{}", now.text);
    service
        .get("/v1/admin/keys", &admin)
        .await
        .assert_problem(401, "invalid_token");
}
