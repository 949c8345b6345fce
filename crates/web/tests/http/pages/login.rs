//! Logging in: password, second factor, enrolment on the way.

use application::core::FirstFactor;
use domain::authenticator::OtpParameters;
use domain::key_uri;
use domain::one_time_code::OneTimeCode;
use domain::totp::Period;
use domain::user::Role;
use web::Options;

use super::browser::{Browser, parameter, request};
use crate::service::{PASSWORD, Service, options, policies, rate_limit};

#[tokio::test]
async fn a_login_for_an_application_ends_with_a_code() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    let there = browser.obtain(&request("app", &[]), "alice", &key).await;
    assert!(there.starts_with("https://app.example/cb?code=cac_"), "{there}");
    assert_eq!(parameter(&there, "state").as_deref(), Some("the-state"));
    assert_eq!(parameter(&there, "iss").as_deref(), Some("http://localhost:8080"));
    assert!(browser.session().is_some_and(|cookie| cookie.starts_with("csb_")));
    assert!(!browser.cookies.contains_key("__Host-countersign-login"));
    // The next request needs no page.
    let again = browser
        .get(&format!("/auth/authorize?{}", request("app", &[])))
        .await
        .location();
    assert!(again.starts_with("https://app.example/cb?code=cac_"), "{again}");
    assert_ne!(parameter(&again, "code"), parameter(&there, "code"));
}

#[tokio::test]
async fn the_address_of_aidbox_begins_at_the_login() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    let done = browser.log_in(&request("app", &[]), "alice", &key).await;
    let there = browser.get(&done.location()).await.location();
    assert!(there.starts_with("https://app.example/cb?code=cac_"), "{there}");
    // Whoever is logged in is not asked again.
    let next = browser
        .get(&format!("/auth/login?{}", request("app", &[])))
        .await
        .location();
    assert!(next.starts_with("/auth/authorize?"), "{next}");
}

#[tokio::test]
async fn a_login_without_an_application_ends_at_the_settings() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    assert_eq!(browser.log_in("", "alice", &key).await.location(), "/auth/settings");
}

#[tokio::test]
async fn a_password_alone_is_no_login() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    let query = request("app", &[]);
    browser.get(&format!("/auth/login?{query}")).await;
    let fields = [("username", "alice"), ("password", PASSWORD)];
    browser.send(&format!("/auth/login?{query}"), &fields).await.location();
    assert!(browser.session().is_none());
    for path in ["authorize", "consent"] {
        let next = browser.get(&format!("/auth/{path}?{query}")).await.location();
        assert!(!next.contains("code=cac_"), "{next}");
    }
    // Nor does the handle of the login pass for one of a session.
    let handle = browser.cookies["__Host-countersign-login"].clone();
    browser.cookies.insert("__Host-countersign-session".to_owned(), handle);
    let next = browser.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(next.starts_with("/auth/login?"), "{next}");
    // And a factor alone, with no password before it, is none either.
    let mut other = Browser::new(&service);
    other.get(&format!("/auth/login?{query}")).await;
    let fields = [("factor", "secret_key"), ("code", key.as_str())];
    let next = other
        .send(&format!("/auth/login/factor?{query}"), &fields)
        .await
        .location();
    assert!(next.starts_with("/auth/login?") && other.session().is_none(), "{next}");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_name_or_password_looks_the_same() {
    let (service, key) = Service::with_app().await;
    service.account("held0", Role::User).await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        // After five of these the account is held.
        seen.push(refused_page(&service, "held0", "wrong password").await);
    }
    seen.push(refused_page(&service, "held0", PASSWORD).await);
    seen.push(refused_page(&service, "nobod", PASSWORD).await);
    seen.push(refused_page(&service, "alice", "wrong password").await);
    seen.push(refused_page(&service, "alice", &"x".repeat(300)).await);
    seen.push(refused_page(&service, "al ic", PASSWORD).await);
    assert!(seen[0].1.contains("class=\"notice error\""), "{}", seen[0].1);
    for page in &seen {
        assert_eq!(page, &seen[0]);
    }
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await.location();
}

/// Status and text of the page after a wrong login, without what differs in every page.
async fn refused_page(service: &Service, name: &str, password: &str) -> (u16, String) {
    let mut browser = Browser::new(service);
    browser.get("/auth/login").await;
    let csrf = browser.csrf.clone();
    let answer = browser
        .send("/auth/login", &[("username", name), ("password", password)])
        .await;
    assert!(!browser.cookies.contains_key("__Host-countersign-login"));
    let mut text = answer.text.replace(&csrf, "").replace(name, "");
    while let Some((before, rest)) = text.split_once("nonce=\"") {
        let (_, after) = rest.split_once('"').unwrap();
        text = format!("{before}{after}");
    }
    (answer.status.as_u16(), text)
}

#[tokio::test]
async fn a_wrong_second_factor_can_be_tried_again_and_a_used_login_cannot() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    let query = request("app", &[]);
    browser.get(&format!("/auth/login?{query}")).await;
    let fields = [("username", "alice"), ("password", PASSWORD)];
    let factor = browser.send(&format!("/auth/login?{query}"), &fields).await.location();
    let page = browser.get(&factor).await;
    page.assert_page(200);
    // A text that cannot be a key is no guess.
    for _ in 0..10 {
        browser
            .send(&factor, &[("factor", "secret_key"), ("code", "nonsense")])
            .await
            .assert_page(200);
    }
    let wrong = service.account("mallory", Role::User).await;
    browser
        .send(&factor, &[("factor", "secret_key"), ("code", &wrong)])
        .await
        .assert_page(200);
    assert!(browser.session().is_none());
    let before = browser.clone();
    browser
        .send(&factor, &[("factor", "secret_key"), ("code", &key)])
        .await
        .location();
    assert!(browser.session().is_some());
    let mut replayed = before;
    let next = replayed
        .send(&factor, &[("factor", "secret_key"), ("code", &key)])
        .await
        .location();
    assert!(
        next.starts_with("/auth/login?") && replayed.session().is_none(),
        "{next}"
    );
}

#[tokio::test]
async fn the_handle_is_a_new_one_after_every_factor_and_planted_ones_are_worth_nothing() {
    let (service, key) = Service::with_app().await;
    let mut attacker = Browser::new(&service);
    attacker.get("/auth/login").await;
    let planted = attacker.cookies["__Host-countersign-browser"].clone();
    let mut victim = Browser::new(&service);
    victim
        .cookies
        .insert("__Host-countersign-browser".to_owned(), planted.clone());
    victim
        .cookies
        .insert("__Host-countersign-session".to_owned(), planted.clone());
    victim.get("/auth/login").await;
    let fields = [("username", "alice"), ("password", PASSWORD)];
    let factor = victim.send("/auth/login", &fields).await.location();
    let login = victim.cookies["__Host-countersign-login"].clone();
    victim.get(&factor).await;
    victim
        .send(&factor, &[("factor", "secret_key"), ("code", &key)])
        .await
        .location();
    let session = victim.session().unwrap().clone();
    assert!(session != planted && session != login);
    // The forms of the victim are bound anew: what the attacker knows of them is void.
    assert_ne!(victim.cookies["__Host-countersign-browser"], planted);
    attacker
        .cookies
        .insert("__Host-countersign-session".to_owned(), planted);
    let next = attacker
        .get(&format!("/auth/authorize?{}", request("app", &[])))
        .await
        .location();
    assert!(next.starts_with("/auth/login?"), "{next}");
}

#[tokio::test]
async fn a_new_login_ends_the_one_before_in_that_browser() {
    let (service, key) = Service::with_app().await;
    let other = service.account("bob", Role::User).await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let mut before = browser.clone();
    browser.log_in("cs_again=1", "bob", &other).await;
    let query = request("app", &[]);
    let next = before.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(next.starts_with("/auth/login?"), "{next}");
    let next = browser.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(next.starts_with("https://app.example/cb?code="), "{next}");
}

#[tokio::test]
async fn who_must_enrol_does_so_on_the_way_and_sees_recovery_codes_once() {
    let (service, _) = Service::with_app().await;
    service.make("carol", Role::User, Some(FirstFactor::Enrolment)).await;
    let mut browser = Browser::new(&service);
    let query = request("app", &[]);
    browser.get(&format!("/auth/login?{query}")).await;
    let fields = [("username", "carol"), ("password", PASSWORD)];
    let enrol = browser.send(&format!("/auth/login?{query}"), &fields).await.location();
    assert!(enrol.starts_with("/auth/login/enrol?"), "{enrol}");
    let page = browser.get(&enrol).await;
    page.assert_page(200);
    let uri = page
        .text
        .split("href=\"otpauth://")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let key = key_uri::parse(&format!("otpauth://{}", uri.replace("&amp;", "&"))).unwrap();
    let step = Period::Thirty.step(application::ports::Clock::now(service.clock.as_ref()));
    let OtpParameters { algorithm, digits, .. } = OtpParameters::TOTP;
    let code = OneTimeCode::compute(&key.secret, step, algorithm, digits);
    browser.send(&enrol, &[("code", "000")]).await.assert_page(200);
    let wrong = if code.expose() == "111111" { "222222" } else { "111111" };
    browser.send(&enrol, &[("code", wrong)]).await.assert_page(200);
    assert!(browser.session().is_none());
    let shown = browser.send(&enrol, &[("code", code.expose())]).await;
    shown.assert_page(200);
    assert!(browser.session().is_some());
    let on = shown
        .text
        .split("href=\"/auth/authorize?")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let on = format!("/auth/authorize?{}", on.replace("&amp;", "&"));
    let there = browser.get(&on).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    // The page cannot be had again.
    let again = browser.send(&enrol, &[("code", code.expose())]).await;
    assert!(!again.text.contains("recovery"), "{}", again.text);
}

#[tokio::test]
async fn a_login_that_waits_can_be_gone_on_with_in_no_other_browser_and_not_for_ever() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.get("/auth/login").await;
    let fields = [("username", "alice"), ("password", PASSWORD)];
    let factor = browser.send("/auth/login", &fields).await.location();
    browser.get(&factor).await;
    service.clock.advance(std::time::Duration::from_mins(11));
    let next = browser
        .send(&factor, &[("factor", "secret_key"), ("code", &key)])
        .await
        .location();
    assert!(
        next.starts_with("/auth/login?") && browser.session().is_none(),
        "{next}"
    );
}

#[tokio::test]
async fn too_many_forms_are_answered_with_a_page() {
    let limited = Options {
        rate_limit: Some(rate_limit(1, 2)),
        ..options()
    };
    let service = Service::with(policies(application::core::Registration::Open), limited).await;
    let mut browser = Browser::new(&service);
    browser.get("/auth/login").await.assert_page(200);
    for status in [200, 200, 429] {
        let answer = browser
            .send("/auth/login", &[("username", "alice"), ("password", "x")])
            .await;
        answer.assert_page(status);
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
    }
}
