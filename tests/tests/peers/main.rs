//! Relying parties that nobody here wrote log a person in through the pages, in a real browser: discovery, PKCE, ID token,
//! `UserInfo`, refresh, revocation and logout as their libraries understand them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a surprise is a failed test"
)]

mod apache;
mod httpd;
mod installed;
mod libraries;
mod party;

use std::path::PathBuf;

use serde_json::json;
use tests::{Browser, Person, Phone, Service};

/// What a login with a password and a one-time code is worth.
const PWD_OTP: &str = "urn:countersign:acr:pwd+otp";
/// The scopes that every relying party here asks for.
const SCOPE: &str = "openid profile email offline_access";

/// A service, somebody with a phone, and the right to register clients.
struct Scene {
    service: Service,
    admin: String,
    person: Person,
    phone: Phone,
}

impl Scene {
    async fn new() -> Self {
        // Relying parties here are on the loopback, where logout tokens have to go too.
        let service = Service::with(|setup| {
            setup
                .set("delivery.allow_private_networks", "true")
                .set("delivery.allow_http", "true")
        })
        .await;
        let admin = service.admin_token().await;
        let person = service.register("alice").await;
        let phone = Phone::import(service.app(), &person, "Phone").await;
        Self {
            service,
            admin,
            person,
            phone,
        }
    }

    /// Goes through the pages as the person does, until the browser is at an address that begins with `until`.
    async fn log_in(&self, browser: &Browser, until: &str) -> String {
        const ENTER: &str = "\u{e007}";
        browser.fill("input[name=username]", &self.person.username).await;
        let password = format!("{}{ENTER}", self.person.password);
        browser.fill("input[name=password]", &password).await;
        // The page continues by itself when the code is complete.
        let code = self.phone.code(self.service.now());
        browser.fill("input[name=code]", &code).await;
        browser.click("button[name=decision][value=allow]").await;
        browser.wait_for_address(until).await
    }

    /// Agrees to end the session, if the service asks a person: with a hint the question answers itself.
    async fn confirm_logout(&self, browser: &Browser, until: &str) {
        let logout = format!("{}/auth/logout", self.service.issuer());
        let asks = browser.address().await.starts_with(&logout);
        if asks && browser.has("button[name=decision]:not([data-send])").await {
            browser.click("button[name=decision][value=logout]").await;
        }
        browser.wait_for_address(until).await;
        assert!(browser.cookie("__Host-countersign-session").await.is_none());
    }
}

/// Where pictures go, to be looked at by people.
fn picture(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    folder.join(format!("peers-{name}.png"))
}

/// What every relying party must have been told about the person.
#[track_caller]
fn assert_identity(claims: &serde_json::Value, scene: &Scene) {
    assert_eq!(claims["iss"], scene.service.issuer(), "{claims}");
    assert_eq!(claims["sub"], json!(scene.person.id), "{claims}");
    assert_eq!(claims["acr"], PWD_OTP, "{claims}");
    assert_eq!(claims["amr"], json!(["pwd", "otp"]), "{claims}");
}
