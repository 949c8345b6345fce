//! `/v1/admin/events`: the audit log.

use serde_json::{Value, json};
use tests::Service;

async fn list(service: &Service, admin: &str, query: &str) -> Value {
    service
        .get(&format!("/v1/admin/events?{query}"))
        .bearer(admin)
        .await
        .expect_json(200)
}

fn positions(page: &Value) -> Vec<i64> {
    page["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["position"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn an_entry_says_what_happened_to_whom_and_from_where() {
    let (service, _clock) = Service::with_clock().await;
    let admin = service.admin_token().await;
    let alice = service.register("alice").await;
    let call = service
        .post("/v1/token")
        .header("user-agent", "tests/1")
        .json(&alice.credentials());
    let answer = call.await.expect(200);
    let events = service.events(&admin, "login.succeeded").await;
    let session = &events[0]["details"]["session"];
    assert_eq!(
        events[0],
        json!({
            "position": events[0]["position"], "at": "2026-01-15T12:00:00Z", "kind": "login.succeeded",
            "actor": alice.id, "subject": alice.id, "address": "127.0.0.1", "user_agent": "tests/1",
            "request_id": answer.header("x-request-id").unwrap(),
            "details": {
                "session": session, "amr": "pwd secret_key", "acr": "urn:countersign:acr:pwd+key", "scope": "account",
            },
        })
    );
}

#[tokio::test]
async fn the_log_has_no_gaps_and_is_read_page_by_page() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for number in 0..12 {
        service.register(&format!("user-{number}")).await;
    }
    let all = positions(&list(&service, &admin, "limit=200").await);
    let newest = *all.first().unwrap();
    assert!(newest >= 13, "{all:?}");
    assert_eq!(all, (1..=newest).rev().collect::<Vec<_>>());
    let (mut found, mut query) = (Vec::new(), "limit=5".to_owned());
    loop {
        let page = list(&service, &admin, &query).await;
        found.extend(positions(&page));
        match page.get("next_before") {
            Some(before) => query = format!("limit=5&before={before}"),
            None => break,
        }
    }
    assert_eq!(found, all);
}

#[tokio::test]
async fn it_can_be_narrowed_to_a_kind_and_to_an_account() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let (alice, _) = service.logged_in("alice").await;
    service.logged_in("bob").await;
    let about_alice = list(&service, &admin, &format!("subject={}", alice.id)).await;
    let kinds: Vec<&str> = about_alice["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["login.succeeded", "user.created"]);
    let both = list(&service, &admin, &format!("subject={}&kind=user.created", alice.id)).await;
    assert_eq!(positions(&both).len(), 1);
}

#[tokio::test]
async fn parameters_that_cannot_be_are_refused_by_name() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for (query, pointer) in [
        ("limit=0", "query:limit"),
        ("limit=201", "query:limit"),
        ("before=0", "query:before"),
        ("before=x", "query:before"),
        ("kind=nothing.happened", "query:kind"),
        ("subject=alice", "query:subject"),
    ] {
        let answer = service.get(&format!("/v1/admin/events?{query}")).bearer(&admin).await;
        answer.expect_faults(400, "invalid_request", &[pointer]);
    }
}

#[tokio::test]
async fn nobody_can_change_or_delete_an_entry() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let answer = service.call(method, "/v1/admin/events").bearer(&admin).await;
        answer.expect_problem(405, "method_not_allowed");
    }
    service
        .delete("/v1/admin/events/1")
        .bearer(&admin)
        .await
        .expect_problem(404, "not_found");
}
