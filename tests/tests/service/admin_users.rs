//! `/v1/admin/users`.

use serde_json::{Value, json};
use tests::{PASSWORD, Person, Service};

fn names(page: &Value) -> Vec<&str> {
    page["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["username"].as_str().unwrap())
        .collect()
}

async fn list(service: &Service, admin: &str, query: &str) -> Value {
    service
        .get(&format!("/v1/admin/users?{query}"))
        .bearer(admin)
        .await
        .expect_json(200)
}

#[tokio::test]
async fn without_the_scope_nothing_is_done_whoever_asks() {
    let service = Service::sqlite().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let root = service.admin("root").await;
    let narrow = service
        .token(&root.credentials_with(&json!({"scope": "account"})))
        .await
        .expect_json(200);
    let user = format!("/v1/admin/users/{}", alice.id);
    for token in [&tokens.access, narrow["access_token"].as_str().unwrap()] {
        for (method, path) in [
            ("GET", "/v1/admin/users".to_owned()),
            ("POST", "/v1/admin/users".to_owned()),
            ("GET", user.clone()),
            ("PATCH", user.clone()),
            ("DELETE", user.clone()),
            ("POST", format!("{user}/disable")),
            ("POST", format!("{user}/enable")),
            ("POST", format!("{user}/unlock")),
            ("POST", format!("{user}/secret-key")),
            ("DELETE", format!("{user}/sessions")),
            ("GET", "/v1/admin/keys".to_owned()),
            ("POST", "/v1/admin/keys/rotate".to_owned()),
            ("GET", "/v1/admin/events".to_owned()),
        ] {
            let answer = service.call(method, &path).bearer(token).await;
            let challenge = r#"Bearer realm="countersign", error="insufficient_scope", scope="admin""#;
            assert_eq!(answer.header("www-authenticate"), Some(challenge), "{method} {path}");
            answer.expect_problem(403, "insufficient_scope");
        }
    }
    service.log_in(&alice).await;
}

#[tokio::test]
async fn an_account_is_made_with_a_role_and_logs_in() {
    let service = Service::with(|setup| setup.set("accounts.registration", "admin")).await;
    let admin = service.admin_token().await;
    let body = json!({"username": "Second", "password": PASSWORD, "role": "admin", "email": "s@example.org"});
    let answer = service.post("/v1/admin/users").bearer(&admin).json(&body).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let made = answer.expect_json(201);
    assert_eq!((&made["role"], &made["username"]), (&json!("admin"), &json!("second")));
    let login = json!({"username": "second", "password": PASSWORD, "secret_key": made["secret_key"]});
    assert_eq!(service.token(&login).await.expect_json(200)["scope"], "account admin");

    let post = |body: Value| service.post("/v1/admin/users").bearer(&admin).json(&body);
    let taken = json!({"username": "second", "password": PASSWORD});
    post(taken).await.expect_problem(409, "username_taken");
    let taken = json!({"username": "third", "password": PASSWORD, "email": "S@EXAMPLE.org"});
    post(taken).await.expect_problem(409, "email_taken");
    let weak = json!({"username": "third", "password": "third-and-first"});
    post(weak).await.expect_faults(400, "weak_password", &["/password"]);
    let unknown = json!({"username": "third", "password": PASSWORD, "role": "root", "state": "disabled"});
    post(unknown)
        .await
        .expect_faults(400, "invalid_request", &["/role", "/state"]);
}

#[tokio::test]
async fn the_list_is_read_page_by_page_and_holds_everybody_once() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for number in 0..25 {
        service.register(&format!("user-{number:02}")).await;
    }
    let mut expected: Vec<String> = (0..25).map(|number| format!("user-{number:02}")).collect();
    expected.insert(0, "root".to_owned());
    for limit in [1, 7, 13, 26, 200] {
        let (mut found, mut query) = (Vec::new(), format!("limit={limit}"));
        loop {
            let page = list(&service, &admin, &query).await;
            let names = names(&page);
            assert!(!names.is_empty() && names.len() <= limit, "{page}");
            found.extend(names.into_iter().map(str::to_owned));
            match page.get("next_cursor") {
                Some(cursor) => query = format!("limit={limit}&cursor={}", cursor.as_str().unwrap()),
                None => break,
            }
        }
        assert_eq!(found, expected, "limit {limit}");
    }
}

#[tokio::test]
async fn accounts_that_come_and_go_between_pages_hide_nobody_else() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let mut people = Vec::new();
    for name in ["a", "c", "e", "g"] {
        people.push(service.register(name).await);
    }
    let first = list(&service, &admin, "limit=2").await;
    assert_eq!(names(&first), ["a", "c"]);
    service
        .delete(&format!("/v1/admin/users/{}", people[1].id))
        .bearer(&admin)
        .await
        .expect(204);
    service.register("b").await;
    service.register("d").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = list(&service, &admin, &format!("limit=10&cursor={cursor}")).await;
    assert_eq!(names(&second), ["d", "e", "g", "root"]);
}

#[tokio::test]
async fn a_search_takes_every_character_literally() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let make = async |name: &str, email: &str, display_name: &str| {
        let body = json!({"username": name, "password": PASSWORD, "email": email, "display_name": display_name});
        service.post("/v1/users").json(&body).await.expect_json(201);
    };
    make("per%cent", "one@example.org", "One").await;
    make("under_score", "two@example.org", "Zwölf Äpfel").await;
    make("back\\slash", "three@example.net", "It's \"quoted\"").await;
    make("plain", "four@example.com", "100% sure").await;
    let found = async |text: &str| {
        let encoded: String = text
            .bytes()
            .fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"));
        let page = list(&service, &admin, &format!("search={encoded}")).await;
        names(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("%").await, ["per%cent", "plain"]);
    assert_eq!(found("_").await, ["under_score"]);
    assert_eq!(found("\\").await, ["back\\slash"]);
    assert_eq!(found("'").await, ["back\\slash"]);
    assert_eq!(found("EXAMPLE.org").await, ["per%cent", "under_score"]);
    assert_eq!(found("äpfel").await, ["under_score"]);
    assert_eq!(found("' OR 1=1 --").await, [""; 0]);
    assert_eq!(found("").await.len(), 5);
}

#[tokio::test]
async fn the_list_can_be_narrowed_to_a_state() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, _) = (service.register("alice").await, service.register("bob").await);
    service
        .post(&format!("/v1/admin/users/{}/disable", alice.id))
        .bearer(&admin)
        .await
        .expect(200);
    assert_eq!(names(&list(&service, &admin, "state=disabled").await), ["alice"]);
    assert_eq!(names(&list(&service, &admin, "state=active").await), ["bob", "root"]);
    assert_eq!(names(&list(&service, &admin, "state=active&search=b").await), ["bob"]);
}

#[tokio::test]
async fn parameters_that_cannot_be_are_refused_by_name() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for (query, pointer) in [
        ("limit=0", "query:limit"),
        ("limit=201", "query:limit"),
        ("limit=many", "query:limit"),
        ("limit=-1", "query:limit"),
        ("cursor=!!", "query:cursor"),
        ("cursor=QUxJQ0U", "query:cursor"),
        ("state=gone", "query:state"),
    ] {
        let answer = service.get(&format!("/v1/admin/users?{query}")).bearer(&admin).await;
        answer.expect_faults(400, "invalid_request", &[pointer]);
    }
}

#[tokio::test]
async fn an_account_is_read_with_what_is_held_back() {
    let (service, _clock) = Service::with_clock().await;
    let admin = service.admin_token().await;
    let alice = service.register("alice").await;
    let path = format!("/v1/admin/users/{}", alice.id);
    for _ in 0..5 {
        service
            .token(&alice.credentials_with(&json!({"password": "wrong password"})))
            .await
            .expect(401);
    }
    let view = service.get(&path).bearer(&admin).await.expect_json(200);
    let key = &view["secret_keys"][0]["id"];
    assert_eq!(
        view,
        json!({
            "id": alice.id, "username": "alice", "role": "user", "state": "active",
            "created_at": "2026-01-15T12:00:00Z", "password_changed_at": "2026-01-15T12:00:00Z",
            "secret_keys": [{"id": key, "created_at": "2026-01-15T12:00:00Z", "superseded": false}],
            "authenticators": [], "recovery_codes_remaining": 0, "enrolment": "done", "password_change_advised": false,
            "held": [{"budget": "password", "failures": 5, "until": "2026-01-15T12:01:00Z", "for_good": false}],
        })
    );
    service
        .token(&alice.password_only())
        .await
        .expect_problem(401, "invalid_credentials");
    service.post(&format!("{path}/unlock")).bearer(&admin).await.expect(204);
    service
        .token(&alice.password_only())
        .await
        .expect_problem(403, "mfa_required");
    let view = service.get(&path).bearer(&admin).await.expect_json(200);
    assert_eq!(view["held"], json!([]));
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let path = format!("/v1/admin/users/{}", alice.id);
    let patch = |body: Value| service.call("PATCH", &path).bearer(&admin).json(&body);
    let changed = patch(json!({"email": "a@example.org", "display_name": "Alice"}))
        .await
        .expect_json(200);
    assert_eq!(
        (&changed["email"], &changed["display_name"]),
        (&json!("a@example.org"), &json!("Alice"))
    );
    let changed = patch(json!({"email": null})).await.expect_json(200);
    assert_eq!(
        (changed.get("email"), &changed["display_name"]),
        (None, &json!("Alice"))
    );
    patch(json!({})).await.expect_json(200);
    assert_eq!(
        service.resource(&tokens.access).await,
        200,
        "nothing that matters to tokens changed"
    );

    service
        .post("/v1/users")
        .json(&json!({"username": "bob", "password": PASSWORD, "email": "b@example.org"}))
        .await;
    patch(json!({"email": "B@example.org"}))
        .await
        .expect_problem(409, "email_taken");
    patch(json!({"email": "nobody"}))
        .await
        .expect_faults(400, "invalid_request", &["/email"]);
    patch(json!({"password": "x", "username": "y"})).await.expect_faults(
        400,
        "invalid_request",
        &["/password", "/username"],
    );

    assert_eq!(patch(json!({"role": "admin"})).await.expect_json(200)["role"], "admin");
    assert_eq!(
        service.resource(&tokens.access).await,
        401,
        "a change of role voids what was issued before"
    );
    assert_eq!(
        service.token(&alice.credentials()).await.expect_json(200)["scope"],
        "account admin"
    );
}

#[tokio::test]
async fn the_last_administrator_cannot_be_lost() {
    let service = Service::sqlite().await;
    let root = service.admin("root").await;
    let admin = service.log_in(&root).await.access;
    let path = format!("/v1/admin/users/{}", root.id);
    let demote = json!({"role": "user"});
    service
        .call("PATCH", &path)
        .bearer(&admin)
        .json(&demote)
        .await
        .expect_problem(409, "last_admin");
    service
        .post(&format!("{path}/disable"))
        .bearer(&admin)
        .await
        .expect_problem(409, "last_admin");
    service
        .delete(&path)
        .bearer(&admin)
        .await
        .expect_problem(409, "last_admin");
    // One who is disabled is nobody to rely on.
    let second = service.admin("second").await;
    let other = format!("/v1/admin/users/{}", second.id);
    service
        .post(&format!("{other}/disable"))
        .bearer(&admin)
        .await
        .expect(200);
    service
        .delete(&path)
        .bearer(&admin)
        .await
        .expect_problem(409, "last_admin");
    service
        .post(&format!("{other}/enable"))
        .bearer(&admin)
        .await
        .expect(200);
    service.delete(&path).bearer(&admin).await.expect(204);
    service
        .get("/v1/admin/users")
        .bearer(&admin)
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn disabled_is_disabled_and_enabled_starts_anew() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let path = format!("/v1/admin/users/{}", alice.id);
    let disabled = service
        .post(&format!("{path}/disable"))
        .bearer(&admin)
        .await
        .expect_json(200);
    assert_eq!(disabled["state"], "disabled");
    assert_eq!(service.resource(&tokens.access).await, 401);
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    service
        .post(&format!("{path}/disable"))
        .bearer(&admin)
        .await
        .expect(200);
    let enabled = service
        .post(&format!("{path}/enable"))
        .bearer(&admin)
        .await
        .expect_json(200);
    assert_eq!(enabled["state"], "active");
    assert_eq!(service.resource(&tokens.access).await, 401);
    service.log_in(&alice).await;
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_name_is_free_for_somebody_else() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let path = format!("/v1/admin/users/{}", alice.id);
    service.delete(&path).bearer(&admin).await.expect(204);
    service.get(&path).bearer(&admin).await.expect_problem(404, "not_found");
    service
        .delete(&path)
        .bearer(&admin)
        .await
        .expect_problem(404, "not_found");
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    let namesake = service.register("alice").await;
    assert_ne!(namesake.id, alice.id);
    // What the first one was issued is not the second one's.
    assert_eq!(service.resource(&tokens.access).await, 401);
    service
        .refresh(&tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    let old_key = Person {
        secret_key: alice.secret_key,
        ..namesake.clone()
    };
    service
        .token(&old_key.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    service.log_in(&namesake).await;
    let events = service.events(&admin, "user.deleted").await;
    assert_eq!(events[0]["subject"], alice.id.as_str());
}

#[tokio::test]
async fn a_reset_key_replaces_all_keys() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let rotation = json!({"secret_key": alice.secret_key, "overlap_seconds": 3_600});
    let rotated = service
        .post("/v1/me/secret-key/rotate")
        .bearer(&tokens.access)
        .json(&rotation)
        .await;
    let rotated = rotated.expect_json(200)["secret_key"].as_str().unwrap().to_owned();
    let path = format!("/v1/admin/users/{}/secret-key", alice.id);
    let answer = service.post(&path).bearer(&admin).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let reset = answer.expect_json(200)["secret_key"].as_str().unwrap().to_owned();
    for old in [&alice.secret_key, &rotated] {
        let body = alice.credentials_with(&json!({"secret_key": old}));
        service.token(&body).await.expect_problem(401, "invalid_credentials");
    }
    assert_eq!(service.resource(&tokens.access).await, 401);
    service
        .log_in(&Person {
            secret_key: reset.clone(),
            ..alice
        })
        .await;
    let log = service.get("/v1/admin/events?limit=200").bearer(&admin).await.text();
    assert!(log.contains("secret_key.reset") && !log.contains(&reset));
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_not_found_whatever_is_asked_of_it() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for id in [
        "00000000-0000-4000-8000-000000000000",
        "17",
        "%27%20OR%201=1--",
        "ffffffff",
    ] {
        let user = format!("/v1/admin/users/{id}");
        for (method, suffix, body) in [
            ("GET", "", None),
            ("PATCH", "", Some(json!({}))),
            ("DELETE", "", None),
            ("POST", "/disable", None),
            ("POST", "/enable", None),
            ("POST", "/unlock", None),
            ("POST", "/secret-key", None),
            ("DELETE", "/sessions", None),
        ] {
            let call = service.call(method, &format!("{user}{suffix}")).bearer(&admin);
            let call = match &body {
                Some(body) => call.json(body),
                None => call,
            };
            call.await.expect_problem(404, "not_found");
        }
    }
}
