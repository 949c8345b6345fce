//! Somebody with a data folder of their own who runs commands.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub struct Operator {
    folder: TempDir,
}

impl Operator {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .env_clear()
            .current_dir(self.data())
            .arg("--data")
            .arg(self.data());
        command
            .args(line.split(' ').filter(|word| !word.is_empty()))
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    pub fn succeed(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn succeed_json(&self, line: &str) -> Value {
        serde_json::from_str(&self.succeed(&format!("--json {line}"))).unwrap()
    }

    /// The message of a command that ends with this code.
    pub fn fail(&self, code: i32, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn settings(&self, toml: &str) {
        fs::write(self.data().join("countersign.toml"), toml).unwrap();
    }

    pub fn credentials(&self) -> Value {
        serde_json::from_slice(&fs::read(self.data().join("dev-credentials.json")).unwrap()).unwrap()
    }

    /// Runs with this on standard input, and gives the exit code, the result and the trouble.
    pub fn run_with(&self, line: &str, input: &str) -> Ended {
        let mut child = self
            .command(line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code(),
            result: String::from_utf8(output.stdout).unwrap(),
            trouble: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A command that ended.
pub struct Ended {
    pub code: Option<i32>,
    pub result: String,
    pub trouble: String,
}
