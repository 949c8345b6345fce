//! Deciding about a device that shows a code.

use std::time::Duration;

use application::ports::{Clock as _, Purpose, Store as _};
use domain::authorization::{ClientRequest, RequestedClaims};
use domain::client::ClientId;
use domain::device::{DeviceState, StoredDevice, UserCode};
use domain::scope::Scopes;
use domain::secret::Digest;

use super::browser::{Browser, application};
use crate::service::Service;

/// A device that waits under this code.
async fn waiting(service: &Service, code: &str, number: u8) -> Digest {
    let letters = UserCode::parse(code).unwrap();
    let device = StoredDevice {
        digest: Digest::from_bytes([number; 32]),
        user_code: service
            .app
            .core
            .ports
            .digester
            .digest(Purpose::UserCode, letters.letters().as_bytes()),
        request: ClientRequest {
            client: ClientId::parse("tv").unwrap(),
            scopes: Scopes::parse("openid profile").unwrap(),
            audience: Vec::new(),
            challenge: None,
            nonce: None,
            claims: RequestedClaims::default(),
            max_age: None,
        },
        state: DeviceState::Pending,
        interval: Duration::from_secs(5),
        polled_at: None,
        expires_at: service.clock.now().after(Duration::from_mins(10)),
    };
    let mut tx = service.store.begin().await.unwrap();
    assert!(tx.oauth().devices().insert(&device).await.unwrap());
    tx.commit().await.unwrap();
    device.digest
}

async fn state(service: &Service, digest: &Digest) -> DeviceState {
    let mut tx = service.store.read().await.unwrap();
    tx.oauth().devices().find(digest).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_person_types_the_code_sees_what_is_asked_and_decides() {
    let (service, key) = Service::with_app().await;
    service.add(&application("tv")).await;
    let first = waiting(&service, "BCDF-GHJK", 1).await;
    let second = waiting(&service, "BCDF-GHJL", 2).await;
    let mut browser = Browser::new(&service);
    // By the link with the code in it, through the login.
    let login = browser.get("/auth/device?user_code=bcdf-ghjk").await.location();
    assert!(
        login.starts_with("/auth/login?to=device&user_code=BCDF-GHJK"),
        "{login}"
    );
    let done = browser
        .log_in(login.strip_prefix("/auth/login?").unwrap(), "alice", &key)
        .await
        .location();
    let page = browser.get(&done).await;
    page.assert_page(200);
    assert!(page.text.contains("value=\"BCDF-GHJK\""), "{}", page.text);
    assert_eq!(
        state(&service, &first).await,
        DeviceState::Pending,
        "a link decides nothing"
    );
    let page = browser.send("/auth/device", &[("user_code", "bcdf ghjk")]).await;
    page.assert_page(200);
    assert!(
        page.text.contains("The tv") && page.text.contains("BCDF-GHJK"),
        "{}",
        page.text
    );
    assert_eq!(
        state(&service, &first).await,
        DeviceState::Pending,
        "typing decides nothing"
    );
    let fields = [("user_code", "BCDF-GHJK"), ("decision", "allow")];
    browser.send("/auth/device", &fields).await.assert_page(200);
    let DeviceState::Approved(login) = state(&service, &first).await else {
        panic!("it was allowed");
    };
    assert!(login.parent.is_some());
    // Once.
    let answer = browser.send("/auth/device", &fields).await;
    assert!(answer.text.contains("class=\"notice error\""), "{}", answer.text);
    browser
        .send("/auth/device", &[("user_code", "BCDF-GHJL"), ("decision", "deny")])
        .await
        .assert_page(200);
    assert_eq!(state(&service, &second).await, DeviceState::Denied);
}

#[tokio::test]
async fn codes_can_be_guessed_a_few_times_only() {
    let (service, key) = Service::with_app().await;
    service.add(&application("tv")).await;
    let device = waiting(&service, "BCDF-GHJK", 1).await;
    let mut browser = Browser::new(&service);
    browser.log_in("to=device", "alice", &key).await;
    browser.get("/auth/device").await;
    // What cannot be a code is no guess.
    for _ in 0..9 {
        browser
            .send("/auth/device", &[("user_code", "AEIO-UAEI")])
            .await
            .assert_page(200);
    }
    for number in 0..5 {
        let guess = format!("BCDF-GHL{}", char::from(b"BCDFG"[number]));
        let answer = browser.send("/auth/device", &[("user_code", &guess)]).await;
        assert!(answer.text.contains("class=\"notice error\""), "{}", answer.text);
    }
    let answer = browser
        .send("/auth/device", &[("user_code", "BCDF-GHJK"), ("decision", "allow")])
        .await;
    assert!(answer.text.contains("class=\"notice error\""), "{}", answer.text);
    assert_eq!(state(&service, &device).await, DeviceState::Pending);
    service.clock.advance(Duration::from_mins(2));
    browser
        .send("/auth/device", &[("user_code", "BCDF-GHJK"), ("decision", "allow")])
        .await
        .assert_page(200);
    assert!(matches!(state(&service, &device).await, DeviceState::Approved(_)));
}

#[tokio::test]
async fn nobody_decides_without_being_logged_in_or_after_the_device_gave_up() {
    let (service, key) = Service::with_app().await;
    service.add(&application("tv")).await;
    let device = waiting(&service, "BCDF-GHJK", 1).await;
    let mut browser = Browser::new(&service);
    browser.get("/auth/login").await;
    let fields = [("user_code", "BCDF-GHJK"), ("decision", "allow")];
    let next = browser.send("/auth/device", &fields).await.location();
    assert!(next.starts_with("/auth/login?to=device"), "{next}");
    browser.log_in("to=device", "alice", &key).await;
    browser.get("/auth/device").await;
    service.clock.advance(Duration::from_mins(11));
    let answer = browser.send("/auth/device", &fields).await;
    assert!(answer.text.contains("class=\"notice error\""), "{}", answer.text);
    assert_eq!(state(&service, &device).await, DeviceState::Pending);
}
