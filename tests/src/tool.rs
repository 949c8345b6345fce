//! Programs of other people that tests compare ours with.

use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Runs a program to its end, with this on its standard input. `None`, and a note by name, if it is not installed.
pub async fn run(program: &str, arguments: &[&str], input: &[u8]) -> Option<Output> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let Ok(mut child) = command.spawn() else {
        testkit::requirement::missing(program);
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    // A program that needs no input may have closed it.
    let _ = stdin.write_all(input).await;
    drop(stdin);
    Some(child.wait_with_output().await.unwrap())
}

/// What it printed, without white space around it; it must succeed.
pub async fn printed(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let output = run(program, arguments, input).await?;
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// What a Python script printed that imports this package. `None`, and a note by name, if either is not installed.
pub async fn python(package: &str, script: &str, arguments: &[&str]) -> Option<String> {
    let probe = format!("import {package}");
    let found = run("python3", &["-c", &probe], &[]).await?;
    if !found.status.success() {
        testkit::requirement::missing(package);
        return None;
    }
    let whole = [&["-c", script], arguments].concat();
    printed("python3", &whole, &[]).await
}
