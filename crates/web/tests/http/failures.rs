//! A service whose store does not answer, or worse.

use std::sync::Arc;
use std::time::Duration;

use crate::service::{Call, PASSWORD, Service, options};
use application::core::Registration;
use application::ports::{Store, StoreError, Transaction};
use async_trait::async_trait;
use domain::user::Role;
use poem::http::Method;
use testkit::memory::MemoryStore;

/// A store that begins no transaction that writes.
struct Unwell {
    store: MemoryStore,
    illness: Illness,
}

#[derive(Clone, Copy)]
enum Illness {
    Panics,
    NeverAnswers,
}

#[async_trait]
impl Store for Unwell {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        match self.illness {
            Illness::Panics => panic!("the secret of the store is hunter2"),
            Illness::NeverAnswers => std::future::pending().await,
        }
    }

    async fn read(&self) -> Result<Box<dyn Transaction>, StoreError> {
        self.store.read().await
    }
}

/// A service with an unwell store, a token, and one for one use: made while the store was well.
async fn unwell(illness: Illness, request_timeout: Duration) -> (Service, String, String) {
    let options = web::Options {
        request_timeout,
        ..options()
    };
    let service = Service::start(Registration::Open, options.clone()).await;
    let token = service.token("alice", Role::User).await;
    let secret_key = service.account("bob", Role::User).await;
    let login = serde_json::json!({ "username": "bob", "password": PASSWORD, "secret_key": secret_key, "use": "once" });
    let once = service.post("/v1/token", &login).await.json();
    let once = once["access_token"].as_str().unwrap().to_owned();
    let mut ports = service.app.core.ports.clone();
    ports.store = Arc::new(Unwell {
        store: service.store.clone(),
        illness,
    });
    let app = Arc::new(application::App::new(ports, service.app.core.policies.clone()));
    app.key_ring.reload().await.unwrap();
    app.revocation_feed.follow().await.unwrap();
    let endpoint = web::endpoint(Arc::clone(&app), options);
    let unwell = Service {
        endpoint,
        app,
        ..service
    };
    (unwell, token, once)
}

#[tokio::test]
async fn a_panic_is_an_internal_error_with_nothing_inside() {
    let (service, token, once) = unwell(Illness::Panics, Duration::from_secs(30)).await;
    for call in [
        Call::new(Method::DELETE, "/v1/me/sessions").bearer(&token),
        Call::new(Method::GET, "/v1/resource").bearer(&once),
    ] {
        let answer = service.call(call).await;
        answer.assert_problem(500, "internal_error");
        assert!(!answer.text.contains("hunter2") && !answer.text.contains("panic"));
    }
    assert_eq!(
        service.get("/v1/resource", &token).await.status,
        200,
        "and life goes on"
    );
}

#[tokio::test]
async fn work_without_end_is_given_up() {
    let (service, token, once) = unwell(Illness::NeverAnswers, Duration::from_millis(50)).await;
    for call in [
        Call::new(Method::DELETE, "/v1/me/sessions").bearer(&token),
        Call::new(Method::GET, "/v1/resource").bearer(&once),
    ] {
        let answer = service.call(call).await;
        answer.assert_problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn a_body_that_never_comes_is_not_waited_for() {
    let request_timeout = Duration::from_millis(50);
    let service = Service::start(
        Registration::Open,
        web::Options {
            request_timeout,
            ..options()
        },
    )
    .await;
    let answer = service
        .call(Call::post("/v1/users", "{}").with_body_that_never_comes())
        .await;
    answer.assert_problem(408, "request_timeout");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let service = Service::open().await;
    let answer = service
        .call(Call::post("/v1/users", "{}").with_body_that_breaks_off())
        .await;
    answer.assert_problem(400, "invalid_request");
    let body = serde_json::json!({ "username": "bob", "password": PASSWORD });
    assert_eq!(service.post("/v1/users", &body).await.status, 201);
}
