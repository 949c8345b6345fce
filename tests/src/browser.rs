//! A real Chromium, driven over the HTTP interface of chromedriver (W3C WebDriver). The WebDriver crates would bring a second
//! generation of half a dozen dependencies for the few requests that are needed here.
//!
//! What is done with elements is in `page`, what only Chromium's own protocol can do is in `devtools`.

mod devtools;
mod driver;
mod page;

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

pub use devtools::Scheme;
use driver::Driver;
pub use page::{By, button, css, label, link, text};

/// How a missing browser is named.
pub const REQUIREMENT: &str = "chromedriver and Chromium";

/// How long a page may take to show what is waited for; reached only when it never will.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(30);

/// So many browsers at once in one test binary: more of them would only make each other late.
static ROOM: Semaphore = Semaphore::const_new(2);

/// A browser with a profile of its own, which is gone with it.
pub struct Browser {
    // The order matters: the driver ends Chromium before the profile is deleted under it.
    driver: Driver,
    _profile: TempDir,
    _room: SemaphorePermit<'static>,
}

impl Browser {
    /// Starts Chromium with a window of a common size; `None`, and a note by name, if it is not installed.
    pub async fn start() -> Option<Self> {
        Self::with_window(1280, 1000).await
    }

    /// As [`Browser::start`], with a window of so many pixels. For sizes smaller than a window may be, see
    /// [`Browser::viewport`].
    pub async fn with_window(width: u32, height: u32) -> Option<Self> {
        let room = ROOM.acquire().await.unwrap();
        let profile = tempfile::tempdir().unwrap();
        let Some(driver) = Driver::start(&arguments(profile.path(), width, height)).await else {
            testkit::requirement::missing(REQUIREMENT);
            return None;
        };
        Some(Self {
            driver,
            _profile: profile,
            _room: room,
        })
    }

    /// Goes to an address, and returns when the page has loaded.
    pub async fn open(&self, address: &str) {
        self.post("url", json!({ "url": address })).await.unwrap();
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.post("refresh", json!({})).await.unwrap();
    }

    /// Presses *back*.
    pub async fn back(&self) {
        self.post("back", json!({})).await.unwrap();
    }

    /// The address of the present page.
    pub async fn address(&self) -> String {
        self.get("url").await.as_str().unwrap().to_owned()
    }

    /// The title of the present page.
    pub async fn title(&self) -> String {
        self.get("title").await.as_str().unwrap().to_owned()
    }

    /// Waits until the address begins with this, and gives it whole.
    pub async fn wait_for_address(&self, beginning: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let address = self.address().await;
            if address.starts_with(beginning) {
                return address;
            }
            if Instant::now() >= deadline {
                let shown = self.visible_text().await;
                panic!("the browser never came to {beginning}…; it is at {address}, which says:\n{shown}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Runs a script in the page and returns its value.
    pub async fn script(&self, script: &str) -> Value {
        self.post("execute/sync", json!({ "script": script, "args": [] }))
            .await
            .unwrap()
    }

    /// Waits until a script gives something other than null, false or an empty text.
    pub async fn wait_for(&self, what: &str, script: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.script(script).await;
            if !matches!(&value, Value::Null | Value::Bool(false)) && value != "" {
                return value;
            }
            assert!(Instant::now() < deadline, "the page never showed {what}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What the console said that is not mere information, since it was asked last.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = self.post("se/log", json!({ "type": "browser" })).await.unwrap();
        let serious = |entry: &&Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        entries
            .as_array()
            .unwrap()
            .iter()
            .filter(serious)
            .map(ToString::to_string)
            .collect()
    }

    /// Demands that the console is clean.
    pub async fn expect_clean_console(&self) {
        let errors = self.console_errors().await;
        assert!(errors.is_empty(), "the console is not clean: {errors:#?}");
    }

    /// Writes what the window shows into a PNG file.
    pub async fn screenshot(&self, file: &Path) {
        let image = self.get("screenshot").await;
        write_image(file, image.as_str().unwrap());
    }

    /// Ends Chromium, and then the driver. A browser that is merely dropped does the same, without being waited for.
    pub async fn quit(self) {
        self.driver.quit().await;
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        self.driver.post(path, &body).await
    }

    async fn get(&self, path: &str) -> Value {
        self.driver.get(path).await.unwrap()
    }
}

fn arguments(profile: &Path, width: u32, height: u32) -> Vec<String> {
    let fixed = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // The password that a test types is in lists of stolen ones; the warning would cover the page.
        "--disable-features=PasswordLeakDetection",
        "--lang=en-GB",
    ];
    let mut arguments: Vec<String> = fixed.into_iter().map(str::to_owned).collect();
    arguments.push(format!("--window-size={width},{height}"));
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments
}

fn write_image(file: &Path, base64: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, STANDARD.decode(base64).unwrap()).unwrap();
}
