//! Apache httpd with `mod_auth_openidc` puts the service in front of a site.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tests::wait::eventually;
use tests::{Browser, Client};

use super::httpd::{Httpd, Place};
use super::{PWD_OTP, Scene, picture};

async fn register(scene: &Scene, place: &Place) -> Client {
    let changes = json!({
        "post_logout_redirect_uris": [place.url("/goodbye.html")],
        "backchannel_logout_uri": place.url("/protected/callback?logout=backchannel"),
    });
    let callback = place.url("/protected/callback");
    scene.service.client(&scene.admin, &callback, &changes).await
}

/// What the module told the site.
async fn told(browser: &Browser, httpd: &Httpd) -> BTreeMap<String, String> {
    browser.see("#told").await;
    let shown = browser.read("#told").await;
    let pairs = shown.lines().filter_map(|line| line.split_once('='));
    let told: BTreeMap<String, String> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert!(told.contains_key("OIDC_CLAIM_sub"), "{told:?}\n{}", httpd.log());
    told
}

#[tokio::test]
async fn mod_auth_openidc_lets_a_person_in_refreshes_and_logs_out() {
    let Some(place) = Place::find().await else { return };
    let Some(browser) = Browser::start().await else { return };
    let scene = Scene::new().await;
    let client = register(&scene, &place).await;
    let httpd = place.start(&scene.service, &client).await;
    let protected = httpd.url("/protected/");

    browser.open(&protected).await;
    scene.log_in(&browser, &protected).await;
    let first = told(&browser, &httpd).await;
    browser.screenshot(&picture("mod_auth_openidc")).await;
    assert_eq!(first["OIDC_CLAIM_sub"], scene.person.id);
    assert_eq!(first["OIDC_CLAIM_iss"], scene.service.issuer());
    assert_eq!(first["OIDC_CLAIM_aud"], client.id);
    assert_eq!(first["OIDC_CLAIM_acr"], PWD_OTP);
    assert_eq!(first["OIDC_CLAIM_amr"], "pwd,otp");
    assert_eq!(first["OIDC_CLAIM_preferred_username"], scene.person.username);

    let access = &first["OIDC_access_token"];
    let refresh = httpd.url(&format!(
        "/protected/callback?refresh={protected}&access_token={access}"
    ));
    browser.open(&refresh).await;
    let second = told(&browser, &httpd).await;
    assert_ne!(&second["OIDC_access_token"], access, "{}", httpd.log());

    let goodbye = httpd.url("/goodbye.html");
    browser
        .open(&httpd.url(&format!("/protected/callback?logout={goodbye}")))
        .await;
    scene.confirm_logout(&browser, &goodbye).await;
    browser.open(&protected).await;
    browser.see("input[name=username]").await;
    browser.quit().await;
    scene.service.stop().await;
}

#[tokio::test]
async fn mod_auth_openidc_hears_of_a_logout_that_happened_elsewhere() {
    let Some(place) = Place::find().await else { return };
    let Some(browser) = Browser::start().await else { return };
    let scene = Scene::new().await;
    let client = register(&scene, &place).await;
    let httpd = place.start(&scene.service, &client).await;
    let protected = httpd.url("/protected/");
    browser.open(&protected).await;
    scene.log_in(&browser, &protected).await;
    told(&browser, &httpd).await;

    let issuer = scene.service.issuer();
    browser.open(&format!("{issuer}/auth/logout")).await;
    scene
        .confirm_logout(&browser, &format!("{issuer}/auth/logged-out"))
        .await;
    let asked = || async {
        browser.open(&protected).await;
        browser.address().await.starts_with(issuer)
    };
    eventually("the site asks for a login again", Duration::from_secs(20), asked).await;
    browser.quit().await;
    scene.service.stop().await;
}
