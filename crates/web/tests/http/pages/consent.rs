//! Asking whether a client may have what it asks for.

use domain::user::Role;

use super::browser::{Browser, CALLBACK, application, own_application, parameter, request};
use crate::service::Service;

async fn logged_in<'a>(service: &'a Service, name: &str) -> Browser<'a> {
    let key = service.account(name, Role::User).await;
    let mut browser = Browser::new(service);
    browser.log_in("", name, &key).await;
    browser
}

#[tokio::test]
async fn a_client_of_others_gets_a_code_only_when_it_was_allowed_and_is_asked_about_once() {
    let service = Service::open().await;
    service.add(&application("shop")).await;
    let mut browser = logged_in(&service, "alice").await;
    let query = request("shop", &[]);
    let asked = browser.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(asked.starts_with("/auth/consent?"), "{asked}");
    let page = browser.get(&asked).await;
    page.assert_page(200);
    assert!(
        page.text.contains("The shop") && page.text.contains("app.example"),
        "{}",
        page.text
    );
    browser.send(&asked, &[("decision", "perhaps")]).await.assert_page(400);
    let there = browser.send(&asked, &[("decision", "allow")]).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    let again = browser.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(again.starts_with("https://app.example/cb?code="), "{again}");
    // More than was allowed is asked about; less is not.
    let more = request("shop", &[("scope", "openid profile email")]);
    let asked = browser.get(&format!("/auth/authorize?{more}")).await.location();
    assert!(asked.starts_with("/auth/consent?"), "{asked}");
    let less = request("shop", &[("scope", "openid")]);
    let there = browser.get(&format!("/auth/authorize?{less}")).await.location();
    assert!(there.starts_with(CALLBACK), "{there}");
    // What one person allowed, another did not.
    let mut other = logged_in(&service, "bob").await;
    let asked = other.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(asked.starts_with("/auth/consent?"), "{asked}");
}

#[tokio::test]
async fn a_refusal_is_told_to_the_client_and_not_remembered() {
    let service = Service::open().await;
    service.add(&application("shop")).await;
    let mut browser = logged_in(&service, "alice").await;
    let query = request("shop", &[]);
    let consent = format!("/auth/consent?{query}");
    browser.get(&consent).await;
    let there = browser.send(&consent, &[("decision", "deny")]).await.location();
    assert_eq!(parameter(&there, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&there, "state").as_deref(), Some("the-state"));
    browser.get(&consent).await.assert_page(200);
}

#[tokio::test]
async fn to_act_in_absence_is_asked_about_each_time_but_not_for_the_operators_own() {
    let service = Service::open().await;
    service.add(&application("shop")).await;
    service.add(&own_application("own")).await;
    let mut browser = logged_in(&service, "alice").await;
    let query = request("shop", &[("scope", "openid offline_access")]);
    for _ in 0..2 {
        let asked = browser.get(&format!("/auth/authorize?{query}")).await.location();
        assert!(asked.starts_with("/auth/consent?"), "{asked}");
        browser.get(&asked).await;
        browser.send(&asked, &[("decision", "allow")]).await.location();
    }
    let own = request("own", &[("scope", "openid offline_access")]);
    let there = browser.get(&format!("/auth/authorize?{own}")).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    // Unless the client wants it asked.
    let own = request("own", &[("prompt", "consent")]);
    let asked = browser.get(&format!("/auth/authorize?{own}")).await.location();
    assert!(asked.starts_with("/auth/consent?"), "{asked}");
    browser.get(&asked).await;
    browser.send(&asked, &[("decision", "allow")]).await.location();
}

#[tokio::test]
async fn a_request_that_wants_no_page_is_told_that_one_is_needed() {
    let service = Service::open().await;
    service.add(&application("shop")).await;
    let mut browser = logged_in(&service, "alice").await;
    let silent = request("shop", &[("prompt", "none")]);
    let there = browser.get(&format!("/auth/authorize?{silent}")).await.location();
    assert_eq!(parameter(&there, "error").as_deref(), Some("consent_required"));
    let consent = format!("/auth/consent?{}", request("shop", &[]));
    browser.get(&consent).await;
    browser.send(&consent, &[("decision", "allow")]).await.location();
    let there = browser.get(&format!("/auth/authorize?{silent}")).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
}

#[tokio::test]
async fn nobody_consents_without_being_logged_in() {
    let service = Service::open().await;
    service.add(&application("shop")).await;
    let mut browser = Browser::new(&service);
    browser.get("/auth/login").await;
    let consent = format!("/auth/consent?{}", request("shop", &[]));
    let next = browser.get(&consent).await.location();
    assert!(next.starts_with("/auth/authorize?"), "{next}");
    let next = browser.send(&consent, &[("decision", "allow")]).await.location();
    assert!(next.starts_with("/auth/authorize?"), "{next}");
}
