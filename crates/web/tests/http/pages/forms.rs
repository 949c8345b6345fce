//! Forms of others: cross-site request forgery.

use super::browser::{Browser, application, request};
use crate::service::{PASSWORD, Service};

const LOGIN: [(&str, &str); 2] = [("username", "alice"), ("password", PASSWORD)];

#[tokio::test]
async fn a_form_is_taken_only_from_the_browser_that_it_was_shown_in() {
    let (service, _) = Service::with_app().await;
    let mut own = Browser::new(&service);
    own.get("/auth/login").await;
    let mut other = Browser::new(&service);
    other.get("/auth/login").await;
    assert_ne!(own.csrf, other.csrf);
    let good = own.csrf.clone();
    let flipped = if good.starts_with('0') {
        good.replacen('0', "1", 1)
    } else {
        good.replacen(|_| true, "0", 1)
    };
    for csrf in ["", "x", &other.csrf, &flipped, &good.to_uppercase()] {
        let mut fields = vec![("csrf", csrf)];
        fields.extend(LOGIN);
        own.post("/auth/login", &fields).await.assert_page(400);
    }
    own.post("/auth/login", &LOGIN).await.assert_page(400);
    // Twice is not once.
    own.post("/auth/login", &[("csrf", &good), ("csrf", &good), LOGIN[0], LOGIN[1]])
        .await
        .assert_page(400);
    // Without the cookie the field is worth nothing.
    let mut bare = Browser::new(&service);
    bare.post("/auth/login", &[("csrf", &good), LOGIN[0], LOGIN[1]])
        .await
        .assert_page(400);
    own.post("/auth/login", &[("csrf", &good), LOGIN[0], LOGIN[1]])
        .await
        .location();
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_whatever_it_holds() {
    let (service, _) = Service::with_app().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:8081"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
    ] {
        let mut browser = Browser::new(&service);
        browser.get("/auth/login").await;
        browser.headers = vec![(name, value.to_owned())];
        browser.send("/auth/login", &LOGIN).await.assert_page(400);
        assert!(
            !browser.cookies.contains_key("__Host-countersign-login"),
            "{name} {value}"
        );
    }
    let mut browser = Browser::new(&service);
    browser.get("/auth/login").await;
    browser.headers = vec![
        ("origin", "http://localhost:8080".to_owned()),
        ("sec-fetch-site", "same-origin".to_owned()),
    ];
    browser.send("/auth/login", &LOGIN).await.location();
}

#[tokio::test]
async fn no_page_changes_anything_because_of_a_link_or_a_stranger_s_form() {
    let (service, key) = Service::with_app().await;
    service.add(&application("shop")).await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let query = request("shop", &[]);
    // To allow by a link, or by a form without the field.
    browser
        .get(&format!("/auth/consent?{query}&decision=allow"))
        .await
        .assert_page(200);
    browser
        .post(&format!("/auth/consent?{query}"), &[("decision", "allow")])
        .await
        .assert_page(400);
    browser.get("/auth/logout?decision=logout").await.assert_page(200);
    browser
        .post("/auth/logout", &[("decision", "logout")])
        .await
        .assert_page(400);
    browser
        .post("/auth/device", &[("user_code", "BCDF-GHJK"), ("decision", "allow")])
        .await
        .assert_page(400);
    // Still logged in, and still asked.
    browser.get(&format!("/auth/consent?{query}")).await.assert_page(200);
    // A form whose body is none.
    let answer = service
        .post("/auth/login", &serde_json::json!({"username": "alice"}))
        .await;
    answer.assert_page(400);
}
