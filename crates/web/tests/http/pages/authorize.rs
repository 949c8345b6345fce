//! The authorization endpoint: errors, and requests that want no page.

use domain::client::{Client, GrantType, Pkce};
use domain::redirect_uri::RedirectUri;
use domain::user::Role;
use poem::http::Method;

use super::browser::{Browser, CALLBACK, application, encoded, own_application, parameter, request};
use crate::service::{Call, Service};

/// What the client is told.
async fn error(browser: &mut Browser<'_>, query: &str) -> String {
    let there = browser.get(&format!("/auth/authorize?{query}")).await.location();
    assert!(there.starts_with(CALLBACK), "{there}");
    assert!(parameter(&there, "error_description").is_some());
    assert_eq!(parameter(&there, "state").as_deref(), Some("the-state"), "{there}");
    parameter(&there, "error").unwrap_or_default()
}

#[tokio::test]
async fn a_client_that_nobody_knows_is_told_to_the_person_and_not_to_an_address() {
    let service = Service::open().await;
    service.add(&application("app")).await;
    let off = Client {
        state: domain::client::ClientState::Disabled,
        ..application("off")
    };
    service.add(&off).await;
    let mut browser = Browser::new(&service);
    for query in [
        request("nobody", &[]),
        request("off", &[]),
        request("", &[("client_id", "")]),
        request("<app>", &[]),
        String::new(),
    ] {
        browser.get(&format!("/auth/authorize?{query}")).await.assert_page(400);
    }
}

#[tokio::test]
async fn what_is_wrong_otherwise_is_told_to_the_client() {
    let service = Service::open().await;
    service.add(&application("app")).await;
    let mut browser = Browser::new(&service);
    for (changed, expected) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (
            &[("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "too-short")], "invalid_request"),
        (&[("scope", "unknown")], "invalid_scope"),
        (&[("scope", "admin")], "invalid_scope"),
        (&[("scope", "a\"b")], "invalid_scope"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("response_mode", "web_message")], "invalid_request"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "nonsense")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("claims", "nonsense")], "invalid_request"),
        (&[("resource", "https://other.example")], "invalid_target"),
        (&[("request", "eyJ.x.y")], "request_not_supported"),
        (
            &[("request_uri", "https://app.example/request")],
            "request_uri_not_supported",
        ),
        (&[("id_token_hint", "nonsense")], "invalid_request"),
        (&[("prompt", "none")], "login_required"),
        (
            &[(
                "claims",
                r#"{"id_token":{"acr":{"essential":true,"value":"urn:nobody"}}}"#,
            )],
            "unmet_authentication_requirements",
        ),
    ] {
        assert_eq!(
            error(&mut browser, &request("app", changed)).await,
            expected,
            "{changed:?}"
        );
    }
    let query = format!("{}&nonce={}", request("app", &[("nonce", "")]), "n".repeat(600));
    assert_eq!(error(&mut browser, &query).await, "invalid_request");
}

#[tokio::test]
async fn a_client_gets_only_what_it_is_registered_for() {
    let service = Service::open().await;
    let machine = Client {
        grant_types: vec![GrantType::ClientCredentials],
        ..application("machine")
    };
    service.add(&machine).await;
    let pushes = Client {
        requires_pushed_requests: true,
        ..application("pushes")
    };
    service.add(&pushes).await;
    let mut browser = Browser::new(&service);
    assert_eq!(
        error(&mut browser, &request("machine", &[])).await,
        "unauthorized_client"
    );
    assert_eq!(error(&mut browser, &request("pushes", &[])).await, "invalid_request");
}

#[tokio::test]
async fn the_address_may_be_left_out_where_there_is_one_and_nobody_is_identified() {
    let service = Service::open().await;
    let key = service.account("alice", Role::User).await;
    service.add(&own_application("app")).await;
    let two = Client {
        redirect_uris: vec![
            RedirectUri::register(CALLBACK).unwrap(),
            RedirectUri::register("https://app.example/other").unwrap(),
        ],
        ..own_application("two")
    };
    service.add(&two).await;
    let mut browser = Browser::new(&service);
    let bare = [("redirect_uri", ""), ("scope", "profile")];
    browser
        .get(&format!("/auth/authorize?{}", request("two", &bare)))
        .await
        .assert_page(400);
    let with_openid = request("app", &[("redirect_uri", "")]);
    browser
        .get(&format!("/auth/authorize?{with_openid}"))
        .await
        .assert_page(400);
    let there = browser.obtain(&request("app", &bare), "alice", &key).await;
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
}

#[tokio::test]
async fn a_confidential_client_may_go_without_pkce_where_the_operator_says_so() {
    let service = Service::open().await;
    let old = Client {
        authentication: domain::client::ClientAuthentication::Secret,
        pkce: Pkce::Optional,
        ..own_application("old")
    };
    service.add(&old).await;
    let mut browser = Browser::new(&service);
    let bare = request("old", &[("code_challenge", ""), ("code_challenge_method", "")]);
    let next = browser.get(&format!("/auth/authorize?{bare}")).await.location();
    assert!(next.starts_with("/auth/login?"), "{next}");
    let plain = request("old", &[("code_challenge_method", "plain")]);
    assert_eq!(error(&mut browser, &plain).await, "invalid_request");
}

#[tokio::test]
async fn a_request_in_a_form_is_the_same_request() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let fields = [
        ("client_id", "app"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "a b&c=d"),
        ("code_challenge", super::browser::CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    // From another site it comes without our cookies, so that nobody seems to be logged in.
    let mut from_elsewhere = Browser::new(&service);
    from_elsewhere.headers = vec![("origin", "https://app.example".to_owned())];
    let next = from_elsewhere.post("/auth/authorize", &fields).await.location();
    let there = browser.get(&next).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    assert_eq!(parameter(&there, "state").as_deref(), Some("a b&c=d"));
}

#[tokio::test]
async fn an_answer_can_be_a_form_that_only_the_client_gets() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let query = request("app", &[("response_mode", "form_post")]);
    let answer = browser.get(&format!("/auth/authorize?{query}")).await;
    answer.assert_page(200);
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(
        answer.text.contains(&format!("<script nonce=\"{nonce}\">")),
        "{}",
        answer.text
    );
    assert!(
        answer.text.contains("action=\"https://app.example/cb\""),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("name=\"code\" value=\"cac_"), "{}", answer.text);
    assert!(
        answer.text.contains("name=\"state\" value=\"the-state\""),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("<noscript><button"), "{}", answer.text);
}

#[tokio::test]
async fn scripts_of_other_sites_cannot_read_the_authorization_endpoint() {
    let (service, _) = Service::with_app().await;
    let call = Call::new(Method::GET, &format!("/auth/authorize?{}", request("app", &[])));
    let answer = service.call(call.header("origin", "https://evil.example")).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    assert_eq!(encoded("a b"), "a%20b");
}
