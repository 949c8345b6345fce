//! What is good once, when everybody comes at once.

use std::time::Duration;

use application::clients::SecretChoice;
use application::ports::Purpose;
use application::sign_in::{LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor};
use application::tokens::TokenForm;
use domain::claims::Use;
use domain::client::ClientAuthentication;
use domain::device::{DeviceState, UserCode};
use domain::id::SessionId;
use domain::secret::{Password, SecretKey};
use domain::session::{Origin, Session};
use domain::username::Username;
use tests::crowd::crowd;
use tests::{Service, Tokens, on_both_databases};

use super::{REDIRECT, VERIFIER, code, draft, login_of, one_winner, register};

const CROWD: usize = 200;

on_both_databases! {
    one_code_is_redeemed_once,
    one_refresh_token_of_a_client_is_used_once,
    one_device_code_is_redeemed_once,
    a_session_that_is_being_opened_ends_with_the_browser_that_it_comes_of,
}

async fn one_code_is_redeemed_once(service: Service) {
    register(
        &service,
        "shop",
        draft(ClientAuthentication::None),
        SecretChoice::Generate,
    )
    .await;
    let alice = service.register("alice").await;
    let code = code(&service, "shop", &alice).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "shop"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let answers = crowd((0..CROWD).map(|_| service.post("/auth/token").form(&fields))).await;
    let won = Tokens::read(&one_winner(&answers, "invalid_grant").json());
    // The others came with a used code: somebody stole it, and the session that came of it is over.
    assert_eq!(service.resource(&won.access).await, 401);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", "shop"),
        ("refresh_token", &won.refresh),
    ];
    assert_eq!(service.post("/auth/token").form(&refresh).await.status, 400);
    let admin = service.admin_token().await;
    assert_eq!(service.events(&admin, "code.reused").await.len(), 1);
}

async fn one_refresh_token_of_a_client_is_used_once(service: Service) {
    register(
        &service,
        "shop",
        draft(ClientAuthentication::None),
        SecretChoice::Generate,
    )
    .await;
    let alice = service.register("alice").await;
    let code = code(&service, "shop", &alice).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "shop"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let tokens = Tokens::read(&service.post("/auth/token").form(&fields).await.expect_json(200));
    assert_eq!(service.resource(&tokens.access).await, 200);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", "shop"),
        ("refresh_token", &tokens.refresh),
    ];
    let answers = crowd((0..CROWD).map(|_| service.post("/auth/token").form(&refresh))).await;
    let won = Tokens::read(&one_winner(&answers, "invalid_grant").json());
    assert_eq!(service.resource(&won.access).await, 401, "the whole family is over");
}

async fn one_device_code_is_redeemed_once(service: Service) {
    register(
        &service,
        "television",
        draft(ClientAuthentication::None),
        SecretChoice::Generate,
    )
    .await;
    let alice = service.register("alice").await;
    let begun = service
        .post("/auth/device_authorization")
        .form(&[("client_id", "television")]);
    let begun = begun.await.expect_json(200);
    let typed = UserCode::parse(begun["user_code"].as_str().unwrap()).unwrap();
    let core = &service.app().core;
    let digest = core
        .ports
        .digester
        .digest(Purpose::UserCode, typed.letters().as_bytes());
    let mut tx = core.ports.store.begin().await.unwrap();
    let device = tx
        .oauth()
        .devices()
        .find_by_user_code(&digest, core.now())
        .await
        .unwrap()
        .unwrap();
    let state = DeviceState::Approved(login_of(&service, &alice));
    assert!(
        tx.oauth()
            .devices()
            .decide(&device.digest, &state, core.now())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "television"),
        ("device_code", begun["device_code"].as_str().unwrap()),
    ];
    let answers = crowd((0..CROWD).map(|_| service.post("/auth/token").form(&fields))).await;
    let won = Tokens::read(&one_winner(&answers, "invalid_grant").json());
    assert_eq!(service.resource(&won.access).await, 200);
}

async fn a_session_that_is_being_opened_ends_with_the_browser_that_it_comes_of(service: Service) {
    let alice = service.register("alice").await;
    let app = std::sync::Arc::clone(&service.running.app);
    let login = PasswordLogin {
        name: LoginName::Username(Username::new(&alice.username).unwrap()),
        password: Password::new(&alice.password).unwrap(),
        second: Some(SecondFactor::SecretKey(SecretKey::parse(&alice.secret_key).unwrap())),
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
    let Ok(LoginOutcome::Browser(login)) = app.sign_in.with_password(login).await else {
        panic!("a login of a browser");
    };
    let browser = app.browsers.session(&login.handle).await.unwrap().unwrap();
    let child = Session {
        id: SessionId::from_random([7; 16]),
        client_id: "shop".to_owned(),
        parent: Some(login.session.id),
        ..login.session.clone()
    };
    // As when a code is redeemed: the account is held, and the parent was seen to be there.
    let store = &app.core.ports.store;
    let mut opening = store.begin().await.unwrap();
    opening.users().hold(child.user).await.unwrap().unwrap();
    opening.sessions().insert(&child).await.unwrap();
    let ending = std::sync::Arc::clone(&app);
    let mut logout = tokio::spawn(async move { ending.browsers.log_out(&browser, &Origin::default()).await });
    let waits = tokio::time::timeout(Duration::from_millis(500), &mut logout).await;
    assert!(waits.is_err(), "a logout waits for those who are opening a session");
    opening.commit().await.unwrap();
    logout.await.unwrap().unwrap();
    let mut tx = store.read().await.unwrap();
    assert!(tx.sessions().find(child.id, service.now()).await.unwrap().is_none());
}
