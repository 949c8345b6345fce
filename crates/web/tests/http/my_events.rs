//! What happened to one's own account.

use crate::otp::{enrolled, post};
use crate::service::Service;
use domain::user::Role;
use serde_json::Value;

const PATH: &str = "/v1/me/events";

#[tokio::test]
async fn an_owner_sees_what_happened_to_the_account_and_nothing_else() {
    let service = Service::open().await;
    let admin = service.token("root", Role::Admin).await;
    let alice = enrolled(&service, "alice", Role::User).await;
    let me = service.get("/v1/me", &alice.token).await.json();
    let unlock = format!("/v1/admin/users/{}/unlock", me["id"].as_str().unwrap());
    assert_eq!(post(&service, &unlock, &admin, &Value::Null).await.status, 204);

    let answer = service.get(&format!("{PATH}?limit=200"), &alice.token).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let events = answer.json()["events"].as_array().unwrap().clone();
    assert!(
        events.len() >= 5 && events.iter().all(|event| event["subject"] == me["id"]),
        "{events:?}"
    );
    assert!(answer.json().get("next_before").is_none());
    let by_admin = &events[0];
    assert_eq!(by_admin["kind"], "user.unlocked");
    assert!(
        by_admin.get("address").is_none() && by_admin["actor"] != me["id"],
        "{by_admin}"
    );
    assert_eq!(events[1]["address"], "192.0.2.1", "{}", events[1]);

    let (mut positions, mut before) = (Vec::new(), String::new());
    loop {
        let page = service
            .get(&format!("{PATH}?limit=2{before}"), &alice.token)
            .await
            .json();
        let events = page["events"].as_array().unwrap().clone();
        positions.extend(events.iter().map(|event| event["position"].as_i64().unwrap()));
        match page.get("next_before") {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(positions.len(), events.len());
    assert!(positions.is_sorted_by(|one, other| one > other));
}

#[tokio::test]
async fn its_parameters_are_checked() {
    let service = Service::open().await;
    let token = service.token("alice", Role::User).await;
    for (query, pointer) in [
        ("limit=0", "query:limit"),
        ("limit=201", "query:limit"),
        ("before=x", "query:before"),
        ("limit=1&limit=2", "query:limit"),
    ] {
        let answer = service.get(&format!("{PATH}?{query}"), &token).await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [pointer]);
    }
}
