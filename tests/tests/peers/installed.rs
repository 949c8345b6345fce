//! Which of the relying parties are installed. `.ci/peers` installs them into `peers` in the target folder; the programs
//! are in `tests/peers`.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

/// Where the programs are.
pub fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// Where they are installed.
pub fn folder() -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap().join("peers")
}

/// A program for Node.js, beside the packages that it needs; `None`, and a note by name, without them.
pub fn node(package: &str) -> Option<Command> {
    let folder = folder().join("node");
    if !folder.join("node_modules").join(package).is_dir() {
        testkit::requirement::missing(&format!("the npm package {package} in {}", folder.display()));
        return None;
    }
    // Modules are looked for beside the program, not where it is started.
    for file in std::fs::read_dir(sources().join("node")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "mjs") {
            std::fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
        }
    }
    let mut command = Command::new("node");
    command.arg(folder.join(format!("{package}.mjs")));
    Some(command)
}

/// A program for Python and the packages that it needs; `None`, and a note by name, without them.
pub async fn python(program: &str, packages: &[&str]) -> Option<Command> {
    let installed = folder().join("python");
    let python = || {
        let mut command = Command::new("python3");
        command.env("PYTHONPATH", &installed);
        command
    };
    let probe = format!("import {}", packages.join(", "));
    let found = python().args(["-c", &probe]).stderr(Stdio::null()).status().await;
    if !found.is_ok_and(|status| status.success()) {
        testkit::requirement::missing(&format!("Python with {}", packages.join(", ")));
        return None;
    }
    let mut command = python();
    command.arg(sources().join("python").join(program));
    Some(command)
}

/// The program on the crate `openidconnect`, built from its sources; `None`, and a note by name, if the crates that it needs
/// cannot be had.
pub async fn openidconnect() -> Option<Command> {
    let (package, target) = (sources().join("openidconnect"), folder().join("openidconnect"));
    let cargo = |verb: &str| {
        let mut command = Command::new(env!("CARGO"));
        command
            .args([verb, "--quiet", "--locked"])
            .current_dir(&package)
            .env("CARGO_TARGET_DIR", &target)
            .stdin(Stdio::null());
        command
    };
    if !cargo("fetch").stderr(Stdio::null()).status().await.unwrap().success() {
        testkit::requirement::missing("the crate openidconnect");
        return None;
    }
    let built = cargo("build").output().await.unwrap();
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "the relying party is not built: {said}");
    Some(Command::new(target.join("debug").join("openidconnect-party")))
}
