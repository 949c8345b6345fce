//! A node whose database is gone: alive, honest about it, and never lenient (invariant 8).

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use testkit::clock::ManualClock;
use testkit::postgres::{Cluster, REQUIREMENT};
use tests::proxy::{Line, Proxy};
use tests::wait::eventually;
use tests::{Service, Setup};

const PATIENCE: Duration = Duration::from_secs(20);

struct Away {
    service: Service,
    proxy: Proxy,
    clock: Arc<ManualClock>,
}

/// A node that reaches PostgreSQL by way of a proxy, and that gives up on it soon.
async fn away() -> Option<Away> {
    let Some(cluster) = Cluster::shared().await else {
        testkit::requirement::missing(REQUIREMENT);
        return None;
    };
    let url = cluster.create_database().await;
    let proxy = Proxy::before(&url).await;
    let clock = Arc::new(ManualClock::default());
    let setup = Setup::default()
        .clock(&clock)
        .database(&proxy.url(&url), &tests::service::master_key());
    let setup = setup
        .set("database.acquire_timeout", "1s")
        .set("http.request_timeout", "3s");
    Some(Away {
        service: setup.start().await,
        proxy,
        clock,
    })
}

async fn everything_fails_closed_and_comes_back(away: Away, line: Line) {
    let Away { service, proxy, clock } = away;
    let (alice, tokens) = service.logged_in("alice").await;
    let once = service
        .token(&alice.credentials_with(&json!({"use": "once"})))
        .await
        .expect_json(200);
    let once = once["access_token"].as_str().unwrap();
    assert_eq!(service.resource(&tokens.access).await, 200);

    proxy.set(line);
    // A second later nobody can say whether a token was revoked meanwhile.
    clock.advance(Duration::from_millis(1_001));
    let calls = [
        service.get("/v1/resource").bearer(&tokens.access),
        service.get("/v1/resource").bearer(once),
        service.post("/v1/token").json(&alice.credentials()),
        service
            .post("/v1/token")
            .json(&json!({"username": "nobody", "password": "whatever it is"})),
        service
            .post("/v1/token/refresh")
            .json(&json!({"refresh_token": tokens.refresh})),
        service.post("/v1/token/revoke").json(&json!({"token": tokens.refresh})),
        service
            .post("/v1/users")
            .json(&json!({"username": "bob", "password": "correct horse battery"})),
        service.get("/v1/me").bearer(&tokens.access),
    ];
    for answer in tests::crowd::crowd(calls).await {
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        answer.expect_problem(503, "unavailable");
    }
    assert_eq!(service.get("/livez").await.expect_json(200), json!({"status": "ok"}));
    let ready = service.get("/readyz").await.expect_json(503);
    assert_eq!(ready["status"], "not_ready");

    proxy.set(Line::Open);
    let is_ready = || async { service.get("/readyz").await.status == 200 };
    eventually("the node is ready again", PATIENCE, is_ready).await;
    assert_eq!(service.resource(&tokens.access).await, 200);
    service.log_in(&alice).await;
    assert_eq!((service.resource(once).await, service.resource(once).await), (200, 401));
}

#[tokio::test]
async fn a_database_that_ends_connections() {
    let Some(away) = away().await else { return };
    everything_fails_closed_and_comes_back(away, Line::Cut).await;
}

#[tokio::test]
async fn a_database_that_says_nothing_any_more() {
    let Some(away) = away().await else { return };
    everything_fails_closed_and_comes_back(away, Line::Silent).await;
}
