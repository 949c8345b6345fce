//! Accounts and authenticators from elsewhere.

use std::fs;

use serde_json::{Value, json};

use crate::operator::Operator;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const HASH: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

fn accounts() -> String {
    let uri = format!("otpauth://totp/Acme:ann?secret={SECRET}");
    let lines = [
        json!({
            "username": "ann", "password_hash": HASH, "role": "admin",
            "authenticators": [
                { "name": "Phone", "otpauth_uri": uri },
                { "name": "Token", "type": "hotp", "secret": SECRET, "counter": 7 },
            ],
        }),
        json!({ "email": "bob@example.org", "display_name": "Bob", "password": "hunter2" }),
    ];
    lines.map(|line| format!("{line}\n")).concat()
}

fn names(list: &Value) -> Vec<&str> {
    let accounts = list.as_array().unwrap();
    accounts
        .iter()
        .filter_map(|account| account["username"].as_str())
        .collect()
}

#[test]
fn accounts_are_imported_with_what_they_prove_themselves_with() {
    let operator = Operator::new();
    fs::write(operator.data().join("accounts.jsonl"), accounts()).unwrap();
    assert!(
        operator
            .succeed("user import accounts.jsonl --check")
            .contains("2 accounts")
    );
    assert!(!operator.data().join("countersign.db").exists());

    let imported = operator.succeed_json("user import accounts.jsonl");
    assert_eq!(names(&imported["imported"]), ["ann", "bob@example.org"]);
    let ann = operator.succeed_json("user show ann");
    assert_eq!((&ann["role"], &ann["enrolment"]), (&"admin".into(), &"done".into()));
    let mut kinds: Vec<_> = ann["authenticators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap(),
                one["type"].as_str().unwrap(),
                one["state"].as_str().unwrap(),
            )
        })
        .collect();
    // They came at the same moment.
    kinds.sort_unstable();
    assert_eq!(kinds, [("Phone", "totp", "active"), ("Token", "hotp", "active")]);
    assert_eq!(ann["recovery_codes"], 0);
    let bob = operator.succeed_json("user show bob@example.org");
    assert_eq!(
        (&bob["enrolment"], &bob["password_is_weak"]),
        (&"open".into(), &true.into())
    );
    assert!(operator.succeed("user show ann").contains("\"Phone\", totp, since "));
}

#[test]
fn an_import_that_is_run_again_skips_what_is_there() {
    let operator = Operator::new();
    operator.succeed("user add ann --generate-password");
    let ended = operator.run_with("--json user import -", &accounts());
    let report: Value = serde_json::from_str(&ended.result).unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.trouble);
    assert_eq!(names(&report["skipped"]), ["ann"]);
    assert_eq!(names(&report["imported"]), ["bob@example.org"]);
    assert_eq!(operator.succeed_json("user show ann")["authenticators"], json!([]));

    let other = json!({ "username": "carl", "email": "Bob@example.org", "password": "correct horse battery" });
    let ended = operator.run_with("user import -", &format!("{}{other}\n", accounts()));
    // Two lines of the file have one address, which is told before anything is tried.
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .trouble
            .contains("line 3, email: is that of the account in line 2"),
        "{}",
        ended.trouble
    );
    let ended = operator.run_with("user import -", &other.to_string());
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .result
            .contains("line 1, carl: failed: the e-mail address is taken"),
        "{}",
        ended.result
    );
    assert!(
        ended
            .result
            .contains("0 imported, 0 skipped because they exist, 1 failed."),
        "{}",
        ended.result
    );
}

#[test]
fn a_fault_anywhere_stops_the_import_before_it_begins() {
    let operator = Operator::new();
    let content = format!(
        "{}{}\n",
        accounts(),
        json!({
            "username": "carl", "password_hash": "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "authenticators": [{ "name": "Phone", "type": "totp", "secret": "hunter2hunter2" }],
        })
    );
    let ended = operator.run_with("user import -", &content);
    assert_eq!(ended.code, Some(1));
    for part in [
        "nothing was imported, the file has 2 faults",
        "line 3, password_hash: is a bcrypt hash",
        "line 3, authenticators[0].secret: ",
    ] {
        assert!(ended.trouble.contains(part), "{part}: {}", ended.trouble);
    }
    assert!(
        !ended.trouble.contains("hunter2") && !ended.trouble.contains("R9h"),
        "{}",
        ended.trouble
    );
    assert!(!operator.data().join("countersign.db").exists());

    let ended = operator.run_with("--json user import -", &content);
    let report: Value = serde_json::from_str(&ended.result).unwrap();
    assert_eq!((ended.code, &report["sound"]), (Some(1), &false.into()));
    assert_eq!(report["faults"][0]["line"], 3);
    assert_eq!(report["faults"][0]["field"], "password_hash");
    let ended = operator.run_with("user import -", "\n");
    assert!(
        ended.code == Some(1) && ended.trouble.contains("no account"),
        "{}",
        ended.trouble
    );
    assert!(
        operator
            .fail(1, "user import nowhere.jsonl")
            .contains("nowhere.jsonl cannot be read")
    );
}

#[test]
fn an_account_is_given_an_authenticator_from_elsewhere() {
    let operator = Operator::new();
    operator.succeed("user add ann --generate-password");
    let line = "--json user import-authenticator ann --name Phone --otpauth-uri-stdin";
    let ended = operator.run_with(line, &format!("otpauth://hotp/ann?secret={SECRET}&counter=3\n"));
    assert_eq!(ended.code, Some(0), "{}", ended.trouble);
    let report: Value = serde_json::from_str(&ended.result).unwrap();
    assert_eq!(report["authenticator"]["type"], "hotp");
    assert!(!ended.result.contains(SECRET), "{}", ended.result);

    let ended = operator.run_with("user import-authenticator ann --name phone --otpauth-uri-stdin", SECRET);
    assert!(
        ended.code == Some(1) && ended.trouble.contains("has this name"),
        "{}",
        ended.trouble
    );
    let ended = operator.run_with(
        "user import-authenticator ann --name Tablet --otpauth-uri-stdin",
        SECRET,
    );
    assert_eq!(ended.code, Some(0), "{}", ended.trouble);
    let ended = operator.run_with(
        "user import-authenticator ann --name Other --otpauth-uri-stdin",
        "hunter2",
    );
    assert!(
        ended.code == Some(1) && !ended.trouble.contains("hunter2"),
        "{}",
        ended.trouble
    );
    let shown = operator.succeed_json("user show ann")["authenticators"].clone();
    assert_eq!(shown.as_array().unwrap().len(), 2);
    assert!(
        operator
            .fail(1, "user import-authenticator ann --name X")
            .contains("--otpauth-uri-stdin")
    );
}

#[test]
fn an_owner_who_lost_everything_is_helped() {
    let operator = Operator::new();
    operator.succeed("user add ann --generate-password");
    let ended = operator.run_with("user import-authenticator ann --name Phone --otpauth-uri-stdin", SECRET);
    assert_eq!(ended.code, Some(0), "{}", ended.trouble);
    let issued = operator.succeed_json("user issue-recovery ann");
    let code = issued["recovery_code"].as_str().unwrap();
    assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [5; 5]);
    assert!(operator.succeed("user issue-recovery ann").contains("recovery code"));
    operator.succeed("user require-enrolment ann");
    let shown = operator.succeed_json("user show ann");
    assert_eq!(shown["enrolment"], "required");
    let id = shown["authenticators"][0]["id"].as_str().unwrap();
    assert!(operator.succeed("user show ann").contains(id));
    operator.succeed(&format!("user remove-authenticator ann {id}"));
    let again = operator.fail(1, &format!("user remove-authenticator ann {id}"));
    assert!(again.contains("no such authenticator"), "{again}");
    let typo = operator.fail(1, "user remove-authenticator ann Phone");
    assert!(typo.contains("user show ann"), "{typo}");
}
