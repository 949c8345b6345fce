//! `/v1/admin/keys`: the signing keys, and changing them.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Service, token};

/// The keys for access tokens.
async fn states(service: &Service, admin: &str) -> Vec<(String, String)> {
    let list = service.get("/v1/admin/keys").bearer(admin).await.expect_json(200);
    let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    let keys = list["keys"].as_array().unwrap();
    let keys = keys.iter().filter(|key| key["purpose"] == "access_token");
    keys.map(|key| (text(key, "kid"), text(key, "state"))).collect()
}

fn in_state(keys: &[(String, String)], wanted: &str) -> Vec<String> {
    keys.iter()
        .filter(|(_, state)| state == wanted)
        .map(|(kid, _)| kid.clone())
        .collect()
}

async fn rotate(service: &Service, admin: &str, body: &Value) -> tests::Answer {
    service.post("/v1/admin/keys/rotate").bearer(admin).json(body).await
}

#[tokio::test]
async fn the_keys_are_listed_without_anything_private() {
    let (service, _clock) = Service::with_clock().await;
    let admin = service.admin_token().await;
    let list = service.get("/v1/admin/keys").bearer(&admin).await.expect_json(200);
    let key = |place: usize, purpose: &str, state: &str| {
        let algorithm = if purpose == "id_token" { "RS256" } else { "ES256" };
        json!({
            "kid": list["keys"][place]["kid"], "purpose": purpose, "algorithm": algorithm, "state": state,
            "created_at": "2026-01-15T12:00:00Z", "state_since": "2026-01-15T12:00:00Z",
        })
    };
    let keys = list["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 4);
    for (place, found) in keys.iter().enumerate() {
        let (purpose, state) = (found["purpose"].as_str().unwrap(), found["state"].as_str().unwrap());
        assert!(["access_token", "id_token"].contains(&purpose));
        assert!(["next", "active"].contains(&state));
        assert_eq!(*found, key(place, purpose, state));
    }
    let active = in_state(&states(&service, &admin).await, "active");
    assert_eq!(token::header(&admin)["kid"], active[0].as_str());
}

#[tokio::test]
async fn an_orderly_change_waits_until_verifiers_can_know_the_next_key() {
    let (service, clock) = Service::with_clock().await;
    let root = service.admin("root").await;
    let admin = service.log_in(&root).await.access;
    let answer = service.post("/v1/admin/keys/rotate").bearer(&admin).await;
    let problem = answer.expect_problem(409, "rotation_too_soon");
    assert_eq!(problem["possible_at"], "2026-01-16T12:00:00Z");
    clock.advance(Duration::from_hours(24));

    let before = service.log_in(&root).await.access;
    let keys = states(&service, &before).await;
    let (active, next) = (in_state(&keys, "active"), in_state(&keys, "next"));
    let answer = service
        .post("/v1/admin/keys/rotate")
        .bearer(&before)
        .await
        .expect_json(200);
    assert_eq!(answer, json!({"kid": next[0]}));
    let after = service.log_in(&root).await.access;
    assert_eq!(token::header(&after)["kid"], next[0].as_str());
    // There is no moment in which a valid token is refused.
    assert_eq!(
        (service.resource(&before).await, service.resource(&after).await),
        (200, 200)
    );
    let keys = states(&service, &after).await;
    assert_eq!((in_state(&keys, "retiring"), in_state(&keys, "active")), (active, next));
    let published: Vec<String> = in_state(&keys, "next")
        .into_iter()
        .chain(in_state(&keys, "active"))
        .collect();
    let jwks = service.jwks().await;
    for kid in published.iter().chain(&in_state(&keys, "retiring")) {
        assert!(
            jwks["keys"]
                .as_array()
                .unwrap()
                .iter()
                .any(|key| key["kid"] == kid.as_str()),
            "{kid}"
        );
    }
}

#[tokio::test]
async fn after_a_leak_nothing_that_the_key_signed_is_believed() {
    let service = Service::sqlite().await;
    let root = service.admin("root").await;
    let (alice, tokens) = service.logged_in("alice").await;
    let before = service.log_in(&root).await.access;
    assert_eq!(service.resource(&tokens.access).await, 200);
    let leaked = token::header(&before)["kid"].as_str().unwrap().to_owned();
    // However new the next key is: a leak does not wait.
    rotate(&service, &before, &json!({"compromised": true}))
        .await
        .expect_json(200);
    assert_eq!(
        (service.resource(&before).await, service.resource(&tokens.access).await),
        (401, 401)
    );
    let jwks = service.jwks().await;
    assert!(
        jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key["kid"] != leaked.as_str()),
        "{jwks}"
    );
    let after = service.log_in(&root).await.access;
    assert_ne!(token::header(&after)["kid"], leaked.as_str());
    let keys = states(&service, &after).await;
    assert_eq!(in_state(&keys, "retired"), [leaked]);
    // Sessions go on with the new key: a refresh token is no signature.
    let next = service.refresh(&tokens.refresh).await.expect_json(200);
    assert_eq!(service.resource(next["access_token"].as_str().unwrap()).await, 200);
    service.log_in(&alice).await;
    for kind in ["key.retired", "key.activated"] {
        let events = service.events(&after, kind).await;
        assert_eq!(events[0]["details"]["by"], "admin", "{kind}");
    }
}

#[tokio::test]
async fn the_body_is_optional_and_strict() {
    let service = Service::sqlite().await;
    let admin = service.admin_token().await;
    let unknown = rotate(&service, &admin, &json!({"compromized": true})).await;
    unknown.expect_faults(400, "invalid_request", &["/compromized"]);
    let wrong = rotate(&service, &admin, &json!({"compromised": "true"})).await;
    wrong.expect_faults(400, "invalid_request", &["/compromised"]);
    rotate(&service, &admin, &json!({"compromised": false}))
        .await
        .expect_problem(409, "rotation_too_soon");
    rotate(&service, &admin, &json!({}))
        .await
        .expect_problem(409, "rotation_too_soon");
}
