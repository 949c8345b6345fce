//! The program as operators meet it: exit codes, messages, files.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure of the test's own machinery is a failure of the test"
)]

mod clients;
mod import;
mod operator;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use serde_json::Value;

use self::operator::Operator;

/// A service that runs until it is dropped or told to end.
struct Serving(Child);

impl Serving {
    fn start(operator: &Operator, line: &str) -> Self {
        let mut child = operator
            .command(line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut lines = log.lines().map_while(Result::ok);
        let ready = lines.find(|line| line.contains("ready"));
        assert!(ready.is_some(), "it ended before it was ready: {:?}", child.wait());
        // Read on, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    fn terminate(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.0.wait().unwrap().code()
    }

    /// What it printed before `end`.
    fn printed(&mut self, end: &str) -> String {
        let mut text = String::new();
        for line in BufReader::new(self.0.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            text.push('\n');
            if line.contains(end) {
                return text;
            }
        }
        panic!("{end:?} was not printed: {text}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn wrong_settings_end_with_78_and_name_every_fault() {
    let operator = Operator::new();
    operator.settings("[http]\nlistne = \"127.0.0.1:1\"\nbody_limit_kib = 0\n");
    for line in ["config check", "serve", "user list", "migrate"] {
        let message = operator.fail(78, line);
        assert!(
            message.contains("http.listne") && message.contains("http.listen"),
            "{line}: {message}"
        );
        assert!(message.contains("body_limit_kib"), "{line}: {message}");
    }
    assert!(!operator.data().join("countersign.db").exists());
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let operator = Operator::new();
    operator.fail(2, "serve --listen nowhere");
    operator.fail(2, "user add ann --password secret");
    operator.fail(2, "");
}

#[test]
fn the_printed_defaults_are_settings() {
    let operator = Operator::new();
    let defaults = operator.succeed("config default");
    fs::write(operator.data().join("defaults.toml"), defaults).unwrap();
    let checked = operator.succeed("--config defaults.toml config check");
    assert!(checked.starts_with("The settings are sound."), "{checked}");
    assert!(operator.succeed("config print").contains("[http]"));
}

#[test]
fn accounts_are_made_listed_disabled_and_deleted() {
    let operator = Operator::new();
    let made = operator.succeed_json("user add Root --admin --generate-password");
    assert_eq!(made["user"]["username"], "root");
    assert_eq!(made["user"]["role"], "admin");
    assert!(made["secret_key"].as_str().unwrap().starts_with("csk_"));
    assert_eq!(made["password"].as_str().unwrap().len(), 23);

    let mut adding = operator.command("user add ann --password-stdin --email ann@example.org");
    let mut adding = adding.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    adding
        .stdin
        .take()
        .unwrap()
        .write_all(b"correct horse battery\n")
        .unwrap();
    let printed = String::from_utf8(adding.wait_with_output().unwrap().stdout).unwrap();
    assert!(printed.contains("csk_") && !printed.contains("horse"), "{printed}");

    assert_eq!(operator.succeed_json("user list").as_array().unwrap().len(), 2);
    assert_eq!(
        operator.succeed_json("user list --search ANN")[0]["email"],
        "ann@example.org"
    );
    operator.succeed("user disable ann");
    assert_eq!(operator.succeed_json("user show ann")["state"], "disabled");
    operator.succeed("user enable ann");
    operator.succeed("user unlock ann");
    let before = operator.succeed_json("user show ann")["secret_keys"].clone();
    assert!(operator.succeed("user reset-secret-key ann").contains("csk_"));
    assert_eq!(before.as_array().unwrap().len(), 1);
    operator.succeed("user delete ann");
    assert!(operator.fail(1, "user show ann").contains("user list"));
    assert!(
        operator
            .fail(1, "user delete root")
            .contains("last active administrator")
    );
    assert!(operator.fail(1, "user add root --generate-password").contains("taken"));

    let kinds: Vec<_> = operator
        .succeed_json("events list")
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["kind"].clone())
        .collect();
    assert!(kinds.contains(&"user.deleted".into()), "{kinds:?}");
    let head = operator.succeed_json("events verify");
    let noted = format!("{}:{}", head["entries"], head["link"].as_str().unwrap());
    operator.succeed(&format!("events verify --contains {noted}"));
    let later = format!(
        "{}:{}",
        head["entries"].as_i64().unwrap() + 1,
        head["link"].as_str().unwrap()
    );
    assert!(
        operator
            .fail(1, &format!("events verify --contains {later}"))
            .contains("cut")
    );
}

#[test]
fn a_password_that_is_not_good_enough_is_refused_by_name() {
    let operator = Operator::new();
    for (password, reason) in [
        ("password1", "everybody tries first"),
        ("short", "at least 8"),
        ("", "empty"),
    ] {
        let mut adding = operator.command("user add ann --password-stdin");
        let mut adding = adding.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        adding.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        let output = adding.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(message.contains(reason), "{message}");
    }
    let message = operator.fail(1, "user add ann");
    assert!(message.contains("--password-stdin"), "{message}");
}

#[test]
fn a_mistyped_folder_is_not_filled() {
    let operator = Operator::new();
    for line in ["user list", "key list", "events verify", "migrate --check"] {
        let message = operator.fail(1, &format!("{line} --data elsewhere"));
        assert!(
            message.contains("elsewhere") && message.contains("--data"),
            "{line}: {message}"
        );
    }
    assert!(!operator.data().join("elsewhere").exists());
}

#[test]
fn a_database_without_its_master_key_is_not_touched() {
    let operator = Operator::new();
    operator.succeed("user add ann --generate-password");
    let key = operator.data().join("master.key");
    let kept = fs::read(&key).unwrap();

    fs::remove_file(&key).unwrap();
    let message = operator.fail(78, "serve --listen 127.0.0.1:0");
    assert!(
        message.contains("master.key") && message.contains("backup"),
        "{message}"
    );
    assert!(!key.exists());
    assert!(operator.run("doctor").stdout.windows(4).any(|word| word == b"FAIL"));

    fs::write(&key, operator.succeed("key generate-master")).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let message = operator.fail(78, "serve --listen 127.0.0.1:0");
    assert!(message.contains("not the one of this database"), "{message}");
    operator.fail(1, "doctor");

    fs::write(&key, kept).unwrap();
    operator.succeed("user show ann");
    operator.succeed("events verify");
}

#[test]
fn migrations_are_applied_by_command_when_serve_may_not() {
    let operator = Operator::new();
    operator.settings("[database]\nauto_migrate = false\n");
    let message = operator.fail(1, "serve --listen 127.0.0.1:0");
    assert!(message.contains("countersign migrate"), "{message}");
    assert_eq!(operator.run("migrate --check").status.code(), Some(1));
    assert_ne!(operator.succeed_json("migrate")["applied"], Value::Array(Vec::new()));
    assert_eq!(
        operator.succeed_json("migrate --check")["pending"],
        Value::Array(Vec::new())
    );
    assert_eq!(operator.succeed_json("migrate")["applied"], Value::Array(Vec::new()));
}

#[test]
fn dev_keeps_its_administrator_and_mends_him_when_the_file_is_lost() {
    let operator = Operator::new();
    let line = "serve --dev --listen 127.0.0.1:0";
    let mut serving = Serving::start(&operator, line);
    let printed = serving.printed("Ctrl-C");
    let first = operator.credentials();
    for field in ["username", "password", "secret_key"] {
        assert!(printed.contains(first[field].as_str().unwrap()), "{field}: {printed}");
    }
    assert!(printed.contains("/docs"), "{printed}");
    let file = operator.data().join("dev-credentials.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(serving.terminate(), Some(0));

    let mut serving = Serving::start(&operator, line);
    serving.printed("Ctrl-C");
    assert_eq!(operator.credentials(), first);
    assert_eq!(serving.terminate(), Some(0));

    fs::remove_file(&file).unwrap();
    operator.succeed("user add other --admin --generate-password");
    operator.succeed("user disable admin");
    let mut serving = Serving::start(&operator, line);
    serving.printed("Ctrl-C");
    assert_ne!(operator.credentials(), first);
    assert_eq!(operator.succeed_json("user show admin")["state"], "active");
    assert_eq!(serving.terminate(), Some(0));
}

#[test]
fn dev_is_for_this_machine_only() {
    let operator = Operator::new();
    let message = operator.fail(78, "serve --dev --listen 0.0.0.0:0");
    assert!(message.contains("loopback"), "{message}");
    assert!(!operator.data().join("countersign.db").exists());
    operator.fail(1, "demo --exit --listen 0.0.0.0:0");
}

#[test]
fn an_address_that_is_taken_is_named_with_its_setting() {
    let operator = Operator::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let message = operator.fail(1, &format!("serve --listen {}", taken.local_addr().unwrap()));
    assert!(
        message.contains("http.listen") && message.contains(&taken.local_addr().unwrap().to_string()),
        "{message}"
    );
}

#[test]
fn a_key_is_not_rotated_before_others_can_know_the_next_one() {
    let operator = Operator::new();
    operator.succeed("user add ann --generate-password");
    let active = |keys: &Value| {
        let keys = keys.as_array().unwrap();
        let signs = |key: &&Value| key["state"] == "active" && key["purpose"] == "access_token";
        keys.iter().find(signs).unwrap()["kid"].clone()
    };
    let before = active(&operator.succeed_json("key list"));
    assert!(operator.fail(1, "key rotate").contains("--compromised"));
    let rotated = operator.succeed_json("key rotate --compromised");
    assert_ne!(rotated["active"], before);
    assert_eq!(active(&operator.succeed_json("key list")), rotated["active"]);
    assert!(operator.succeed("doctor").contains("ok    signing keys"));
}

#[test]
fn the_demo_does_the_main_job_and_leaves_nothing_behind() {
    let operator = Operator::new();
    let shown = operator.succeed("demo --exit");
    for telling in [
        "201 Created",
        "401 Unauthorized",
        "403 Forbidden",
        "mfa_required",
        "\"amr\"",
        "Every answer was",
    ] {
        assert!(shown.contains(telling), "{telling}: {shown}");
    }
    assert_eq!(fs::read_dir(operator.data()).unwrap().count(), 0);
}
