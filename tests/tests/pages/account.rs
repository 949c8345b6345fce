//! Two-factor authentication is turned on by the camera of a phone, and is what the next login asks for. Without scripts: every
//! page must do without.

use std::sync::Arc;
use std::time::Duration;

use testkit::clock::ManualClock;
use tests::browser::{button, label, link, text};
use tests::tool::printed;
use tests::{Browser, PASSWORD, Phone, Service};

use super::picture;

async fn log_in(browser: &Browser, username: &str, code: &str) {
    browser.fill(label("User name or email"), username).await;
    browser.fill(label("Password"), PASSWORD).await;
    browser.click(button("Sign in")).await;
    browser.fill("input[name=code]", code).await;
    browser.click(button("Continue")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_added_by_its_camera_and_its_code_logs_in() {
    let Some(browser) = Browser::with_window(900, 1400).await else {
        return;
    };
    let clock = Arc::new(ManualClock::default());
    let service = Service::with(|setup| setup.clock(&clock)).await;
    let person = service.register("alice").await;
    browser.scripts(false).await;
    let enable = format!("{}/auth/two-factor/enable", service.issuer());
    browser.open(&enable).await;
    log_in(&browser, &person.username, &person.secret_key).await;
    browser.wait_for_address(&enable).await;
    browser.fill(label("Name"), "My phone").await;
    browser.click(button("Continue")).await;
    browser.see(text("Scan the QR code")).await;

    let shown = picture("enable");
    browser.screenshot_of_all(&shown).await;
    let Some(uri) = printed("zbarimg", &["--quiet", "--raw", shown.to_str().unwrap()], &[]).await else {
        return;
    };
    let phone = Phone::scan(&uri);
    browser.fill("input[name=code]", &phone.code(service.now())).await;
    browser.click(button("Turn on")).await;
    browser.see(text("Save your recovery codes")).await;
    assert_eq!(browser.count("#codes li").await, 10);
    browser.screenshot_of_all(&picture("recovery-codes")).await;
    browser.click(link("I have saved them")).await;
    browser.see(text("My phone")).await;
    browser.screenshot_of_all(&picture("two-factor")).await;

    browser.click(link("Sign out")).await;
    browser.click(button("Sign out")).await;
    browser.see(text("You are signed out")).await;
    clock.advance(Duration::from_secs(30));
    let settings = format!("{}/auth/settings", service.issuer());
    browser.open(&settings).await;
    log_in(&browser, &person.username, &phone.code(service.now())).await;
    browser.wait_for_address(&settings).await;
    browser.see(text("One authenticator is set up")).await;
    browser.screenshot_of_all(&picture("settings")).await;
    browser.expect_clean_console().await;
    browser.quit().await;
    service.stop().await;
}
