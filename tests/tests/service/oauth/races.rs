//! What is good once, when everybody comes at once.

use application::clients::SecretChoice;
use application::ports::Purpose;
use domain::client::ClientAuthentication;
use domain::device::{DeviceState, UserCode};
use tests::crowd::crowd;
use tests::{Service, Tokens};

use super::{REDIRECT, VERIFIER, code, draft, login_of, one_winner, register};

const CROWD: usize = 200;

macro_rules! on_both_databases {
    ($($race:ident,)*) => {
        mod on_sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $race() {
                super::$race(tests::Service::sqlite().await).await;
            }
        )*}

        mod on_postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $race() {
                if let Some(service) = tests::Service::postgres().await {
                    super::$race(service).await;
                }
            }
        )*}
    };
}

on_both_databases! {
    one_code_is_redeemed_once,
    one_refresh_token_of_a_client_is_used_once,
    one_device_code_is_redeemed_once,
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
