//! Parameters that change little or nothing, and must not be stumbled over.

use reqwest::Url;

use super::world::{CALLBACK, Response, Shown, World, expect_error_page};

const ALL: [Shown; 3] = [Shown::Login, Shown::Factor, Shown::Consent];

/// A login with one more parameter, in a browser that nobody knows.
async fn log_in_with(name: &str, value: &str) -> World {
    let world = World::new().await;
    let (granted, shown) = world.log_in_seeing(&[(name, value)]).await;
    assert_eq!(shown, ALL);
    world.userinfo(granted.access()).await;
    world
}

#[tokio::test]
async fn oidcc_display_page() {
    log_in_with("display", "page").await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    log_in_with("display", "popup").await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    log_in_with("extra", "foobar").await;
}

#[tokio::test]
async fn oidcc_login_hint() {
    let world = log_in_with("login_hint", "alice").await;
    world.agent.forget();
    let request = world.request(&[("login_hint", "alice")]);
    let page = world.agent.open(&request).await.page();
    assert_eq!(page.form("username").unwrap().value("username"), Some("alice"));
}

#[tokio::test]
async fn oidcc_ui_locales() {
    // Northern Sami, which no page speaks.
    let world = log_in_with("ui_locales", "se").await;
    world.agent.forget();
    for (asked, spoken) in [("se de en", "de"), ("pt", "pt"), ("se", "en")] {
        let request = world.request(&[("ui_locales", asked)]);
        let page = world.agent.open(&request).await.page();
        assert_eq!(page.language().as_deref(), Some(spoken), "for {asked}");
    }
}

#[tokio::test]
async fn oidcc_claims_locales() {
    log_in_with("claims_locales", "se").await;
}

#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    let world = World::new().await;
    let mut parameters = world.parameters(&[("scope", "offline_access email profile openid")]);
    parameters.reverse();
    let mut url = Url::parse(&world.endpoint("authorization_endpoint")).unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    let (landing, shown) = world.walk(url.as_str()).await;
    assert_eq!(shown, ALL);
    let code = Response::read(&world, &landing.away()).code();
    let granted = world.redeem(&code).await.expect_json(200);
    let granted = world.granted(granted, Some("of-this-login")).await;
    assert_eq!(world.userinfo(granted.access()).await["preferred_username"], "alice");
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let world = World::new().await;
    let offered = world.metadata["acr_values_supported"].as_array().unwrap();
    let offered: Vec<&str> = offered.iter().map(|value| value.as_str().unwrap()).collect();
    let granted = world.log_in(&[("acr_values", &offered.join(" "))]).await;
    assert!(
        offered.contains(&granted.claims["acr"].as_str().unwrap()),
        "{}",
        granted.claims
    );
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let world = World::new().await;
    for other in [
        "https://party.example/other",
        "https://evil.example/callback",
        &format!("{CALLBACK}?a=b"),
    ] {
        let request = world.request(&[("redirect_uri", other)]);
        expect_error_page(world.agent.open(&request).await);
    }
}
