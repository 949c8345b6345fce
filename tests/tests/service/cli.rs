//! The command line of the real program.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::program::{self, run, said, succeed};
use tests::{Service, Setup};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}

async fn json_of(data: &Path, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json", "--data", data.to_str().unwrap()]].concat();
    serde_json::from_str(&succeed(&arguments, &[]).await).unwrap()
}

/// The service on a data folder that the program made.
async fn service_on(data: &Path) -> Service {
    Setup::default().set("data.dir", data.to_str().unwrap()).start().await
}

#[tokio::test]
async fn every_fault_of_the_settings_is_told_at_once() {
    let (folder, _) = folder();
    let file = folder.path().join("countersign.toml");
    let faulty =
        "[http]\nlisten = \"nowhere\"\nbody_limit = 1\n\n[tokens]\nalgorithm = \"HS256\"\n\n[lockuot]\ncap = 1\n";
    std::fs::write(&file, faulty).unwrap();
    let environment = [
        ("COUNTERSIGN__PASSWORDS__MEMORY_KIB", "8"),
        ("COUNTERSIGN__TOKENS__LEEWAY", "1h"),
    ];
    let arguments = ["config", "check", "--config", file.to_str().unwrap()];
    let output = run(&arguments, &environment).await;
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    let said = said(&output);
    for name in [
        "http.listen",
        "body_limit_kib",
        "tokens.algorithm",
        "lockout",
        "passwords.memory_kib",
        "tokens.leeway",
    ] {
        assert!(said.contains(name), "{name} is not in:\n{said}");
    }
    let output = run(&[&arguments[..], &["--json"]].concat(), &environment).await;
    assert_eq!(output.status.code(), Some(78));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["sound"], false);
    assert!(told["faults"].as_array().unwrap().len() >= 6, "{told}");
    // The service does not start with them either.
    let output = run(&["serve", "--config", file.to_str().unwrap()], &environment).await;
    assert_eq!(output.status.code(), Some(78), "{output:?}");
}

#[tokio::test]
async fn sound_settings_are_sound() {
    let (_folder, data) = folder();
    let checked = json_of(&data, &["config", "check"]).await;
    assert_eq!((&checked["sound"], &checked["faults"]), (&json!(true), &json!([])));
    assert!(!data.exists(), "a look must not make anything");
}

#[tokio::test]
async fn printed_settings_name_their_origin_and_no_secret() {
    let key = tests::service::master_key();
    let environment = [
        ("COUNTERSIGN__SECRETS__MASTER_KEY", key.as_str()),
        (
            "COUNTERSIGN__DATABASE__URL",
            "postgres://somebody:hush-hush@localhost/somewhere",
        ),
        ("COUNTERSIGN__TOKENS__LEEWAY", "7s"),
    ];
    let printed = succeed(&["config", "print"], &environment).await;
    for secret in [key.as_str(), "hush-hush", "somebody"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(
        printed.contains("COUNTERSIGN__TOKENS__LEEWAY") && printed.contains("***"),
        "{printed}"
    );
}

#[tokio::test]
async fn the_first_administrator_is_made_on_the_command_line_and_logs_in() {
    let (_folder, data) = folder();
    succeed(&["migrate", "--data", data.to_str().unwrap()], &[]).await;
    let made = json_of(&data, &["user", "add", "root", "--admin", "--generate-password"]).await;
    assert_eq!(made["user"]["role"], "admin");
    let password = made["password"].as_str().unwrap();
    let service = service_on(&data).await;
    let login = json!({"username": "root", "password": password, "secret_key": made["secret_key"]});
    let tokens = service.token(&login).await.expect_json(200);
    assert_eq!(tokens["scope"], "account admin");
    let events = service
        .events(tokens["access_token"].as_str().unwrap(), "user.created")
        .await;
    assert_eq!(events[0]["details"], json!({"by": "operator", "role": "admin"}));
    service.stop().await;

    let listed = json_of(&data, &["user", "list"]).await.to_string();
    assert!(
        listed.contains("root") && !listed.contains(password) && !listed.contains("csk_"),
        "{listed}"
    );
    let again = run(
        &[
            "user",
            "add",
            "ROOT",
            "--generate-password",
            "--data",
            data.to_str().unwrap(),
        ],
        &[],
    )
    .await;
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    let weak = [
        "user",
        "add",
        "other",
        "--password-stdin",
        "--data",
        data.to_str().unwrap(),
    ];
    assert_ne!(run(&weak, &[]).await.status.code(), Some(0), "an empty password");
}

#[tokio::test]
async fn what_the_operator_changes_holds_in_the_running_service() {
    let (_folder, data) = folder();
    let service = service_on(&data).await;
    let (alice, tokens) = service.logged_in("alice").await;
    let at = |arguments: &[&'static str]| [arguments, &["--data"]].concat();
    let run_on = async |arguments: &[&'static str]| {
        let arguments = [at(arguments), vec![data.to_str().unwrap()]].concat();
        succeed(&arguments, &[]).await;
    };
    run_on(&["user", "disable", "alice"]).await;
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    let refused = || async { service.resource(&tokens.access).await == 401 };
    tests::wait::eventually("the service hears of it", std::time::Duration::from_secs(10), refused).await;
    run_on(&["user", "enable", "alice"]).await;
    service.log_in(&alice).await;
    let reset = json_of(&data, &["user", "reset-secret-key", "alice"]).await;
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    service
        .token(&alice.credentials_with(&json!({"secret_key": reset["secret_key"]})))
        .await
        .expect_json(200);
    run_on(&["user", "delete", "alice"]).await;
    service
        .token(&alice.credentials())
        .await
        .expect_problem(401, "invalid_credentials");
    run_on(&["events", "verify"]).await;
}

#[tokio::test]
async fn the_document_is_the_committed_one() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/v1.json");
    assert_eq!(
        succeed(&["openapi"], &[]).await,
        std::fs::read_to_string(committed).unwrap()
    );
}

/// Changes the log as somebody can who may write to the file; the triggers stop nobody who means it.
async fn alter(file: &Path, change: &str) {
    use sea_orm::ConnectionTrait as _;
    let database = sea_orm::Database::connect(format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    assert!(
        database.execute_unprepared(change).await.is_err(),
        "the log can be changed without force"
    );
    for trigger in ["events_are_not_changed", "events_are_not_deleted"] {
        database
            .execute_unprepared(&format!("DROP TRIGGER {trigger}"))
            .await
            .unwrap();
    }
    let changed = database.execute_unprepared(change).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_log_with_a_gap_or_an_altered_entry_is_found() {
    let (_folder, data) = folder();
    let service = service_on(&data).await;
    for name in ["alice", "bob", "carol"] {
        service.register(name).await;
    }
    service.stop().await;
    let verify = ["events", "verify", "--data", data.to_str().unwrap()];
    let head = json_of(&data, &["events", "verify"]).await;
    let noted = format!("{}:{}", head["entries"], head["link"].as_str().unwrap());
    succeed(&[&verify[..], &["--contains", &noted]].concat(), &[]).await;
    succeed(&["user", "list", "--data", data.to_str().unwrap()], &[]).await;

    let whole = std::fs::read(data.join("countersign.db")).unwrap();
    for change in [
        "UPDATE events SET kind = 'user.updated' WHERE position = 4",
        "UPDATE events SET at = at + 1 WHERE position = 4",
        "DELETE FROM events WHERE position = 4",
    ] {
        std::fs::write(data.join("countersign.db"), &whole).unwrap();
        alter(&data.join("countersign.db"), change).await;
        let output = run(&verify, &[]).await;
        assert_eq!(output.status.code(), Some(1), "{change}: {output:?}");
        assert!(said(&output).contains("broken"), "{change}: {output:?}");
    }
}

#[tokio::test]
async fn the_demonstration_does_the_main_job() {
    let shown = succeed(&["demo", "--exit", "--listen", "127.0.0.1:0"], &[]).await;
    for part in [
        "/v1/users",
        "/v1/token",
        "/v1/resource",
        "201",
        "200",
        "401",
        "access_token",
        "csk_",
    ] {
        assert!(shown.contains(part), "{part} is not in:\n{shown}");
    }
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_not_for_development() {
    let (_folder, data) = folder();
    let arguments = [
        "serve",
        "--dev",
        "--listen",
        "0.0.0.0:0",
        "--data",
        data.to_str().unwrap(),
    ];
    let output = run(&arguments, &[]).await;
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(said(&output).contains("loopback"), "{output:?}");
    assert!(!data.exists());
}

#[test]
fn the_program_is_there() {
    assert!(program::binary().is_file());
}
