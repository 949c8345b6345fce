//! The service as a program of its own: built, started, killed, and asked on the command line.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::call::Call;

/// Longer than a start takes on a busy machine.
const START: Duration = Duration::from_secs(30);

/// The binary, built from the present sources.
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(build);
    &BINARY
}

fn build() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // <target>/<profile>/deps/<this test>
    let profile_folder = test.ancestors().nth(2).unwrap();
    let target = profile_folder.parent().unwrap();
    let profile = match profile_folder.file_name().and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        other => other,
    };
    let mut command = std::process::Command::new(env!("CARGO"));
    command.args([
        "build",
        "--quiet",
        "--package",
        "server",
        "--bin",
        "countersign",
        "--profile",
        profile,
    ]);
    command
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "the binary is not built: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    profile_folder.join("countersign")
}

/// Runs a command to its end. The settings of whoever runs the tests have no say.
pub async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let running = command(arguments, environment).output();
    let outcome = tokio::time::timeout(Duration::from_mins(2), running).await;
    outcome
        .unwrap_or_else(|_| panic!("{arguments:?} does not end"))
        .unwrap()
}

/// The standard output of a command that must succeed.
pub async fn succeed(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = run(arguments, environment).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Everything a command said, for a look at its words.
pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COUNTERSIGN__") {
            command.env_remove(name);
        }
    }
    command
        .env("COUNTERSIGN__METRICS__ENABLED", "false")
        .envs(environment.iter().copied());
    command
}

fn note(log: &Mutex<String>, line: &str) {
    let mut log = log.lock().unwrap();
    log.push_str(line);
    log.push('\n');
}

/// A development service as a program of its own, on a free port.
pub struct Serving {
    child: Child,
    caller: Caller,
    metrics: Option<String>,
    log: Arc<Mutex<String>>,
    reading: JoinHandle<()>,
}

impl Serving {
    /// Starts it on this data folder, and waits until it is ready.
    pub async fn start(data: &Path, environment: &[(&str, &str)]) -> Self {
        let arguments = [
            "serve",
            "--dev",
            "--listen",
            "127.0.0.1:0",
            "--data",
            data.to_str().unwrap(),
        ];
        let mut command = command(&arguments, environment);
        command
            .env("COUNTERSIGN__LOG__FORMAT", "json")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(String::new()));
        let reading = async {
            while let Some(line) = log.next_line().await.unwrap() {
                let entry: Value = serde_json::from_str(&line).unwrap_or_default();
                note(&said, &line);
                if entry["message"] == "ready" {
                    return entry;
                }
            }
            panic!("the service ended before it was ready: {}", said.lock().unwrap());
        };
        let ready = tokio::time::timeout(START, reading)
            .await
            .expect("the service becomes ready");
        let text = |name: &str| ready[name].as_str().map(str::to_owned);
        let base = format!("http://{}", text("address").expect("an address"));
        // The rest is read, or the service would wait for room in the pipe.
        let rest = Arc::clone(&said);
        let reading = tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                note(&rest, &line);
            }
        });
        let caller = Caller {
            base,
            http: Client::new(),
        };
        let metrics = text("metrics");
        Self {
            child,
            caller,
            metrics,
            log: said,
            reading,
        }
    }

    /// The value of a metric without labels. The metrics must be switched on.
    pub async fn metric(&self, name: &str) -> u64 {
        let url = self.metrics.as_ref().expect("metrics");
        let written = Call::new(&self.caller.http, Method::GET, url).await.expect(200).text();
        let mut values = written
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        values
            .next()
            .unwrap_or_else(|| panic!("no {name} in {written}"))
            .parse()
            .unwrap()
    }

    /// Whoever calls it, without the right to end it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Ends it as a power cut would: SIGKILL. Gives all that it wrote to its log.
    pub async fn kill(mut self) -> String {
        self.child.kill().await.unwrap();
        self.reading.await.unwrap();
        self.log.lock().unwrap().clone()
    }
}

/// Somebody who calls a program's service.
#[derive(Clone)]
pub struct Caller {
    base: String,
    http: Client,
}

impl Caller {
    /// Where the service is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A call of any method.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let url = format!("{}{path}", self.base);
        Call::new(&self.http, Method::from_bytes(method.as_bytes()).unwrap(), &url)
    }
}
