//! Logins that succeed, and the ID tokens that they give.

use serde_json::{Value, json};
use tests::{Service, token};

use super::world::{CALLBACK, Response, Shown, World};

#[tokio::test]
async fn oidcc_server() {
    let world = World::new().await;
    let (granted, shown) = world.log_in_seeing(&[]).await;
    assert_eq!(shown, [Shown::Login, Shown::Factor, Shown::Consent]);
    assert_eq!(granted.claims["acr"], "urn:countersign:acr:pwd+otp");
    assert_eq!(granted.claims["amr"], json!(["pwd", "otp"]));
    assert!(granted.claims["sid"].is_string(), "{}", granted.claims);
    world.userinfo(granted.access()).await;
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let world = World::new().await;
    let (response, shown) = world.authorize(&[("response_type", "")]).await;
    assert!(
        ["invalid_request", "unsupported_response_type"].contains(&response.error()),
        "{response:?}"
    );
    assert_eq!(shown, []);
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    let world = World::new().await;
    let granted = world.log_in(&[]).await;
    let header = token::header(granted.id_token());
    assert_eq!(header["alg"], "RS256");
    let keys = world.service.jwks().await;
    let key = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == header["kid"]);
    assert_eq!(key.unwrap()["kty"], "RSA");
}

/// The suite lets a provider off that does not offer `none`; ours must never give it.
#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let world = World::new().await;
    let offered = &world.metadata["id_token_signing_alg_values_supported"];
    assert!(!offered.as_array().unwrap().contains(&json!("none")), "{offered}");
    let registration = json!({
        "client_name": "A party without keys",
        "redirect_uris": [CALLBACK],
        "id_token_signed_response_alg": "none",
    });
    let asked = world
        .service
        .post("/v1/admin/clients")
        .bearer(&world.admin)
        .json(&registration);
    let asked = asked.await;
    assert!(asked.status == 400 || asked.status == 422, "{asked:?}");
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let world = World::new().await;
    let granted = world.log_in(&[("nonce", "")]).await;
    assert_eq!(granted.claims["nonce"], Value::Null);
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let world = World::new().await;
    let (response, _) = world.authorize(&[]).await;
    let (id, secret) = world.client.basic();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &response.code()),
        ("redirect_uri", CALLBACK),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let granted = world.service.post("/auth/token").form(&fields).await.expect_json(200);
    let granted = world.granted(granted, Some("of-this-login")).await;
    world.userinfo(granted.access()).await;
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let world = World::new().await;
    let parameters = world.parameters(&[]);
    let fields: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let landing = world.agent.post("/auth/authorize", &fields).await;
    let (landing, shown) = world.walk_on(landing).await;
    assert_eq!(shown, [Shown::Login, Shown::Factor, Shown::Consent]);
    let code = Response::read(&world, &landing.away()).code();
    let granted = world.redeem(&code).await.expect_json(200);
    world.granted(granted, Some("of-this-login")).await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    // RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let world = World::new().await;
    let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let (response, _) = world.authorize(&pkce).await;
    let code = response.code();
    let fields = |verifier| {
        [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ]
    };
    let granted = world.token(&fields(VERIFIER)).await.expect_json(200);
    world.granted(granted, Some("of-this-login")).await;

    let (response, _) = world.authorize(&pkce).await;
    let code = response.code();
    let without = world.redeem(&code).await.expect_json(400);
    assert_eq!(without["error"], "invalid_grant");
}

/// Not a module of the suite, which starts with what it is told: a provider without clients sends nobody anywhere.
#[tokio::test]
async fn a_client_that_is_not_registered_is_told_on_a_page() {
    let service = Service::sqlite().await;
    let agent = tests::Agent::new(&service);
    let request = format!("/auth/authorize?response_type=code&client_id=nobody&redirect_uri={CALLBACK}&scope=openid");
    super::world::expect_error_page(agent.open(&request).await);
}
