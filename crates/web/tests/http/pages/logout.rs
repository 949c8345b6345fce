//! Logging out, and telling clients of it.

use std::sync::Arc;
use std::time::Duration;

use application::ports::{Clock as _, OutboundError, Store as _};
use application::sign_in::{ClientTerms, LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor};
use application::tokens::TokenForm;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::authorization::{ClientRequest, RequestedClaims};
use domain::claims::Use;
use domain::client::Client;
use domain::id::SessionId;
use domain::scope::Scopes;
use domain::secret::{Password, SecretKey};
use domain::session::{Origin, Session};
use domain::user::Role;
use domain::username::Username;

use super::browser::{Browser, encoded, own_application, parameter, request};
use crate::service::{PASSWORD, Service};

/// An ID token of `client` for an account.
async fn id_token(service: &Service, client: &Client, name: &str, key: &str) -> String {
    let request = ClientRequest {
        client: client.id.clone(),
        scopes: Scopes::parse("openid").unwrap(),
        audience: Vec::new(),
        challenge: None,
        nonce: None,
        claims: RequestedClaims::default(),
        max_age: None,
    };
    let login = PasswordLogin {
        name: LoginName::Username(Username::new(name).unwrap()),
        password: Password::new(PASSWORD).unwrap(),
        second: Some(SecondFactor::SecretKey(SecretKey::parse(key).unwrap())),
        terms: LoginTerms {
            scopes: None,
            usage: Use::Many,
            form: TokenForm::Client,
            client: Some(ClientTerms {
                client: Arc::new(client.clone()),
                request,
            }),
            otp: None,
            origin: Origin::default(),
            network: "192.0.2.1".to_owned(),
        },
    };
    match service.app.sign_in.with_password(login).await.unwrap() {
        LoginOutcome::Granted(tokens) => tokens.id_token.unwrap(),
        _ => panic!("no tokens"),
    }
}

/// The session of the browser's account that belongs to the pages.
async fn browser_session(service: &Service, name: &str) -> Session {
    let mut tx = service.store.read().await.unwrap();
    let user = tx
        .users()
        .find_by_username(&Username::new(name).unwrap())
        .await
        .unwrap()
        .unwrap();
    let sessions = tx.sessions().live_of(user.id, service.clock.now()).await.unwrap();
    sessions
        .into_iter()
        .find(|session| session.client_id == "countersign-pages")
        .unwrap()
}

/// Opens a session of a client that came from the browser's.
async fn child(service: &Service, parent: &Session, client: &str, scopes: &str, number: u8) -> SessionId {
    let session = Session {
        id: SessionId::from_random([number; 16]),
        client_id: client.to_owned(),
        scopes: Scopes::parse(scopes).unwrap(),
        parent: Some(parent.id),
        ..parent.clone()
    };
    let mut tx = service.store.begin().await.unwrap();
    tx.sessions().insert(&session).await.unwrap();
    tx.commit().await.unwrap();
    session.id
}

async fn is_live(service: &Service, id: SessionId) -> bool {
    let mut tx = service.store.read().await.unwrap();
    tx.sessions().find(id, service.clock.now()).await.unwrap().is_some()
}

#[tokio::test]
async fn who_logs_out_here_is_asked_and_then_logged_out() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let mut thief = browser.clone();
    browser.get("/auth/logout").await.assert_page(200);
    let next = browser.send("/auth/logout", &[("decision", "logout")]).await.location();
    assert_eq!(next, "/auth/logged-out");
    assert!(browser.session().is_none());
    browser.get(&next).await.assert_page(200);
    let next = thief
        .get(&format!("/auth/authorize?{}", request("app", &[])))
        .await
        .location();
    assert!(next.starts_with("/auth/login?"), "the cookie is void, too: {next}");
    // Nobody is logged in: there is nothing to ask.
    assert_eq!(browser.get("/auth/logout").await.location(), "/auth/logged-out");
}

#[tokio::test]
async fn a_question_answers_itself_for_a_client_with_an_id_token_of_that_person() {
    let (service, key) = Service::with_app().await;
    let app = own_application("app");
    let other = service.account("bob", Role::User).await;
    let own = id_token(&service, &app, "alice", &key).await;
    let foreign = id_token(&service, &app, "bob", &other).await;
    let back = encoded("https://app.example/bye");
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    // Somebody else's, or none: asked.
    for query in [
        format!("id_token_hint={foreign}&post_logout_redirect_uri={back}"),
        format!("client_id=app&post_logout_redirect_uri={back}"),
        String::new(),
    ] {
        let page = browser.get(&format!("/auth/logout?{query}")).await;
        page.assert_page(200);
        assert!(!page.text.contains("data-send"));
        assert!(browser.session().is_some());
    }
    // One that has expired is good.
    service.clock.advance(Duration::from_mins(30));
    let query = format!("id_token_hint={own}&post_logout_redirect_uri={back}&state=a%26b");
    let page = browser.get(&format!("/auth/logout?{query}")).await;
    page.assert_page(200);
    assert!(page.text.contains("data-send"));
    assert!(browser.session().is_some(), "a link changes nothing");
    let fields = [
        ("id_token_hint", own.as_str()),
        ("post_logout_redirect_uri", "https://app.example/bye"),
        ("state", "a&b"),
        ("decision", "logout"),
    ];
    let there = browser.send("/auth/logout", &fields).await.location();
    assert_eq!(there, "https://app.example/bye?state=a%26b");
    assert!(browser.session().is_none());
    // Again is no error.
    let there = browser.get(&format!("/auth/logout?{query}")).await.location();
    assert_eq!(parameter(&there, "state").as_deref(), Some("a&b"));
}

#[tokio::test]
async fn a_question_is_answered_with_the_way_back() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    // From a client's form, which comes without cookies and is asked anew.
    let fields = [
        ("client_id", "app"),
        ("post_logout_redirect_uri", "https://app.example/bye"),
        ("state", "x"),
    ];
    let asked = Browser::new(&service).post("/auth/logout", &fields).await.location();
    let page = browser.get(&asked).await;
    page.assert_page(200);
    assert!(
        page.header("content-security-policy").contains("https://app.example"),
        "or the browser stays here"
    );
    let mut all = fields.to_vec();
    all.push(("decision", "logout"));
    let there = browser.send("/auth/logout", &all).await.location();
    assert_eq!(there, "https://app.example/bye?state=x");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered_for_logouts() {
    let (service, key) = Service::with_app().await;
    let app = own_application("app");
    let hint = id_token(&service, &app, "alice", &key).await;
    service.add(&own_application("other")).await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    for address in [
        "https://evil.example/bye",
        "https://app.example/bye/",
        "https://app.example/bye?x",
        "https://app.example@evil.example/bye",
        "https://app.example/cb",
        "javascript:alert(1)",
        "//evil.example",
    ] {
        for named in [
            format!("id_token_hint={hint}"),
            "client_id=app".to_owned(),
            String::new(),
        ] {
            let query = format!("{named}&post_logout_redirect_uri={}", encoded(address));
            browser.get(&format!("/auth/logout?{query}")).await.assert_page(400);
        }
    }
    // A hint that is none of ours, or another client's.
    let altered = format!("{}x", hint.strip_suffix(|_: char| true).unwrap());
    for query in [
        "id_token_hint=nonsense".to_owned(),
        format!("id_token_hint={altered}"),
        format!("id_token_hint={hint}&client_id=other"),
        "client_id=nobody".to_owned(),
    ] {
        browser.get(&format!("/auth/logout?{query}")).await.assert_page(400);
    }
    assert!(browser.session().is_some());
}

#[tokio::test]
async fn an_id_token_says_who_is_meant_to_be_logged_in() {
    let (service, key) = Service::with_app().await;
    let app = own_application("app");
    let other = service.account("bob", Role::User).await;
    let (own, foreign) = (
        id_token(&service, &app, "alice", &key).await,
        id_token(&service, &app, "bob", &other).await,
    );
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let silent = request("app", &[("prompt", "none"), ("id_token_hint", &own)]);
    let there = browser.get(&format!("/auth/authorize?{silent}")).await.location();
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
    let silent = request("app", &[("prompt", "none"), ("id_token_hint", &foreign)]);
    let there = browser.get(&format!("/auth/authorize?{silent}")).await.location();
    assert_eq!(parameter(&there, "error").as_deref(), Some("login_required"), "{there}");
    let asking = request("app", &[("id_token_hint", &foreign)]);
    let there = browser.obtain(&asking, "alice", &key).await;
    assert_eq!(
        parameter(&there, "error").as_deref(),
        Some("login_required"),
        "still somebody else: {there}"
    );
    let there = browser.obtain(&asking, "bob", &other).await;
    assert!(there.starts_with("https://app.example/cb?code="), "{there}");
}

#[tokio::test]
async fn clients_are_told_and_their_sessions_end_but_for_those_that_go_on_in_absence() {
    let (service, key) = Service::with_app().await;
    let quiet = Client {
        backchannel_logout_uri: None,
        ..own_application("quiet")
    };
    service.add(&quiet).await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let parent = browser_session(&service, "alice").await;
    let told = child(&service, &parent, "app", "openid", 1).await;
    let absent = child(&service, &parent, "app", "openid offline_access", 2).await;
    let silent = child(&service, &parent, "quiet", "openid", 3).await;
    browser.get("/auth/logout").await;
    browser.send("/auth/logout", &[("decision", "logout")]).await.location();
    for (id, expected) in [(told, false), (absent, true), (silent, false), (parent.id, false)] {
        assert_eq!(is_live(&service, id).await, expected);
    }
    // The one that goes on in absence is told, too: nobody is logged in any more (Back-Channel Logout section 2.7).
    assert_eq!(service.app.notify_logout.execute().await.unwrap(), 2);
    let sent = service.outbound.take();
    assert_eq!(sent.len(), 2);
    let part = |body: &str, number: usize| -> serde_json::Value {
        let token = body.strip_prefix("logout_token=").unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    for one in &sent {
        assert_eq!(one.endpoint, "https://app.example/backchannel");
        assert_eq!(one.content_type, "application/x-www-form-urlencoded");
        assert_eq!(part(&one.body, 0)["typ"], "logout+jwt");
    }
    let claims: Vec<_> = sent.iter().map(|one| part(&one.body, 1)).collect();
    assert!(claims.iter().any(|claims| claims["sid"] == absent.to_string()));
    let claims = claims.iter().find(|claims| claims["sid"] == told.to_string()).unwrap();
    assert_eq!(claims["iss"], "http://localhost:8080");
    assert_eq!(claims["aud"], "app");
    assert_eq!(claims["sub"], parent.user.to_string());
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert!(claims.get("nonce").is_none() && claims["jti"].is_string());
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 120);
    // Once is enough.
    service.clock.advance(Duration::from_hours(1));
    assert_eq!(service.app.notify_logout.execute().await.unwrap(), 0);
    assert!(service.outbound.take().is_empty());
}

#[tokio::test]
async fn a_client_that_does_not_answer_is_tried_again_for_a_while_and_then_given_up() {
    let (service, key) = Service::with_app().await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let parent = browser_session(&service, "alice").await;
    child(&service, &parent, "app", "openid", 1).await;
    browser.get("/auth/logout").await;
    browser.send("/auth/logout", &[("decision", "logout")]).await.location();
    for attempt in 1..=6 {
        service.outbound.answer_next(Err(OutboundError::Status(500)));
        assert_eq!(service.app.notify_logout.execute().await.unwrap(), 0);
        assert_eq!(service.outbound.take().len(), 1, "attempt {attempt}");
        // Not at once.
        assert_eq!(service.app.notify_logout.execute().await.unwrap(), 0);
        assert!(service.outbound.take().is_empty(), "attempt {attempt}");
        service.clock.advance(Duration::from_hours(3));
    }
    assert_eq!(service.app.notify_logout.execute().await.unwrap(), 0);
    assert!(service.outbound.take().is_empty());
    let mut tx = service.store.read().await.unwrap();
    let filter = application::ports::EventFilter::default();
    let events = tx.events().list(&filter, 50).await.unwrap();
    let count = events
        .iter()
        .filter(|stored| stored.event.kind.name() == "logout.undeliverable")
        .count();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn logging_in_again_as_the_same_person_keeps_what_came_of_the_login_before() {
    let (service, key) = Service::with_app().await;
    let other = service.account("bob", Role::User).await;
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    let parent = browser_session(&service, "alice").await;
    let session = child(&service, &parent, "app", "openid", 1).await;
    browser.log_in("cs_again=1", "alice", &key).await;
    assert!(is_live(&service, session).await && !is_live(&service, parent.id).await);
    browser.log_in("cs_again=1", "bob", &other).await;
    assert!(!is_live(&service, session).await, "it ends with the later login");
    service.app.notify_logout.execute().await.unwrap();
    assert_eq!(service.outbound.take().len(), 1);
}

#[tokio::test]
async fn a_browser_is_logged_out_when_it_is_not_used_and_in_any_case_after_a_day() {
    let (service, key) = Service::with_app().await;
    let query = format!("/auth/authorize?{}", request("app", &[]));
    let mut browser = Browser::new(&service);
    browser.log_in("", "alice", &key).await;
    service.clock.advance(Duration::from_mins(61));
    assert!(browser.get(&query).await.location().starts_with("/auth/login?"));
    browser.log_in("", "alice", &key).await;
    for _ in 0..31 {
        service.clock.advance(Duration::from_mins(45));
        assert!(browser.get(&query).await.location().starts_with("https://app.example/"));
    }
    service.clock.advance(Duration::from_mins(45));
    assert!(browser.get(&query).await.location().starts_with("/auth/login?"));
}
