//! What somebody with a token, a name or a right of his own makes of the authorization server.

use std::time::Duration;

use application::authorize::{Arrival, Decision, DeviceDecision, LoginFor, Standing};
use application::browser::BrowserSession;
use application::clients::SecretChoice;
use application::ports::Store;
use application::sign_in::{LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor};
use application::tokens::TokenForm;
use domain::claims::Use;
use domain::client::ClientId;
use domain::consent::Consent;
use domain::device::UserCode;
use domain::scope::Scopes;
use domain::secret::{Password, SecretKey};
use domain::session::Origin;
use domain::username::Username;
use poem::http::Method;
use serde_json::{Value, json};

use super::{Registered, Server, assert_error, text};
use crate::service::{Call, PASSWORD};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn own_token(server: &Server, more: &[(&str, Value)]) -> String {
    let mut body = json!({ "username": "alice", "password": PASSWORD, "secret_key": server.key });
    for (name, value) in more {
        body[*name] = value.clone();
    }
    let answer = server.service.post("/v1/token", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.json(), "access_token")
}

async fn exchange(server: &Server, gateway: &Registered, subject: &str) -> crate::service::Answer {
    let fields = [
        ("grant_type", EXCHANGE),
        ("subject_token", subject),
        ("subject_token_type", ACCESS),
    ];
    server.token(gateway, &fields).await
}

async fn gateway(server: &Server) -> Registered {
    let more = json!({
        "client_id": "gateway", "grant_types": [EXCHANGE], "redirect_uris": [], "scope": "account files",
        "access_token_lifetime": 86_400, "refresh_token_lifetime": 86_400, "refresh_token_idle": 86_400,
    });
    server.register(more).await
}

#[tokio::test]
async fn a_token_for_one_use_cannot_be_exchanged_for_one_for_many() {
    let server = Server::new().await;
    let gateway = gateway(&server).await;
    let once = own_token(&server, &[("use", json!("once"))]).await;
    let answer = exchange(&server, &gateway, &once).await;
    if answer.status == 200 {
        let token = text(&answer.json(), "access_token");
        let uses = [
            server.service.get("/v1/me", &token).await.status.as_u16(),
            server.service.get("/v1/me", &token).await.status.as_u16(),
        ];
        assert_ne!(uses, [200, 200], "one use became two");
    } else {
        assert_error(&answer, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn an_exchanged_token_ends_with_the_session_that_it_came_of() {
    let server = Server::new().await;
    let gateway = gateway(&server).await;
    let own = own_token(&server, &[]).await;
    let token = text(&exchange(&server, &gateway, &own).await.json(), "access_token");
    assert_eq!(server.service.get("/v1/me", &token).await.status, 200);
    let session = super::claims(&own)["sid"].as_str().unwrap().to_owned();
    let path = format!("/v1/me/sessions/{session}");
    let ended = server.service.call(Call::new(Method::DELETE, &path).bearer(&own)).await;
    assert_eq!(ended.status, 204, "{}", ended.text);
    server
        .service
        .get("/v1/me", &token)
        .await
        .assert_problem(401, "invalid_token");
}

/// The session of a browser in which alice is logged in.
async fn browser_of_alice(server: &Server) -> BrowserSession {
    let app = &server.service.app;
    let login = PasswordLogin {
        name: LoginName::Username(Username::new("alice").unwrap()),
        password: Password::new(PASSWORD).unwrap(),
        second: Some(SecondFactor::SecretKey(SecretKey::parse(&server.key).unwrap())),
        terms: LoginTerms {
            scopes: None,
            usage: Use::Many,
            form: TokenForm::Browser,
            client: None,
            otp: None,
            origin: Origin::default(),
            network: "192.0.2.1".to_owned(),
        },
    };
    let LoginOutcome::Browser(browser) = app.sign_in.with_password(login).await.unwrap() else {
        panic!("a login of a browser");
    };
    app.browsers.session(&browser.handle).await.unwrap().unwrap()
}

/// A device that asks, and that alice has allowed in her browser.
async fn allowed_device(server: &Server) -> (Registered, String) {
    let client = server
        .register(json!({
            "client_id": "tv", "authentication": "none", "grant_types": [DEVICE, "refresh_token"], "redirect_uris": [],
        }))
        .await;
    let begun = server
        .form("/auth/device_authorization", &client.with(&[("scope", "openid files")]))
        .await
        .json();
    let app = &server.service.app;
    let browser = browser_of_alice(server).await;
    let code = UserCode::parse(&text(&begun, "user_code")).unwrap();
    let found = app.approve_devices.find(&browser, &code, "192.0.2.1").await;
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let decided = app
        .approve_devices
        .decide(&browser, &found, DeviceDecision::Allow, &Origin::default())
        .await;
    decided.unwrap_or_else(|error| panic!("{error}"));
    (client, text(&begun, "device_code"))
}

#[tokio::test]
async fn what_was_taken_back_is_not_given_to_a_device_that_asks_late() {
    let server = Server::new().await;
    let (client, code) = allowed_device(&server).await;
    let own = own_token(&server, &[]).await;
    let taken_back = Call::new(Method::DELETE, "/v1/me/consents/tv").bearer(&own);
    assert_eq!(server.service.call(taken_back).await.status, 204);
    let answer = server
        .token(&client, &[("grant_type", DEVICE), ("device_code", &code)])
        .await;
    assert_error(&answer, 400, "invalid_grant");
}

#[tokio::test]
async fn whoever_holds_a_token_of_any_kind_can_revoke_it() {
    let server = Server::new().await;
    let client = server.register(json!({ "token_format": "opaque" })).await;
    let access = text(&server.tokens(&client, "openid account").await, "access_token");
    assert_eq!(server.service.get("/v1/me", &access).await.status, 200);
    let answer = server
        .service
        .post("/v1/token/revoke", &json!({ "token": access }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server
        .service
        .get("/v1/me", &access)
        .await
        .assert_problem(401, "invalid_token");
    let machine = server
        .register(json!({ "client_id": "machine", "grant_types": ["client_credentials"], "redirect_uris": [] }))
        .await;
    let issued = server.token(&machine, &[("grant_type", "client_credentials")]).await;
    let token = text(&issued.json(), "access_token");
    assert_eq!(server.introspect(&machine, &token).await["active"], true);
    let answer = server
        .service
        .post("/v1/token/revoke", &json!({ "token": token }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(server.introspect(&machine, &token).await["active"], false);
}

#[tokio::test]
async fn made_up_clients_cost_neither_a_hash_nor_a_row() {
    let server = Server::new().await;
    let machine = server
        .register(json!({ "client_id": "machine", "grant_types": ["client_credentials"], "redirect_uris": [] }))
        .await;
    let written = async || {
        let mut tx = server.service.app.core.ports.store.read().await.unwrap();
        tx.events().head().await.unwrap().position
    };
    let before = written().await;
    for number in 0..20 {
        // Unknown ones, and a known one whose secret cannot be guessed.
        for id in [format!("nobody-{number}"), machine.id.clone()] {
            let fields = [("token", "x"), ("client_id", id.as_str()), ("client_secret", "a guess")];
            let answer = server.service.call(Call::form("/auth/introspect", &fields)).await;
            assert_eq!(
                (answer.status, answer.json()["error"].as_str()),
                (401.try_into().unwrap(), Some("invalid_client"))
            );
        }
    }
    assert_eq!(written().await, before);
}

#[tokio::test]
async fn no_client_has_the_name_of_one_of_the_service_s_own() {
    let server = Server::new().await;
    for id in ["countersign", "countersign-pages", "orion"] {
        let answer = server.try_register(json!({ "client_id": id })).await;
        assert_eq!(answer.status, 409, "{id}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_new_secret_frees_a_client_that_strangers_have_locked_out() {
    let server = Server::new().await;
    server
        .register(json!({ "client_id": "legacy", "grant_types": ["client_credentials"], "redirect_uris": [] }))
        .await;
    let app = &server.service.app;
    let actor = application::actor::Actor::Operator;
    let id = ClientId::parse("legacy").unwrap();
    let chosen = |text: &str| SecretChoice::Chosen(Password::new(text).unwrap());
    let manage = &app.oauth.manage_clients;
    let origin = Origin::default();
    manage
        .rotate_secret(&actor, &id, chosen("summer 2024"), &origin)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let legacy = |secret: &str| Registered {
        id: "legacy".to_owned(),
        secret: secret.to_owned(),
    };
    let fields = [("grant_type", "client_credentials")];
    assert_eq!(server.token(&legacy("summer 2024"), &fields).await.status, 200);
    for _ in 0..120 {
        server.token(&legacy("wrong"), &fields).await;
        server.service.clock.advance(Duration::from_mins(61));
    }
    assert_error(
        &server.token(&legacy("summer 2024"), &fields).await,
        401,
        "invalid_client",
    );
    manage
        .rotate_secret(&actor, &id, chosen("winter 2025"), &origin)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(server.token(&legacy("winter 2025"), &fields).await.status, 200);
}

#[tokio::test]
async fn a_code_that_another_client_shows_ends_nobody_s_session() {
    let server = Server::new().await;
    let shop = server.register(json!({ "client_id": "shop" })).await;
    let thief = server
        .register(json!({ "client_id": "thief", "authentication": "none" }))
        .await;
    let code = server.code(&shop, "openid account").await;
    let tokens = server.redeem(&shop, &code).await.json();
    let access = text(&tokens, "access_token");
    server.service.clock.advance(Duration::from_secs(61));
    assert_error(&server.redeem(&thief, &code).await, 400, "invalid_grant");
    assert_eq!(server.service.get("/v1/me", &access).await.status, 200);
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

#[tokio::test]
async fn a_claim_that_is_asked_for_by_name_needs_the_consent_of_its_scope() {
    let server = Server::new().await;
    let shop = server
        .register(json!({ "client_id": "shop", "authentication": "none", "scope": "openid profile" }))
        .await;
    let browser = browser_of_alice(&server).await;
    let app = &server.service.app;
    let consent = Consent {
        user: browser.user().id,
        client: ClientId::parse(&shop.id).unwrap(),
        scopes: Scopes::parse("openid").unwrap(),
        granted_at: app.core.now(),
    };
    let mut tx = server.service.store.begin().await.unwrap();
    tx.oauth().consents().put(&consent).await.unwrap();
    tx.commit().await.unwrap();
    let claims = r#"{"userinfo":{"preferred_username":null},"id_token":{"email":null}}"#;
    let query = encoded(&[
        ("client_id", "shop"),
        ("response_type", "code"),
        ("redirect_uri", super::REDIRECT),
        ("scope", "openid"),
        ("code_challenge", super::CHALLENGE),
        ("code_challenge_method", "S256"),
        ("claims", claims),
    ]);
    let Ok(request) = app.authorize.read(&query, Arrival::First).await.unwrap() else {
        panic!("the request is good");
    };
    assert!(
        request.asked.claims.id_token.is_empty(),
        "the client may not have email"
    );
    let standing = Standing {
        session: browser.session(),
        user: browser.user(),
        login: LoginFor::Anything,
    };
    let decision = app.authorize.decide(&request, Some(&standing)).await.unwrap();
    assert_eq!(decision, Decision::Consent(Scopes::parse("openid profile").unwrap()));
}
