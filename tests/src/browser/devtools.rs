//! What only Chromium's own protocol can do (`DevTools`, through chromedriver): the preferences of the person, the
//! size of the page, scripts switched off, headers of one's own, cookies that scripts cannot see.

use std::path::Path;

use serde_json::{Value, json};

use super::{Browser, write_image};

/// The colours that the person has chosen for all programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Browser {
    /// A command of that protocol, and its result.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("goog/cdp/execute", body).await.unwrap()
    }

    /// Shows pages in this size in pixels, however small, as if that were the whole screen.
    pub async fn viewport(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Prefers these colours (`prefers-color-scheme`).
    pub async fn scheme(&self, scheme: Scheme) {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Switches the scripts of pages that are loaded from now on off, or on again. What the harness itself runs as a script
    /// still runs, and Chromium still hides what is in `noscript`.
    pub async fn scripts(&self, on: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !on }))
            .await;
    }

    /// Sends these headers with every request from now on, and no others that were asked for so.
    pub async fn headers(&self, headers: &[(&str, &str)]) {
        let headers: serde_json::Map<String, Value> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.setExtraHTTPHeaders", json!({ "headers": headers }))
            .await;
    }

    /// All cookies of all sites, as the protocol gives them: `name`, `value`, `domain`, `path`, `httpOnly`, `secure`,
    /// `sameSite`, `session`.
    pub async fn cookies(&self) -> Vec<Value> {
        let mut answer = self.devtools("Storage.getCookies", json!({})).await;
        serde_json::from_value(answer["cookies"].take()).unwrap()
    }

    /// The cookie of this name.
    pub async fn cookie(&self, name: &str) -> Option<Value> {
        self.cookies().await.into_iter().find(|cookie| cookie["name"] == name)
    }

    /// Deletes the cookie of this name that the present page would get.
    pub async fn forget(&self, name: &str) {
        self.driver.delete(&format!("cookie/{name}")).await.unwrap();
    }

    /// Deletes all cookies of all sites: a person whom nobody knows.
    pub async fn forget_everything(&self) {
        self.devtools("Storage.clearCookies", json!({})).await;
    }

    /// Writes the whole page into a PNG file, also what would have to be scrolled to.
    pub async fn screenshot_of_all(&self, file: &Path) {
        let image = json!({ "format": "png", "captureBeyondViewport": true });
        let image = self.devtools("Page.captureScreenshot", image).await;
        write_image(file, image["data"].as_str().unwrap());
    }
}
