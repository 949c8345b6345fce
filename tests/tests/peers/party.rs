//! A relying party as a program of its own, and the lines of JSON that go to and fro.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Longer than any of its steps takes.
const LIMIT: Duration = Duration::from_mins(1);

/// A relying party.
pub struct Party {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Party {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, stdin, stdout }
    }

    /// Waits for it to say this.
    pub async fn hear(&mut self, event: &str) -> Value {
        let line = tokio::time::timeout(LIMIT, self.stdout.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("the relying party never said {event}"));
        let line = line
            .unwrap()
            .unwrap_or_else(|| panic!("it ended before it said {event}"));
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(said["event"], event, "{said:#}");
        said
    }

    /// Tells it something.
    pub async fn tell(&mut self, line: &Value) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Waits for its end, which must be a good one.
    pub async fn end(mut self) {
        let status = tokio::time::timeout(LIMIT, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("the relying party does not end"));
        assert!(status.unwrap().success());
    }
}
