//! Secrets: where they may be, and that they are never repeated.

use crate::support::Installation;
#[cfg(unix)]
use crate::support::set_mode;
use settings::{DatabaseLocation, Engine, MasterKey, Override, Readers, SecretFileError, Settings, read_secret_file};

const KEY: &str = "COUNTERSIGN__SECRETS__MASTER_KEY";
const KEY_FILE: &str = "COUNTERSIGN__SECRETS__MASTER_KEY_FILE";
const URL: &str = "COUNTERSIGN__DATABASE__URL";
const URL_FILE: &str = "COUNTERSIGN__DATABASE__URL_FILE";

fn master_key(settings: &Settings) -> &str {
    match &settings.secrets.master_key {
        MasterKey::Given(key) => key.expose(),
        MasterKey::DataFolder(file) => panic!("taken from {}", file.display()),
    }
}

fn database_url(settings: &Settings) -> &str {
    match &settings.database.location {
        DatabaseLocation::Url(url) => url.expose(),
        DatabaseLocation::DataFolder(file) => panic!("taken from {}", file.display()),
    }
}

#[test]
fn a_secret_is_taken_in_place() {
    let settings = Installation::new()
        .with_variable(KEY, "hunter2")
        .with_variable(URL, "postgres://db/x")
        .load();
    assert_eq!(master_key(&settings), "hunter2");
    assert_eq!(database_url(&settings), "postgres://db/x");
    assert_eq!(settings.database.engine(), Engine::Postgres);
    assert_eq!(settings.database.url().expose(), "postgres://db/x");
    let sqlite = Installation::new().with_variable(URL, "sqlite://other.db").load();
    assert_eq!(sqlite.database.engine(), Engine::Sqlite);
}

#[test]
fn a_secret_is_taken_from_its_file_without_the_last_line_end() {
    for (content, expected) in [
        ("hunter2", "hunter2"),
        ("hunter2\n", "hunter2"),
        ("hunter2\r\n", "hunter2"),
        ("hunter2\n\n", "hunter2\n"),
        (" hunter2 ", " hunter2 "),
        ("hunter2\r", "hunter2\r"),
    ] {
        let installation = Installation::new();
        let file = installation.write("key", content, 0o600);
        let settings = installation.with_variable(KEY_FILE, file.to_str().unwrap()).load();
        assert_eq!(master_key(&settings), expected, "{content:?}");
    }
    let installation = Installation::new();
    let file = installation.write("url", "postgresql://user:hunter2@db/x\n", 0o644);
    let settings = installation.with_variable(URL_FILE, file.to_str().unwrap()).load();
    assert_eq!(database_url(&settings), "postgresql://user:hunter2@db/x");
}

#[test]
fn a_secret_and_its_file_at_once_are_refused_wherever_they_are_set() {
    let installation = Installation::new();
    let file = installation.write("key", "hunter2", 0o600);
    let installation = installation
        .with_file(&format!("[secrets]\nmaster_key_file = '{}'", file.display()))
        .with_variable(KEY, "hunter3");
    let fault = installation.only_fault();
    assert!(
        fault.starts_with(&format!("secrets.master_key (environment variable {KEY})")),
        "{fault}"
    );
    assert!(fault.contains("secrets.master_key_file (from file "), "{fault}");
    assert!(!fault.contains("hunter"), "{fault}");
    // The empty value takes the file's one back.
    assert_eq!(master_key(&installation.with_variable(KEY_FILE, "").load()), "hunter3");
}

#[test]
fn a_secret_file_that_gives_no_secret_is_refused() {
    let installation = Installation::new();
    let cases = [
        (installation.path("missing"), "cannot be read"),
        (installation.folder.path().to_path_buf(), ""),
        (installation.write("empty", "", 0o600), "empty"),
        (installation.write("line", "\n", 0o600), "empty"),
        (installation.write("binary", [0xff, 0xfe, 0x00], 0o600), "not UTF-8"),
        (installation.write("large", "x".repeat(64 * 1024 + 1), 0o600), "larger"),
    ];
    for (file, reason) in cases {
        let fault = Installation::new()
            .with_variable(KEY_FILE, file.to_str().unwrap())
            .only_fault();
        assert!(
            fault.starts_with(&format!("secrets.master_key_file (environment variable {KEY_FILE})")),
            "{fault}"
        );
        assert!(
            fault.contains(file.to_str().unwrap()) && fault.contains(reason),
            "{fault}"
        );
    }
    let url = installation.write("url", "mysql://user:hunter2@db/x", 0o600);
    let fault = Installation::new()
        .with_variable(URL_FILE, url.to_str().unwrap())
        .only_fault();
    assert!(
        fault.starts_with("database.url_file") && !fault.contains("hunter2"),
        "{fault}"
    );
}

#[cfg(unix)]
#[test]
fn a_master_key_file_that_others_can_use_is_refused() {
    let installation = Installation::new();
    let file = installation.write("key", "hunter2", 0o600);
    let installation = installation.with_variable(KEY_FILE, file.to_str().unwrap());
    for mode in [0o640, 0o604, 0o644, 0o620, 0o601, 0o666] {
        set_mode(&file, mode);
        let fault = installation.only_fault();
        assert!(
            fault.contains("chmod 600") && fault.contains(&format!("{mode:04o}")),
            "{fault}"
        );
    }
    for mode in [0o600, 0o400] {
        set_mode(&file, mode);
        assert_eq!(master_key(&installation.load()), "hunter2");
    }
    set_mode(&file, 0o644);
    assert!(matches!(
        read_secret_file(&file, Readers::OwnerOnly),
        Err(SecretFileError::Exposed { mode: 0o644 })
    ));
    assert!(read_secret_file(&file, Readers::Any).is_ok());
}

#[cfg(unix)]
#[test]
fn a_master_key_in_a_settings_file_that_others_can_use_is_refused() {
    let installation = Installation::new().with_file("[secrets]\nmaster_key = 'hunter2'");
    assert_eq!(master_key(&installation.load()), "hunter2");
    set_mode(installation.file.as_ref().unwrap(), 0o644);
    let fault = installation.only_fault();
    assert!(fault.contains("chmod 600") && !fault.contains("hunter2"), "{fault}");
    // From above, it does not matter who can read the file.
    assert_eq!(
        master_key(&installation.with_variable(KEY, "hunter3").load()),
        "hunter3"
    );

    let url = Installation::new().with_file("[database]\nurl = 'postgres://user:hunter2@db/x'");
    assert!(url.load().warnings().is_empty());
    set_mode(url.file.as_ref().unwrap(), 0o644);
    let warnings = url.load().warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("database.url") && !warnings[0].contains("hunter2"));
}

#[test]
fn a_secret_of_a_wrong_type_is_not_repeated() {
    for value in ["4242424242", "4242424242.5", "['4242424242']", "{ key = '4242424242' }"] {
        let fault = Installation::new()
            .with_file(&format!("[secrets]\nmaster_key = {value}"))
            .only_fault();
        assert!(
            fault.starts_with("secrets.master_key (file ") && !fault.contains("42424"),
            "{fault}"
        );
    }
    let fault = Installation::new()
        .with_file("[http]\npublic_url = 'https://user:hunter2@example.com'")
        .only_fault();
    assert!(!fault.contains("hunter2"), "{fault}");
}

#[test]
fn printing_masks_secrets_and_tells_where_values_came_from() {
    let settings = Installation::new()
        .with_file("[http]\nbody_limit_kib = 65\ncors_origins = ['https://a.example', 'https://b.example']")
        .with_variable(KEY, "hunter2")
        .with_variable(URL, "postgres://user:hunter3@db/x")
        .with_variable("COUNTERSIGN__LOG__LEVEL", "debug")
        .with_flag(Override::data("/tmp/a \"quoted\" \\ folder"))
        .load();
    let printed = settings.print();
    assert!(!printed.contains("hunter") && !printed.contains("user:"), "{printed}");
    for line in [
        "[secrets]".to_owned(),
        format!("master_key = \"***\"  # environment variable {KEY}"),
        format!("url = \"***\"  # environment variable {URL}"),
        "url_file = \"\"".to_owned(),
        "level = \"debug\"  # environment variable COUNTERSIGN__LOG__LEVEL".to_owned(),
        "dir = \"/tmp/a \\\"quoted\\\" \\\\ folder\"  # flag --data".to_owned(),
        "max_connections = 4096".to_owned(),
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line} is not in\n{printed}"
        );
    }
    assert!(printed.contains("body_limit_kib = 65  # file /"), "{printed}");
    assert!(
        printed.contains("cors_origins = [\"https://a.example\", \"https://b.example\"]  # file /"),
        "{printed}"
    );
}

#[test]
fn what_is_printed_can_be_loaded_again() {
    let first = Installation::new()
        .with_variable("COUNTERSIGN__HTTP__TRUSTED_PROXIES", "10.0.0.0/8,::1")
        .with_variable("COUNTERSIGN__DATA__DIR", "/tmp/tab\there \\ and \"quotes\" \u{1}")
        .with_variable("COUNTERSIGN__TOKENS__LEEWAY", "7")
        .load();
    let second = Installation::new().with_file(&first.print()).load();
    assert_eq!(first.http, second.http);
    assert_eq!(first.data, second.data);
    assert_eq!(first.tokens, second.tokens);
    let values = |printed: String| -> Vec<String> {
        printed
            .lines()
            .map(|line| line.split("  # ").next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(values(first.print()), values(second.print()));
}
