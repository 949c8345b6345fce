//! The service under measurement: the release binary, in a process and a data folder of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::load::{self, Request};

pub struct Service {
    child: Child,
    pub address: SocketAddr,
    data: Option<TempDir>,
    folder: PathBuf,
}

/// An account with what it logs in with.
pub struct Account {
    pub name: String,
    pub key: String,
}

pub const PASSWORD: &str = "correct horse battery staple";

/// The binary beside this one.
pub fn binary() -> PathBuf {
    let path = std::env::current_exe().unwrap().with_file_name("countersign");
    assert!(path.exists(), "build it first: cargo build --release -p server");
    path
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Service {
    pub fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut service = Self::start_in(data.path());
        service.data = Some(data);
        service
    }

    /// Starts it and waits until it is ready.
    pub fn start_in(data: &Path) -> Self {
        let address = free_address();
        let child = Command::new(binary())
            .arg("serve")
            .arg("--listen")
            .arg(address.to_string())
            .arg("--data")
            .arg(data)
            .env("COUNTERSIGN__ACCOUNTS__REGISTRATION", "open")
            .env("COUNTERSIGN__RATE_LIMIT__ENABLED", "false")
            .env("COUNTERSIGN__COMPAT__ORION__ENABLED", "true")
            .env("COUNTERSIGN__COMPAT__ORION__ALLOW_CODE_ONLY", "true")
            .env("COUNTERSIGN__METRICS__LISTEN", free_address().to_string())
            .env("COUNTERSIGN__LOG__LEVEL", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let service = Self {
            child,
            address,
            data: None,
            folder: data.to_path_buf(),
        };
        let deadline = Instant::now() + Duration::from_secs(20);
        while !is_ready(address) {
            assert!(Instant::now() < deadline, "the service did not become ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        service
    }

    pub fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1_024.0
    }

    /// Brings accounts, one a line.
    pub fn import(&self, lines: &str) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines).unwrap();
        let output = Command::new(binary())
            .args(["user", "import"])
            .arg(file.path())
            .arg("--data")
            .arg(&self.folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Makes an administrator, as an operator does beside the running service.
    pub fn administrator(&self) -> Account {
        let mut child = Command::new(binary())
            .args([
                "user",
                "add",
                "bench-admin",
                "--admin",
                "--password-stdin",
                "--json",
                "--data",
            ])
            .arg(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{PASSWORD}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let added: Value = serde_json::from_slice(&output.stdout).unwrap();
        Account {
            name: "bench-admin".to_owned(),
            key: added["secret_key"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn register(&self, count: usize) -> Vec<Account> {
        let mut accounts = Vec::new();
        for place in 0..count {
            let name = format!("bench-{place}");
            let body = json!({ "username": name, "password": PASSWORD }).to_string();
            let answer = load::once(self.address, &Request::post("/v1/users", &body)).await;
            let answer: Value = serde_json::from_str(&answer).unwrap();
            accounts.push(Account {
                name,
                key: answer["secret_key"].as_str().unwrap().to_owned(),
            });
        }
        accounts
    }
}

fn is_ready(address: SocketAddr) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = std::net::TcpStream::connect(address) else {
        return false;
    };
    let request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Account {
    /// The request that logs this account in with both factors.
    pub fn login(&self) -> Request {
        let body = json!({ "username": self.name, "password": PASSWORD, "secret_key": self.key });
        Request::post("/v1/token", &body.to_string())
    }

    pub async fn token(&self, service: &Service) -> String {
        let answer: Value = serde_json::from_str(&load::once(service.address, &self.login()).await).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}
