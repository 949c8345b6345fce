//! Where the secret of an authenticator must not be: in the database, in what it writes beside it, in a backup, in the log,
//! and in any answer after the first.

use std::path::Path;
use std::time::Duration;

use aho_corasick::AhoCorasick;
use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};
use testkit::postgres::{Cluster, REQUIREMENT};
use testkit::requirement::missing;
use tests::program::{Caller, Serving};
use tests::{PASSWORD, Phone, Service, Tokens};

/// Everything that must be found nowhere: the bytes, hexadecimal and Base32 of the secret in both letter cases, the recovery
/// codes with and without their hyphens, each also as hexadecimal. All in one automaton: a database server has many files.
fn needles(phone: &Phone, codes: &[String]) -> AhoCorasick {
    let mut needles: Vec<Vec<u8>> = phone.secret_forms().into();
    for code in codes {
        needles.push(code.clone().into_bytes());
        needles.push(code.replace('-', "").into_bytes());
    }
    let other_case = |needle: &Vec<u8>| {
        needle
            .iter()
            .map(|byte| byte ^ (0x20 * u8::from(byte.is_ascii_alphabetic())))
            .collect()
    };
    let texts: Vec<Vec<u8>> = needles.iter().skip(1).map(other_case).collect();
    let encoded: Vec<Vec<u8>> = needles
        .iter()
        .map(|needle| HEXLOWER.encode(needle).into_bytes())
        .collect();
    needles.extend(texts);
    needles.extend(encoded);
    AhoCorasick::new(needles).unwrap()
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    AhoCorasick::new([needle]).unwrap().is_match(hay)
}

#[track_caller]
fn expect_nothing(place: &str, hay: &[u8], needles: &AhoCorasick) {
    if let Some(found) = needles.find(hay) {
        let needle = String::from_utf8_lossy(&hay[found.range()]);
        panic!("{needle} is in {place}");
    }
}

/// Registers, enrols, confirms and logs in, with everything that goes over the wire.
async fn live(caller: &Caller) -> (Phone, Vec<String>, String) {
    let body = json!({"username": "alice", "password": PASSWORD});
    let made = caller.call("POST", "/v1/users").json(&body).await.expect_json(201);
    let login = json!({"username": "alice", "password": PASSWORD, "secret_key": made["secret_key"]});
    let granted = caller.call("POST", "/v1/token").json(&login).await.expect_json(200);
    let token = granted["access_token"].as_str().unwrap().to_owned();
    let begin = caller.call("POST", "/v1/me/authenticators/totp").bearer(&token);
    let begun = begin.json(&json!({"name": "Phone"})).await.expect_json(201);
    let phone = Phone::scan(begun["otpauth_uri"].as_str().unwrap());
    let path = format!("/v1/me/authenticators/{}", begun["id"].as_str().unwrap());
    caller
        .call("GET", &format!("{path}/qr"))
        .bearer(&token)
        .await
        .expect(200);
    let confirm = caller.call("POST", &format!("{path}/confirm")).bearer(&token);
    let confirmed = confirm
        .json(&json!({"otp": phone.code(wall_clock())}))
        .await
        .expect_json(200);
    let codes: Vec<String> = confirmed["recovery_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    let recovery = json!({"username": "alice", "password": PASSWORD, "recovery_code": codes[0]});
    caller.call("POST", "/v1/token").json(&recovery).await.expect_json(200);
    (phone, codes, token)
}

fn wall_clock() -> domain::time::Timestamp {
    application::ports::Clock::now(&crypto::clock::SystemClock)
}

fn everything_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything_in(&path));
        } else if path.is_file() {
            found.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn no_secret_is_on_disk_in_a_backup_or_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &[("COUNTERSIGN__LOG__LEVEL", "trace")]).await;
    let (phone, codes, token) = live(serving.caller()).await;
    // Killed, so that what was written last is still in the write-ahead log.
    let log = serving.kill().await;
    let needles = needles(&phone, &codes);

    let files = everything_in(folder.path());
    assert!(
        files.iter().any(|(name, _)| name.ends_with("-wal")),
        "there is no write-ahead log"
    );
    assert!(
        files.iter().any(|(_, bytes)| holds(bytes, b"Phone")),
        "the search finds nothing at all"
    );
    for (name, bytes) in &files {
        expect_nothing(name, bytes, &needles);
    }
    assert!(log.contains("/v1/me/authenticators"), "the log says nothing at all");
    expect_nothing("the log", log.as_bytes(), &needles);
    assert!(!log.contains(&token), "the token is in the log");

    let database = folder.path().join("countersign.db");
    let backup = folder.path().join("backup.db");
    let connection = Database::connect(format!("sqlite:{}", database.display()))
        .await
        .unwrap();
    let sql = format!("VACUUM INTO '{}'", backup.display());
    connection.execute_unprepared(&sql).await.unwrap();
    let backup = std::fs::read(backup).unwrap();
    assert!(holds(&backup, b"Phone"));
    expect_nothing("the backup", &backup, &needles);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_the_files_or_in_a_dump_of_a_database_server() {
    // A server of its own: what other tests write is none of this search.
    let Some(cluster) = Cluster::start().await else {
        return missing(REQUIREMENT);
    };
    let url = cluster.create_database().await;
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &[("COUNTERSIGN__DATABASE__URL", &url)]).await;
    let (phone, codes, _) = live(serving.caller()).await;
    serving.kill().await;
    let needles = needles(&phone, &codes);

    cluster.sql(&url, "CHECKPOINT").await.unwrap();
    let files = everything_in(cluster.home());
    for part in ["/base/", "/pg_wal/"] {
        assert!(
            files
                .iter()
                .any(|(name, bytes)| name.contains(part) && holds(bytes, b"Phone")),
            "the search finds nothing at all in {part}"
        );
    }
    for (name, bytes) in &files {
        expect_nothing(name, bytes, &needles);
    }
    let dump = cluster.dump(&url).await;
    assert!(holds(&dump, b"Phone"));
    expect_nothing("the dump", &dump, &needles);
}

#[tokio::test]
async fn no_answer_shows_the_secret_of_an_authenticator_again() {
    let (service, clock) = Service::with_clock().await;
    let (alice, tokens) = service.logged_in("alice").await;
    let begun = service
        .post("/v1/me/authenticators/totp")
        .bearer(&tokens.access)
        .json(&json!({"name": "Phone"}))
        .await
        .expect_json(201);
    let phone = Phone::scan(begun["otpauth_uri"].as_str().unwrap());
    let admin = service.admin_token().await;
    let path = format!("/v1/me/authenticators/{}", begun["id"].as_str().unwrap());
    service
        .post(&format!("{path}/confirm"))
        .bearer(&tokens.access)
        .json(&json!({"otp": phone.code(service.now())}))
        .await
        .expect_json(200);
    // With the freshest and best proof there is.
    clock.advance(Duration::from_secs(30));
    let granted = service.token(&alice.with_otp(&phone.code(service.now()))).await;
    let tokens = Tokens::read(&granted.expect_json(200));
    service
        .get(&format!("{path}/qr"))
        .bearer(&tokens.access)
        .await
        .expect_problem(404, "not_found");
    let needles = needles(&phone, &[]);
    let user = format!("/v1/admin/users/{}", alice.id);
    for (token, path) in [
        (&tokens.access, "/v1/me"),
        (&tokens.access, "/v1/me/authenticators"),
        (&tokens.access, "/v1/me/events"),
        (&tokens.access, "/v1/resource"),
        (&admin, user.as_str()),
        (&admin, &format!("{user}/authenticators")),
        (&admin, "/v1/admin/users"),
        (&admin, "/v1/admin/events?limit=200"),
    ] {
        let answer = service.get(path).bearer(token).await.expect(200);
        expect_nothing(path, &answer.body, &needles);
        let text: Value = answer.json();
        assert!(!text.to_string().contains("otpauth"), "{path}");
    }
}
