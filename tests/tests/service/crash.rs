//! `kill -9` in the middle of work: no acknowledged write is lost, and nothing is half done (invariant 8).

use std::path::Path;
use std::time::Duration;

use application::ports::entropy;
use serde_json::{Value, json};
use testkit::entropy::SeededEntropy;
use tests::program::{self, Caller, Serving};
use tests::{Answer, PASSWORD, Person, Tokens};

const KILLS: usize = 30;
const CALLERS: usize = 4;
const SEED: u64 = 20_260_115;
/// Tokens must outlive a restart on another port.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("COUNTERSIGN__HTTP__PUBLIC_URL", "http://127.0.0.1:8080"),
    ("COUNTERSIGN__RATE_LIMIT__ENABLED", "false"),
];

/// What a caller knows about one account from the answers that it got.
struct Ledger {
    person: Person,
    tokens: Option<Tokens>,
    /// Refused by an acknowledged rotation without an overlap.
    old_key: Option<String>,
    /// An acknowledged revocation.
    revoked: Option<String>,
    /// What was under way when the connection broke: done or not, and nobody knows.
    in_flight: Option<&'static str>,
}

/// Works on accounts until the service is gone, and gives what was acknowledged.
async fn work(caller: Caller, name: String) -> Vec<Ledger> {
    let mut ledgers = Vec::new();
    loop {
        let username = format!("{name}-{}", ledgers.len());
        let body = json!({"username": username, "password": PASSWORD});
        let Ok(answer) = caller.call("POST", "/v1/users").json(&body).try_send().await else {
            return ledgers;
        };
        let made = answer.expect_json(201);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let person = Person {
            id: text("id"),
            username,
            password: PASSWORD.to_owned(),
            secret_key: text("secret_key"),
        };
        let mut ledger = Ledger {
            person,
            tokens: None,
            old_key: None,
            revoked: None,
            in_flight: None,
        };
        let outcome = work_on(&caller, &mut ledger).await;
        ledgers.push(ledger);
        if outcome.is_none() {
            return ledgers;
        }
    }
}

/// Calls, and remembers what is under way for as long as nobody answers.
async fn call(ledger: &mut Ledger, what: &'static str, call: tests::call::Call) -> Option<Answer> {
    ledger.in_flight = Some(what);
    let answer = call.try_send().await.ok()?;
    ledger.in_flight = None;
    Some(answer)
}

async fn work_on(caller: &Caller, ledger: &mut Ledger) -> Option<()> {
    let login = caller.call("POST", "/v1/token").json(&ledger.person.credentials());
    let first = Tokens::read(&call(ledger, "login", login).await?.expect_json(200));
    ledger.tokens = Some(first.clone());
    for overlap in [3_600, 0] {
        let body = json!({"secret_key": ledger.person.secret_key, "overlap_seconds": overlap});
        let rotation = caller
            .call("POST", "/v1/me/secret-key/rotate")
            .bearer(&first.access)
            .json(&body);
        let what = if overlap == 0 {
            "rotation"
        } else {
            "rotation with overlap"
        };
        let key = call(ledger, what, rotation).await?.expect_json(200)["secret_key"]
            .as_str()
            .unwrap()
            .to_owned();
        let old = std::mem::replace(&mut ledger.person.secret_key, key);
        ledger.old_key = (overlap == 0).then_some(old);
    }
    for _ in 0..3 {
        let body = json!({"refresh_token": ledger.tokens.as_ref()?.refresh});
        let refresh = caller.call("POST", "/v1/token/refresh").json(&body);
        ledger.tokens = Some(Tokens::read(&call(ledger, "refresh", refresh).await?.expect_json(200)));
    }
    let revocation = caller
        .call("POST", "/v1/token/revoke")
        .json(&json!({"token": first.access}));
    call(ledger, "revocation", revocation).await?.expect(200);
    ledger.revoked = Some(first.access);
    Some(())
}

async fn login_status(caller: &Caller, person: &Person, secret_key: &str) -> u16 {
    let body = person.credentials_with(&json!({"secret_key": secret_key}));
    caller.call("POST", "/v1/token").json(&body).await.status
}

async fn resource_status(caller: &Caller, token: &str) -> u16 {
    caller.call("GET", "/v1/resource").bearer(token).await.status
}

/// Whether everything that was acknowledged is still so.
async fn check(caller: &Caller, ledger: &Ledger) {
    let person = &ledger.person;
    let what = format!("{} with {:?} under way", person.username, ledger.in_flight);
    if ledger.in_flight == Some("rotation") {
        // The key may have been replaced by one that nobody has seen; the account is there all the same.
        let answer = caller.call("POST", "/v1/token").json(&person.password_only()).await;
        answer.expect_problem(403, "mfa_required");
    } else {
        assert_eq!(login_status(caller, person, &person.secret_key).await, 200, "{what}");
    }
    if let Some(old_key) = &ledger.old_key {
        assert_eq!(login_status(caller, person, old_key).await, 401, "{what}");
    }
    if let Some(revoked) = &ledger.revoked {
        assert_eq!(resource_status(caller, revoked).await, 401, "{what}");
    }
    let Some(tokens) = &ledger.tokens else { return };
    // The newest access token works, except when it is the one whose revocation was under way.
    if ledger.in_flight != Some("revocation") || ledger.revoked.is_some() {
        assert_eq!(resource_status(caller, &tokens.access).await, 200, "{what}");
    }
    let body = json!({"refresh_token": tokens.refresh});
    let refreshed = caller.call("POST", "/v1/token/refresh").json(&body).await;
    match ledger.in_flight {
        // Used or not used; never lost.
        Some("refresh") => assert!([200, 401].contains(&refreshed.status), "{what}: {refreshed:?}"),
        _ => assert_eq!(refreshed.status, 200, "{what}"),
    }
}

async fn assert_the_log_is_whole(data: &Path) {
    let arguments = ["events", "verify", "--json", "--data", data.to_str().unwrap()];
    let verified: Value = serde_json::from_str(&program::succeed(&arguments, ENVIRONMENT).await).unwrap();
    assert!(verified["entries"].as_i64().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let random = SeededEntropy::new(SEED);
    let (mut before, mut people) = (Vec::new(), Vec::new());
    for round in 0..KILLS {
        let service = Serving::start(&data, ENVIRONMENT).await;
        for ledger in std::mem::take(&mut before) {
            check(service.caller(), &ledger).await;
            if ledger.in_flight != Some("rotation") {
                people.push(ledger.person);
            }
        }
        let callers = (0..CALLERS).map(|number| {
            let (caller, name) = (service.caller().clone(), format!("r{round}c{number}"));
            tokio::spawn(work(caller, name))
        });
        let callers: Vec<_> = callers.collect();
        let moment = 50 + u64::from(u16::from_be_bytes(entropy::bytes(&random))) % 450;
        tokio::time::sleep(Duration::from_millis(moment)).await;
        service.kill().await;
        for caller in callers {
            before.extend(caller.await.unwrap());
        }
        assert_the_log_is_whole(&data).await;
    }
    let service = Serving::start(&data, ENVIRONMENT).await;
    for ledger in &before {
        check(service.caller(), ledger).await;
    }
    assert!(
        people.len() > KILLS,
        "too little happened between the kills to mean anything: {}",
        people.len()
    );
    for person in &people {
        assert_eq!(
            login_status(service.caller(), person, &person.secret_key).await,
            200,
            "{}",
            person.username
        );
    }
    service.kill().await;
}

#[tokio::test]
async fn a_database_without_its_master_key_is_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Serving::start(&data, ENVIRONMENT).await.kill().await;
    let key = data.join("master.key");
    std::fs::rename(&key, folder.path().join("elsewhere")).unwrap();
    let arguments = [
        "serve",
        "--dev",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ];
    let output = program::run(&arguments, ENVIRONMENT).await;
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    let said = program::said(&output);
    assert!(said.contains("master.key") && said.contains("backup"), "{said}");
    assert!(!key.exists(), "a new key must not be made for old data");

    // Another one is no help either.
    let other = program::succeed(&["key", "generate-master"], &[]).await;
    let key_file = folder.path().join("other");
    std::fs::write(&key_file, other).unwrap();
    std::fs::set_permissions(&key_file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let environment = [("COUNTERSIGN__SECRETS__MASTER_KEY_FILE", key_file.to_str().unwrap())];
    let output = program::run(&arguments, &environment).await;
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(
        program::said(&output).contains("not the one of this database"),
        "{output:?}"
    );

    std::fs::rename(folder.path().join("elsewhere"), &key).unwrap();
    Serving::start(&data, ENVIRONMENT).await.kill().await;
}
