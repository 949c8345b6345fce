//! What a service still knows when it is started again on its data folder.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::json;
use testkit::clock::ManualClock;
use tests::person::foreign_secret_key;
use tests::{Service, Tokens};

const URL: &str = "http://countersign.example";

#[tokio::test]
async fn everything_that_matters_outlives_a_restart() {
    let clock = std::sync::Arc::new(ManualClock::default());
    let service = Service::with(|setup| setup.clock(&clock).set("http.public_url", URL)).await;
    let (alice, tokens) = service.logged_in("alice").await;
    let (ended, ended_tokens) = service.logged_in("ended").await;
    service
        .delete("/v1/me/sessions")
        .bearer(&ended_tokens.access)
        .await
        .expect(204);
    let held = service.register("held").await;
    for _ in 0..5 {
        let wrong = held.credentials_with(&json!({"secret_key": foreign_secret_key()}));
        service.token(&wrong).await.expect(401);
    }
    let auth_session = service.auth_session(&alice).await;
    let admin = service.admin_token().await;
    let log = service
        .get("/v1/admin/events?limit=200")
        .bearer(&admin)
        .await
        .expect_json(200);

    let service = service.stop().await.start().await;
    assert_eq!(service.resource(&tokens.access).await, 200);
    assert_eq!(service.resource(&ended_tokens.access).await, 401);
    service
        .refresh(&ended_tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    let next = Tokens::read(&service.refresh(&tokens.refresh).await.expect_json(200));
    service
        .refresh(&tokens.refresh)
        .await
        .expect_problem(401, "invalid_refresh_token");
    assert_eq!(
        service.resource(&next.access).await,
        401,
        "reuse was not noticed across the restart"
    );
    let body = json!({"auth_session": auth_session, "secret_key": alice.secret_key});
    service.token(&body).await.expect_json(200);
    service.token(&body).await.expect_problem(401, "invalid_credentials");
    service
        .token(&held.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    clock.advance(Duration::from_mins(1));
    service.log_in(&held).await;
    service.log_in(&ended).await;
    let newest = log["events"][0]["position"].as_i64().unwrap();
    let path = format!("/v1/admin/events?limit=200&before={}", newest + 1);
    let again = service.get(&path).bearer(&admin).await.expect_json(200);
    assert_eq!(again["events"], log["events"]);
}

#[tokio::test]
async fn what_is_in_the_data_folder_is_for_its_owner_only() {
    let service = Service::sqlite().await;
    service.register("alice").await;
    let setup = service.stop().await;
    let key = setup.folder().join("master.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&key).unwrap();
    assert!(text.starts_with("cmk_"), "{}", text.len());
    let database = setup.folder().join("countersign.db");
    assert_eq!(
        std::fs::metadata(&database).unwrap().permissions().mode() & 0o077,
        0,
        "others can read the database"
    );
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let service = Service::sqlite().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let auth_session = service.auth_session(&alice).await;
    let setup = service.stop().await;
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(setup.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("countersign.db"))
        {
            stored.extend(std::fs::read(path).unwrap());
        }
    }
    let holds = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("alice"), "the search finds nothing at all");
    for secret in [
        &alice.secret_key,
        &alice.password,
        &tokens.refresh,
        &tokens.access,
        &auth_session,
    ] {
        assert!(!holds(secret) && !holds(&secret[4..]), "{secret} is in the database");
    }
}

#[tokio::test]
async fn a_service_that_stops_finishes_what_it_began() {
    use crypto::password_hasher::{Parameters, PoolSettings};
    let one = std::num::NonZeroUsize::MIN;
    let hashing = PoolSettings {
        parameters: Parameters::RECOMMENDED,
        threads: Some(one),
        queue: one.saturating_add(63),
    };
    let service = Service::with(|setup| setup.hashing(hashing)).await;
    let alice = service.register("alice").await;
    let running: Vec<_> = (0..8)
        .map(|_| service.post("/v1/token").json(&alice.credentials()))
        .collect();
    let running: Vec<_> = running.into_iter().map(|call| tokio::spawn(call.try_send())).collect();
    // Once one is answered, the others are in.
    let mut running = futures_util::future::select_all(running).await;
    assert_eq!(running.0.unwrap().unwrap().status, 200);
    service.stop().await;
    for call in running.2.drain(..) {
        // Connections that were not accepted yet may be refused; what was begun is answered whole.
        if let Ok(answer) = call.await.unwrap() {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
}
