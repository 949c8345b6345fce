//! Logins that a request asks for although somebody is logged in.

use std::time::Duration;

use domain::client::Client;
use domain::factor::{FactorPolicy, FactorType};
use domain::user::Role;

use super::browser::{Browser, own_application, parameter, request};
use crate::service::Service;

#[tokio::test]
async fn prompt_login_is_done_by_a_login_for_this_request_and_no_other() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    for prompt in ["login", "select_account"] {
        let query = request("app", &[("prompt", prompt)]);
        let there = browser.obtain(&query, "alice", &key).await;
        assert!(there.starts_with("https://app.example/cb?code="), "{there}");
        // The next one must log in again.
        let next = browser.get(&format!("/auth/authorize?{query}")).await.location();
        assert!(next.starts_with("/auth/login?"), "{next}");
    }
}

#[tokio::test]
async fn a_login_may_be_no_older_than_the_request_says() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    service.clock.advance(Duration::from_secs(100));
    let young = request("app", &[("max_age", "100")]);
    let there = browser.get(&format!("/auth/authorize?{young}")).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    service.clock.advance(Duration::from_secs(1));
    let next = browser.get(&format!("/auth/authorize?{young}")).await.location();
    assert!(next.starts_with("/auth/login?"), "{next}");
    let silent = request("app", &[("max_age", "100"), ("prompt", "none")]);
    let there = browser.get(&format!("/auth/authorize?{silent}")).await.location();
    assert_eq!(parameter(&there, "error").as_deref(), Some("login_required"));
    for age in ["100", "0"] {
        let there = browser
            .obtain(&request("app", &[("max_age", age)]), "alice", &key)
            .await;
        assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    }
    // Zero is never met by a login that is there already.
    let next = browser
        .get(&format!("/auth/authorize?{}", request("app", &[("max_age", "0")])))
        .await
        .location();
    assert!(next.starts_with("/auth/login?"), "{next}");
}

#[tokio::test]
async fn what_is_welcome_is_tried_and_what_is_essential_is_demanded() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let otp = "urn:countersign:acr:pwd+otp";
    let welcome = request("app", &[("acr_values", &format!("urn:unknown {otp}"))]);
    let there = browser.obtain(&welcome, "alice", &key).await;
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    let unknown = request("app", &[("acr_values", "urn:unknown")]);
    let there = browser.get(&format!("/auth/authorize?{unknown}")).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    let claims = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{otp}"]}}}}}}"#);
    let essential = request("app", &[("claims", &claims)]);
    let there = browser.obtain(&essential, "alice", &key).await;
    assert_eq!(
        parameter(&there, "error").as_deref(),
        Some("unmet_authentication_requirements"),
        "{there}"
    );
    let met = claims.replace("pwd+otp", "pwd+key");
    let there = browser
        .get(&format!("/auth/authorize?{}", request("app", &[("claims", &met)])))
        .await
        .location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
}

#[tokio::test]
async fn a_client_that_demands_a_better_factor_gets_no_code_for_a_lesser_one() {
    let service = Service::open().await;
    let strict = Client {
        factors: Some(FactorPolicy::new(&[FactorType::Totp])),
        ..own_application("bank")
    };
    service.add(&strict).await;
    let key = service.account("alice", Role::User).await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let there = browser.obtain(&request("bank", &[]), "alice", &key).await;
    assert_eq!(
        parameter(&there, "error").as_deref(),
        Some("unmet_authentication_requirements"),
        "{there}"
    );
    let silent = request("bank", &[("prompt", "none")]);
    let there = browser.get(&format!("/auth/authorize?{silent}")).await.location();
    assert_eq!(parameter(&there, "error").as_deref(), Some("login_required"), "{there}");
}
