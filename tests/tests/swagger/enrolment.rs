//! Enrolling an authenticator in Swagger UI: the page shows the QR code, a phone's camera reads it off the page, and the code
//! logs in.

use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use testkit::clock::ManualClock;
use tests::tool::printed;
use tests::{Browser, Phone, Service};

use super::{authorise, execute, open_operation, operation, picture, register_and_log_in};

/// The picture that the page shows, as bytes.
async fn shown_picture(browser: &Browser, id: &str) -> Vec<u8> {
    let image = format!("{} .live-responses-table img", operation(id));
    let loaded = format!(
        "const image = document.querySelector({}); return image !== null && image.complete && image.naturalWidth > 0",
        json!(image)
    );
    browser.wait_for("the QR code", &loaded).await;
    // Drawn as it is on the screen: whatever the address of the image is.
    let drawn = format!(
        "const image = document.querySelector({});\
         const canvas = document.createElement('canvas');\
         canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;\
         canvas.getContext('2d').drawImage(image, 0, 0);\
         return canvas.toDataURL('image/png')",
        json!(image)
    );
    let address = browser.script(&drawn).await;
    let (_, data) = address.as_str().unwrap().split_once(',').unwrap();
    base64::engine::general_purpose::STANDARD.decode(data).unwrap()
}

/// Fills in a parameter of an opened operation.
async fn parameter(browser: &Browser, id: &str, name: &str, value: &str) {
    let field = format!("{} tr[data-param-name='{name}'] input", operation(id));
    browser.fill(&field, value).await;
}

async fn body(browser: &Browser, id: &str, body: &Value) {
    let field = format!("{} textarea.body-param__text", operation(id));
    browser.overwrite(&field, &body.to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_the_qr_code_and_its_code_logs_in() {
    let Some(browser) = Browser::with_window(1280, 1600).await else {
        return;
    };
    let clock = std::sync::Arc::new(ManualClock::default());
    let service = Service::with(|setup| setup.clock(&clock)).await;
    let (account, token) = register_and_log_in(&browser, &service).await;
    authorise(&browser, &token).await;

    open_operation(&browser, "beginTotpAuthenticator").await;
    let (status, begun) = execute(&browser, "beginTotpAuthenticator").await;
    assert_eq!(status, 201, "the example must work as it stands: {begun}");
    let id = begun["id"].as_str().unwrap();

    open_operation(&browser, "showAuthenticatorQr").await;
    parameter(&browser, "showAuthenticatorQr", "id", id).await;
    browser
        .click(&format!("{} button.execute", operation("showAuthenticatorQr")))
        .await;
    let image = shown_picture(&browser, "showAuthenticatorQr").await;
    browser.screenshot(&picture("swagger-qr")).await;
    let file = tempfile::NamedTempFile::with_suffix(".png").unwrap();
    std::fs::write(file.path(), &image).unwrap();
    let path = file.path().to_str().unwrap();
    let Some(uri) = printed("zbarimg", &["--quiet", "--raw", path], &[]).await else {
        return;
    };
    assert_eq!(uri, begun["otpauth_uri"].as_str().unwrap());

    let phone = Phone::scan(&uri);
    open_operation(&browser, "confirmAuthenticator").await;
    parameter(&browser, "confirmAuthenticator", "id", id).await;
    let code = json!({"otp": phone.code(service.now())});
    body(&browser, "confirmAuthenticator", &code).await;
    let (status, confirmed) = execute(&browser, "confirmAuthenticator").await;
    assert_eq!(status, 200, "{confirmed}");
    assert_eq!(confirmed["recovery_codes"].as_array().map(Vec::len), Some(10));
    browser.screenshot(&picture("swagger-confirmed")).await;

    clock.advance(Duration::from_secs(30));
    let login = json!({
        "username": account["username"],
        "password": "correct horse battery staple",
        "otp": phone.code(service.now()),
    });
    body(&browser, "issueToken", &login).await;
    let (status, granted) = execute(&browser, "issueToken").await;
    assert_eq!(status, 200, "{granted}");
    let resource = service
        .get("/v1/resource")
        .bearer(granted["access_token"].as_str().unwrap())
        .await
        .expect_json(200);
    assert_eq!(resource["amr"], json!(["pwd", "otp"]));

    browser.expect_clean_console().await;
    browser.quit().await;
    service.stop().await;
}
