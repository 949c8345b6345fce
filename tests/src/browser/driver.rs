//! chromedriver as a child process, and one session of it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::ChildStdout;

/// Longer than the end of a browser takes.
const END: Duration = Duration::from_secs(5);

pub(super) struct Driver {
    child: Child,
    port: u16,
    session: String,
    http: Client,
}

impl Driver {
    /// `None` if the program is not installed.
    pub(super) async fn start(arguments: &[String]) -> Option<Self> {
        let mut child = std::process::Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let output = ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
        let port = port(output).await;
        let mut driver = Self {
            child,
            port,
            session: String::new(),
            http: Client::new(),
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let opened = answer(driver.http.post(driver.address("/session")).json(&wanted)).await;
        // Of what is installed with the driver, Chromium may still be missing.
        if let Err(error) = &opened {
            assert!(error.contains("binary"), "Chromium does not start: {error}");
            return None;
        }
        opened.unwrap()["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut driver.session);
        Some(driver)
    }

    fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn of_session(&self, path: &str) -> String {
        self.address(&format!("/session/{}/{path}", self.session))
    }

    /// The value of a command, or what was wrong.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        answer(self.http.post(self.of_session(path)).json(body)).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, String> {
        answer(self.http.get(self.of_session(path))).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<Value, String> {
        answer(self.http.delete(self.of_session(path))).await
    }

    pub(super) async fn quit(mut self) {
        let session = std::mem::take(&mut self.session);
        let address = self.address(&format!("/session/{session}"));
        answer(self.http.delete(address)).await.unwrap();
    }

    /// A driver that is killed leaves its Chromium behind; so it is told first, also by a test that fails.
    fn end_session(&self) -> std::io::Result<()> {
        if self.session.is_empty() {
            return Ok(());
        }
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(END))?;
        let (session, port) = (&self.session, self.port);
        let request = format!(
            "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        // It answers when Chromium has ended, and may keep the connection.
        stream.read(&mut [0; 1]).map(|_| ())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.end_session();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn port(output: ChildStdout) -> u16 {
    let mut lines = BufReader::new(output).lines();
    let port = loop {
        let line = lines.next_line().await.unwrap();
        let line = line.expect("chromedriver ended before it listened");
        // An earlier line repeats the port that was asked for, which is none.
        if let Some(rest) = line.strip_prefix("ChromeDriver was started successfully on port ") {
            break rest.trim_end_matches('.').parse().unwrap();
        }
    };
    // The rest is read, or the driver would end for want of a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    port
}

async fn answer(request: RequestBuilder) -> Result<Value, String> {
    let answer = request.send().await.unwrap();
    let failed = !answer.status().is_success();
    let mut answer: Value = answer.json().await.unwrap();
    if failed {
        Err(answer.to_string())
    } else {
        Ok(answer["value"].take())
    }
}
