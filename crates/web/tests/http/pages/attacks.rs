//! What attackers send to the authorization endpoint, and where browsers are sent because of it.

use domain::client::Client;
use domain::redirect_uri::RedirectUri;

use super::browser::{Browser, CALLBACK, application, encoded, own_application, parameter, request};
use crate::service::Service;

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let service = Service::open().await;
    let native = Client {
        redirect_uris: vec![
            RedirectUri::register(CALLBACK).unwrap(),
            RedirectUri::register("http://127.0.0.1/cb").unwrap(),
        ],
        ..application("app")
    };
    service.add(&native).await;
    let mut browser = Browser::new(&service);
    for address in [
        "https://evil.example/cb",
        "https://app.example@evil.example/cb",
        "https://app.example:pass@evil.example/cb",
        "https://a@b@app.example/cb",
        "https://app.example%40evil.example/cb",
        "https://app.example%2eevil.example/cb",
        "https://app.example.evil.example/cb",
        "https://evil.example/https://app.example/cb",
        "https://evil.example?https://app.example/cb",
        "https://evil.example#https://app.example/cb",
        "https://app.example/cb/",
        "https://app.example/cb/../evil",
        "https://app.example/cb/..;/evil",
        "https://app.example/cb/%2e%2e/evil",
        "https://app.example//cb",
        "https://app.example/cb?x=1",
        "https://app.example/cb#fragment",
        "https://app.example/CB",
        "https://APP.example/cb",
        "HTTPS://app.example/cb",
        "http://app.example/cb",
        "https://app.example:443/cb",
        "https://app.example:8443/cb",
        " https://app.example/cb",
        "https://app.example/cb ",
        "https://app.example/cb\n",
        "https://app.example\\@evil.example/cb",
        "//app.example/cb",
        "/cb",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost/cb",
        "http://[::1]/cb",
        "http://0.0.0.0/cb",
        "http://127.0.0.2/cb",
        "com.example.app:/cb",
    ] {
        for page in ["authorize", "login", "consent"] {
            let query = request("app", &[("redirect_uri", address)]);
            let answer = browser.get(&format!("/auth/{page}?{query}")).await;
            answer.assert_page(400);
            assert!(!answer.text.contains("evil"), "{address}");
        }
    }
    // The port of a loopback address is free (RFC 8252 section 7.3).
    let query = request(
        "app",
        &[
            ("redirect_uri", "http://127.0.0.1:51004/cb"),
            ("response_type", "token"),
        ],
    );
    let there = browser.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(
        there.starts_with("http://127.0.0.1:51004/cb?error=unsupported_response_type"),
        "{there}"
    );
}

#[tokio::test]
async fn parameters_that_are_there_twice_are_refused() {
    let service = Service::open().await;
    service.add(&own_application("app")).await;
    let mut browser = Browser::new(&service);
    let query = request("app", &[]);
    for doubled in [
        format!("client_id=app&{query}"),
        format!("redirect_uri={}&{query}", encoded("https://evil.example/")),
        format!("{query}&redirect_uri={}", encoded(CALLBACK)),
        format!("{query}&client_id=other"),
    ] {
        browser
            .get(&format!("/auth/authorize?{doubled}"))
            .await
            .assert_page(400);
    }
    for name in [
        "scope",
        "state",
        "nonce",
        "response_type",
        "code_challenge",
        "prompt",
        "max_age",
        "claims",
    ] {
        let there = browser
            .get(&format!("/auth/authorize?{query}&{name}=a&{name}=b"))
            .await
            .location();
        assert!(there.starts_with(CALLBACK), "{there}");
        assert_eq!(parameter(&there, "error").as_deref(), Some("invalid_request"), "{name}");
        // One that is ambiguous is not given back.
        assert_eq!(parameter(&there, "state").is_none(), name == "state");
    }
    // Without a value it is not there, and what nobody knows is ignored.
    let next = browser
        .get(&format!("/auth/authorize?{query}&prompt=&foo=1&foo=2"))
        .await
        .location();
    assert!(next.starts_with("/auth/login?"), "{next}");
}

#[tokio::test]
async fn what_a_client_sends_never_becomes_markup() {
    let service = Service::open().await;
    service.add(&application("app")).await;
    let mut browser = Browser::new(&service);
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'";
    for page in [
        "authorize",
        "login",
        "consent",
        "logout",
        "device",
        "login/factor",
        "login/enrol",
    ] {
        for name in [
            "state",
            "login_hint",
            "client_id",
            "redirect_uri",
            "ui_locales",
            "scope",
            "use",
            "user_code",
            "nonce",
        ] {
            let query = request("app", &[(name, evil)]);
            let answer = browser.get(&format!("/auth/{page}?{query}")).await;
            let location = answer.header("location");
            assert!(
                !answer.text.contains("<script>alert") && !answer.text.contains("<img src=x"),
                "{page} {name}"
            );
            assert!(!location.contains(['<', '>', '"']), "{page} {name}: {location}");
        }
    }
    let query = request(
        "app",
        &[
            ("response_mode", "form_post"),
            ("response_type", "token"),
            ("state", evil),
        ],
    );
    let answer = browser.get(&format!("/auth/authorize?{query}")).await;
    answer.assert_page(200);
    assert_eq!(answer.text.matches("<script").count(), 1, "{}", answer.text);
    assert!(
        answer.text.contains("&quot;&gt;&lt;script&gt;alert(1)"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn no_parameter_of_the_pages_themselves_leads_elsewhere() {
    let (service, key) = Service::with_app().await;
    for query in [
        "to=https%3A%2F%2Fevil.example",
        "next=https%3A%2F%2Fevil.example",
        "to=%2F%2Fevil.example",
        "return_to=%2F%5Cevil.example",
        "redirect_uri=https%3A%2F%2Fevil.example",
        "post_logout_redirect_uri=https%3A%2F%2Fevil.example",
    ] {
        let mut browser = Browser::new(&service);
        let there = browser.log_in(query, "alice", &key).await.location();
        assert!(there.starts_with("/auth/settings"), "{query}: {there}");
    }
}

#[tokio::test]
async fn every_answer_says_who_gave_it_and_keeps_to_one_client() {
    let (service, key) = Service::with_app().await;
    let other = Client {
        redirect_uris: vec![RedirectUri::register("https://other.example/cb").unwrap()],
        ..own_application("other")
    };
    service.add(&other).await;
    let mut browser = Browser::new(&service);
    // The address of one client is none of another.
    for query in [
        request("other", &[]),
        request("app", &[("redirect_uri", "https://other.example/cb")]),
    ] {
        browser.get(&format!("/auth/authorize?{query}")).await.assert_page(400);
    }
    let good = browser.obtain(&request("app", &[]), "alice", &key).await;
    let bad = browser
        .get(&format!(
            "/auth/authorize?{}",
            request("app", &[("response_type", "x")])
        ))
        .await
        .location();
    for there in [good, bad] {
        assert_eq!(
            parameter(&there, "iss").as_deref(),
            Some("http://localhost:8080"),
            "{there}"
        );
    }
}

#[tokio::test]
async fn a_marker_of_another_session_or_request_is_no_login() {
    let (service, key) = Service::with_app().await;
    let query = request("app", &[("prompt", "login")]);
    let mut browser = Browser::new(&service);
    let done = browser.log_in(&query, "alice", &key).await.location();
    let marker = done.split("cs_login=").nth(1).unwrap().to_owned();
    // The same request by another session, and another request by the same.
    let mut other = Browser::new(&service);
    other.log_in("", "alice", &key).await;
    let forged = other
        .get(&format!("/auth/authorize?{query}&cs_login={marker}"))
        .await
        .location();
    assert!(forged.starts_with("/auth/login?"), "{forged}");
    let changed = request("app", &[("prompt", "login"), ("state", "another")]);
    let forged = browser
        .get(&format!("/auth/authorize?{changed}&cs_login={marker}"))
        .await
        .location();
    assert!(forged.starts_with("/auth/login?"), "{forged}");
    let good = browser.get(&done).await.location();
    assert!(good.starts_with("https://app.example/cb?code="), "{good}");
    // And it is none for ever.
    service.clock.advance(std::time::Duration::from_mins(11));
    let late = browser.get(&done).await.location();
    assert!(late.starts_with("/auth/login?"), "{late}");
}
