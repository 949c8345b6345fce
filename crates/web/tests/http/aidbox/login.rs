//! Logging in under the settings of a document: the window of codes, the webhook, and what the token endpoint answers.

use std::time::Duration;

use application::ports::OutboundError;
use poem::http::Method;
use serde_json::{Value, json};

use super::{Profile, SECRET};
use crate::pages::browser::{Browser, parameter};
use crate::service::{Answer, Call, PASSWORD};

const QUERY: &str = "client_id=mywebapp&response_type=code";

/// With an authenticator whose secret the test knows, and codes by SMS.
async fn enrolled() -> Profile {
    let profile = Profile::with_documents().await;
    let user = json!({
        "password": PASSWORD,
        "email": "my-user@example.com",
        "twoFactor": { "enabled": true, "secretKey": SECRET, "transport": "sms" },
    });
    let answer = profile.put("/User/my-user", &user).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    profile
}

async fn password(profile: &Profile) -> (Browser<'_>, String) {
    let mut browser = Browser::new(&profile.service);
    let path = format!("/auth/login?{QUERY}");
    browser.get(&path).await.assert_page(200);
    let fields = [("username", "my-user"), ("password", PASSWORD)];
    let there = browser.send(&path, &fields).await.location();
    (browser, there)
}

async fn code(browser: &mut Browser<'_>, there: &str, code: &str) -> Answer {
    browser.get(there).await.assert_page(200);
    browser.send(there, &[("factor", "totp"), ("code", code)]).await
}

#[tokio::test]
async fn the_code_flow_of_the_products_own_page_works_as_its_clients_do_it() {
    let profile = enrolled().await;
    let (mut browser, there) = password(&profile).await;
    let sent = profile.service.outbound.take();
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(
        (sent[0].endpoint.as_str(), sent[0].timeout),
        ("https://my-app.com", Duration::from_millis(500))
    );
    assert_eq!(body["token"], json!(profile.code(SECRET, 0)));
    assert_eq!(body["user"]["id"], "my-user");
    assert_eq!(
        body["user"]["twoFactor"],
        json!({ "transport": "sms", "enabled": true })
    );
    assert!(!sent[0].body.contains(SECRET) && !sent[0].body.contains("password"));
    let done = code(&mut browser, &there, body["token"].as_str().unwrap()).await;
    let end = browser.get(&done.location()).await.location();
    assert!(end.starts_with("http://localhost:3001"), "{end}");
    // JSON, and the address of the authorization request is not repeated.
    let request = json!({
        "grant_type": "authorization_code",
        "client_id": "mywebapp",
        "client_secret": "verysecret",
        "code": parameter(&end, "code").unwrap(),
    });
    let answer = profile.service.post("/auth/token", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tokens = answer.json();
    let userinfo = json!({ "id": "my-user", "email": "my-user@example.com", "resourceType": "User" });
    assert_eq!(tokens["userinfo"], userinfo);
    assert_eq!(
        (&tokens["expires_in"], &tokens["token_type"]),
        (&json!(360), &json!("Bearer"))
    );
    assert!(tokens["access_token"].as_str().unwrap().starts_with("eyJ") && tokens["refresh_token"].is_string());
    profile.service.post("/auth/token", &request).await.json()["error"]
        .as_str()
        .map(|error| assert_eq!(error, "invalid_grant"))
        .unwrap();
}

#[tokio::test]
async fn a_session_that_is_shared_with_the_browser_ends_for_both() {
    let profile = enrolled().await;
    let (mut browser, there) = password(&profile).await;
    let done = code(&mut browser, &there, &profile.code(SECRET, 0)).await;
    let end = browser.get(&done.location()).await.location();
    let request = json!({
        "grant_type": "authorization_code",
        "client_id": "mywebapp",
        "client_secret": "verysecret",
        "code": parameter(&end, "code").unwrap(),
    });
    let tokens = profile.service.post("/auth/token", &request).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    let next = browser.get(&format!("/auth/authorize?{QUERY}")).await.location();
    assert!(next.starts_with("http://localhost:3001"), "{next}");
    let ending = Call::new(Method::DELETE, "/Session").bearer(token);
    assert_eq!(profile.service.call(ending).await.status, 204);
    let next = browser.get(&format!("/auth/authorize?{QUERY}")).await.location();
    assert!(next.starts_with("/auth/login?"), "{next}");
    assert_eq!(profile.service.get("/auth/userinfo", token).await.status, 401);
}

#[tokio::test]
async fn an_address_that_was_sent_need_not_be_repeated_by_a_client_with_one() {
    let profile = enrolled().await;
    let mut browser = Browser::new(&profile.service);
    let query = format!("{QUERY}&redirect_uri=http%3A%2F%2Flocalhost%3A3001&state=x");
    let path = format!("/auth/login?{query}");
    browser.get(&path).await;
    let fields = [("username", "my-user"), ("password", PASSWORD)];
    let there = browser.send(&path, &fields).await.location();
    let done = code(&mut browser, &there, &profile.code(SECRET, 0)).await;
    let end = browser.get(&done.location()).await.location();
    let request = json!({
        "grant_type": "authorization_code",
        "client_id": "mywebapp",
        "client_secret": "verysecret",
        "code": parameter(&end, "code").unwrap(),
    });
    let answer = profile.service.post("/auth/token", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn three_past_codes_are_accepted_and_neither_a_fourth_nor_a_future_one() {
    for (steps, is_accepted) in [(-4, false), (-3, true), (0, true), (1, false)] {
        let profile = enrolled().await;
        let (mut browser, there) = password(&profile).await;
        let answer = code(&mut browser, &there, &profile.code(SECRET, steps)).await;
        assert_eq!(answer.status == 303, is_accepted, "{steps}: {}", answer.text);
        if is_accepted {
            // And once.
            let (mut browser, there) = password(&profile).await;
            let again = code(&mut browser, &there, &profile.code(SECRET, steps)).await;
            assert_eq!(again.status, 200, "{steps}");
        }
    }
}

#[tokio::test]
async fn a_receiver_that_fails_keeps_nobody_from_logging_in() {
    let profile = enrolled().await;
    profile.service.outbound.answer_next(Err(OutboundError::Timeout));
    let (mut browser, there) = password(&profile).await;
    assert!(there.starts_with("/auth/login/factor?"), "{there}");
    let page = browser.get(&there).await;
    page.assert_page(200);
    assert!(
        page.text.contains("value=\"send\""),
        "a code can be asked for: {}",
        page.text
    );
    let resent = browser.send(&there, &[("action", "send")]).await;
    resent.assert_page(200);
    assert_eq!(profile.service.outbound.sent().len(), 2);
    let answer = code(&mut browser, &there, &profile.code(SECRET, 0)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let events = profile.get("/v1/admin/events?limit=200").await.text;
    assert!(
        events.contains("code.not_sent") && events.contains("code.sent"),
        "{events}"
    );
}

#[tokio::test]
async fn nobody_is_sent_more_than_three_codes_a_minute() {
    let profile = enrolled().await;
    let (mut browser, there) = password(&profile).await;
    browser.get(&there).await;
    for _ in 0..10 {
        browser.send(&there, &[("action", "send")]).await.assert_page(200);
    }
    assert_eq!(profile.service.outbound.take().len(), 3);
    profile.service.clock.advance(Duration::from_mins(1));
    browser.send(&there, &[("action", "send")]).await.assert_page(200);
    assert_eq!(profile.service.outbound.take().len(), 1);
}

#[tokio::test]
async fn a_code_is_sent_for_a_right_password_only() {
    let profile = enrolled().await;
    let mut browser = Browser::new(&profile.service);
    let path = format!("/auth/login?{QUERY}");
    browser.get(&path).await;
    browser
        .send(&path, &[("username", "my-user"), ("password", "wrong")])
        .await
        .assert_page(200);
    browser
        .send("/auth/login/factor", &[("action", "send")])
        .await
        .location();
    assert!(profile.service.outbound.sent().is_empty());
    // And not to those who use an app, unless they ask.
    let app = json!({ "twoFactor": { "enabled": true } });
    assert_eq!(profile.put("/User/my-user", &app).await.status, 200);
    let (mut browser, there) = password(&profile).await;
    assert!(profile.service.outbound.sent().is_empty());
    browser.get(&there).await;
    browser.send(&there, &[("action", "send")]).await.assert_page(200);
    assert_eq!(profile.service.outbound.sent().len(), 1);
}

#[tokio::test]
async fn the_pages_look_as_the_document_says_and_last_as_long() {
    let profile = enrolled().await;
    let config = json!({
        "asidCookieMaxAge": 120,
        "theme": {
            "brand": "North Clinic",
            "styleUrl": "https://style.example/north.css",
            "forgotPasswordUrl": "https://north.example/forgot",
        },
    });
    assert_eq!(profile.put("/AuthConfig/myconfig", &config).await.status, 200);
    let mut browser = Browser::new(&profile.service);
    let page = browser.get(&format!("/auth/login?{QUERY}")).await;
    for part in [
        "North Clinic",
        "https://style.example/north.css",
        "https://north.example/forgot",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let (mut browser, there) = password(&profile).await;
    let done = code(&mut browser, &there, &profile.code(SECRET, 0)).await.location();
    browser.get(&done).await;
    profile.service.clock.advance(Duration::from_secs(119));
    let next = browser.get(&format!("/auth/authorize?{QUERY}")).await.location();
    assert!(next.starts_with("http://localhost:3001"), "{next}");
    profile.service.clock.advance(Duration::from_secs(1));
    let next = browser.get(&format!("/auth/authorize?{QUERY}")).await.location();
    assert!(next.starts_with("/auth/login?"), "{next}");
}

#[tokio::test]
async fn the_password_grant_asks_for_the_code_that_it_sends() {
    let profile = enrolled().await;
    let client = json!({
        "secret": "a client's secret",
        "grant_types": ["password"],
        "auth": { "password": { "secret_required": true } },
    });
    assert_eq!(profile.put("/Client/legacy", &client).await.status, 201);
    let body = json!({
        "grant_type": "password", "client_id": "legacy", "client_secret": "a client's secret",
        "username": "my-user", "password": PASSWORD,
    });
    let answer = profile.service.post("/auth/token", &body).await.json();
    assert_eq!(answer["error"], "mfa_required", "{answer}");
    let sent = profile.service.outbound.take();
    let sent: Value = serde_json::from_str(&sent[0].body).unwrap();
    profile.service.clock.advance(Duration::from_secs(90));
    let body = json!({
        "grant_type": "http://auth0.com/oauth/grant-type/mfa-otp", "client_id": "legacy",
        "client_secret": "a client's secret", "mfa_token": answer["mfa_token"], "otp": sent["token"],
    });
    let answer = profile.service.post("/auth/token", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["userinfo"]["id"], "my-user");
}
