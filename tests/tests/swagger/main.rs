//! Swagger UI in real Chromium: a newcomer registers, gets a token, authorises, and calls the resource, with the examples as
//! they stand. Any error on the console fails.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a surprise is a failed test"
)]

mod enrolment;

use std::path::PathBuf;

use serde_json::{Value, json};
use tests::Browser;

/// Where screenshots go: beside what cargo builds, to be looked at by people.
fn picture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("pictures")
        .join(format!("{name}.png"))
}

/// The part of the page that shows one operation.
fn operation(id: &str) -> String {
    format!(".opblock[id$='-{id}']")
}

/// Executes an opened operation and returns the status and the body that the page shows.
async fn execute(browser: &Browser, id: &str) -> (u64, Value) {
    let block = operation(id);
    browser.click(&format!("{block} button.execute")).await;
    let shown = format!("{block} .live-responses-table");
    let status = format!(
        "const cell = document.querySelector({}); return cell ? parseInt(cell.innerText) : null",
        json!(format!("{shown} tbody .response-col_status"))
    );
    let status = browser.wait_for("a status", &status).await.as_u64().unwrap();
    let body = format!(
        "const text = document.querySelector({}); return text ? text.innerText : ''",
        json!(format!(
            "{shown} tbody .response-col_description .highlight-code code, {shown} tbody .microlight"
        ))
    );
    let body = browser.wait_for("a body", &body).await;
    (status, serde_json::from_str(body.as_str().unwrap()).unwrap())
}

async fn open_operation(browser: &Browser, id: &str) {
    browser
        .click(&format!("{} .opblock-summary-control", operation(id)))
        .await;
    let ready = format!(
        "return document.querySelector({}) !== null",
        json!(format!("{} .btn", operation(id)))
    );
    browser.wait_for(id, &ready).await;
    let try_out = format!("{} .try-out__btn:not(.cancel)", operation(id));
    let offered = format!("return document.querySelector({}) !== null", json!(try_out));
    if browser.script(&offered).await == true {
        browser.click(&try_out).await;
    }
}

/// Opens the page, registers with the example as it stands, and gets a token with the secret key: the account and the token.
async fn register_and_log_in(browser: &Browser, service: &tests::Service) -> (Value, String) {
    browser.open(&format!("{}/docs", service.issuer())).await;
    browser
        .wait_for(
            "the operations",
            "return document.querySelectorAll('.opblock').length > 5",
        )
        .await;
    browser.screenshot(&picture("swagger-start")).await;

    open_operation(browser, "register").await;
    let (status, account) = execute(browser, "register").await;
    assert_eq!(status, 201, "the example must work as it stands: {account}");
    browser.screenshot(&picture("swagger-registered")).await;

    open_operation(browser, "issueToken").await;
    let body = json!({
        "username": account["username"],
        "password": "correct horse battery staple",
        "secret_key": account["secret_key"],
    });
    browser
        .fill(
            &format!("{} textarea.body-param__text", operation("issueToken")),
            &body.to_string(),
        )
        .await;
    let (status, token) = execute(browser, "issueToken").await;
    assert_eq!(status, 200, "{token}");
    let token = token["access_token"].as_str().unwrap().to_owned();
    (account, token)
}

/// Presses *Authorize* and pastes the token.
async fn authorise(browser: &Browser, token: &str) {
    browser.click(".auth-wrapper > .btn.authorize").await;
    browser
        .fill(".modal-ux input[aria-label='auth-bearer-value']", token)
        .await;
    browser
        .click(".modal-ux .auth-container:has(input[aria-label='auth-bearer-value']) button.authorize")
        .await;
    browser.screenshot(&picture("swagger-authorised")).await;
    browser.click(".modal-ux .btn-done").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_does_the_main_job_in_swagger_ui() {
    let Some(browser) = Browser::with_window(1280, 1600).await else {
        return;
    };
    let service = tests::Service::sqlite().await;
    let (account, token) = register_and_log_in(&browser, &service).await;
    authorise(&browser, &token).await;

    open_operation(&browser, "getResource").await;
    let (status, resource) = execute(&browser, "getResource").await;
    assert_eq!(status, 200, "{resource}");
    assert_eq!(resource["username"], account["username"]);
    assert_eq!(resource["amr"], json!(["pwd", "secret_key"]));
    browser.screenshot(&picture("swagger-resource")).await;

    browser.expect_clean_console().await;
    browser.quit().await;
    service.stop().await;
}
