//! A real Chromium, driven over the HTTP interface of chromedriver (W3C WebDriver). The WebDriver crates would bring a second
//! generation of half a dozen dependencies for the ten requests that are needed here.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The key under which WebDriver answers an element (W3C WebDriver section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long a page may take to show what is waited for; reached only when it never will.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium with a window of the given size; `None` if it is not installed.
    pub async fn start(width: u32, height: u32) -> Option<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let output = driver.stdout.take().unwrap();
        let port = tokio::task::block_in_place(|| {
            BufReader::new(output).lines().map_while(Result::ok).find_map(|line| {
                // An earlier line repeats the port that was asked for, which is none.
                let rest = line.strip_prefix("ChromeDriver was started successfully on port ")?;
                rest.trim_end_matches('.').parse::<u16>().ok()
            })
        })?;
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let client = reqwest::Client::new();
        let base = format!("http://127.0.0.1:{port}/session");
        let answer: Value = client
            .post(&base)
            .json(&wanted)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let id = answer["value"]["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("Chromium did not start: {answer}"));
        let session = format!("{base}/{id}");
        Some(Self {
            driver,
            client,
            session,
            _profile: profile,
        })
    }

    async fn command(&self, path: &str, body: Value) -> Result<Value, String> {
        let answer = self
            .client
            .post(format!("{}/{path}", self.session))
            .json(&body)
            .send()
            .await
            .unwrap();
        let failed = !answer.status().is_success();
        let mut answer: Value = answer.json().await.unwrap();
        if failed {
            Err(answer.to_string())
        } else {
            Ok(answer["value"].take())
        }
    }

    pub async fn open(&self, address: &str) {
        self.command("url", json!({ "url": address })).await.unwrap();
    }

    /// Runs a script in the page and returns its value.
    pub async fn script(&self, script: &str) -> Value {
        self.command("execute/sync", json!({ "script": script, "args": [] }))
            .await
            .unwrap()
    }

    /// Waits until a script gives something other than null, false or an empty text.
    pub async fn wait_for(&self, what: &str, script: &str) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let value = self.script(script).await;
            if !matches!(&value, Value::Null | Value::Bool(false)) && value != "" {
                return value;
            }
            assert!(tokio::time::Instant::now() < deadline, "the page never showed {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn element(&self, selector: &str) -> String {
        let present = format!("return document.querySelector({}) !== null", json!(selector));
        self.wait_for(selector, &present).await;
        let found = self
            .command("element", json!({ "using": "css selector", "value": selector }))
            .await
            .unwrap();
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Clicks as a person would: the element is scrolled to, and must not be covered.
    pub async fn click(&self, selector: &str) {
        let centre = format!(
            "document.querySelector({}).scrollIntoView({{ block: 'center' }})",
            json!(selector)
        );
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let element = self.element(selector).await;
            self.script(&centre).await;
            match self.command(&format!("element/{element}/click"), json!({})).await {
                Ok(_) => return,
                // An animation may cover it for a moment.
                Err(error) => assert!(
                    tokio::time::Instant::now() < deadline,
                    "cannot click {selector}: {error}"
                ),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.command(&format!("element/{element}/clear"), json!({}))
            .await
            .unwrap();
        self.command(&format!("element/{element}/value"), json!({ "text": text }))
            .await
            .unwrap();
    }

    /// Types over what is in a field, for fields that put something in as soon as they are empty.
    pub async fn overwrite(&self, selector: &str, text: &str) {
        // Control and A, then all keys up (W3C WebDriver section 17.4.2).
        const ALL: &str = "\u{e009}a\u{e000}";
        let element = self.element(selector).await;
        let path = format!("element/{element}/value");
        let keys = format!("{ALL}{text}");
        self.command(&path, json!({ "text": keys })).await.unwrap();
    }

    /// What the console said that is not mere information.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({ "type": "browser" })).await.unwrap();
        let serious = |entry: &&Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        entries
            .as_array()
            .unwrap()
            .iter()
            .filter(serious)
            .map(ToString::to_string)
            .collect()
    }

    pub async fn screenshot(&self, file: &Path) {
        let answer: Value = self
            .client
            .get(format!("{}/screenshot", self.session))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let image = base64::engine::general_purpose::STANDARD
            .decode(answer["value"].as_str().unwrap())
            .unwrap();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, image).unwrap();
    }

    /// Ends Chromium, and then the driver.
    pub async fn quit(self) {
        self.client.delete(&self.session).send().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}
