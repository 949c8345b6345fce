//! What the reader takes, and every kind of fault.

use application::admin::ImportedPassword;
use domain::authenticator::{OtpKind, OtpParameters};
use domain::email::Email;
use domain::one_time_code::{Digits, HashAlgorithm, Position};
use domain::totp::Period;
use domain::user::Role;
use serde_json::{Value, json};

use super::authenticator::Key;
use super::lines::{Line, read};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const HASH: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

fn lines(values: &[Value]) -> String {
    let lines: Vec<_> = values.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn sound(content: &str) -> Vec<Line> {
    read(content.as_bytes()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn faults(content: impl AsRef<[u8]>) -> Vec<String> {
    match read(content.as_ref()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

/// A sound account, with these fields over it; `null` takes one away.
fn with(changes: &Value) -> Value {
    let mut account = json!({ "username": "ann", "password": "correct horse battery" });
    for (name, value) in changes.as_object().unwrap() {
        account[name] = value.clone();
    }
    account
}

/// A sound authenticator with these fields over it, in an account of its own.
fn with_authenticator(changes: &Value) -> Value {
    let mut authenticator = json!({ "name": "Phone", "type": "totp", "secret": SECRET });
    for (name, value) in changes.as_object().unwrap() {
        authenticator[name] = value.clone();
    }
    with(&json!({ "authenticators": [authenticator] }))
}

#[test]
fn an_account_is_taken_with_everything_it_has() {
    let account = json!({
        "username": "Ann", "email": "Ann@example.org", "display_name": "Ann A.", "role": "admin", "password_hash": HASH,
        "authenticators": [
            { "name": "Phone", "otpauth_uri": format!("otpauth://totp/Acme:ann?secret={SECRET}&period=60&digits=8") },
            { "name": "Token", "type": "hotp", "secret": SECRET, "algorithm": "SHA256", "counter": 41 },
            { "name": "Old", "type": "totp", "secret": SECRET, "algorithm": "SHA1", "digits": 6, "period": 30, "counter": 0 },
        ],
    });
    let content = lines(&[account]);
    let read = sound(&content);
    let [Line { number: 1, user }] = read.as_slice() else {
        panic!("{} lines", read.len())
    };
    assert_eq!(user.username.as_str(), "ann");
    assert_eq!(user.email.as_ref().map(Email::as_str), Some("Ann@example.org"));
    assert_eq!(user.display_name.as_deref(), Some("Ann A."));
    assert_eq!(user.role, Role::Admin);
    assert!(matches!(&user.password, ImportedPassword::Hash(hash) if hash.as_phc() == HASH));
    let authenticators: Vec<_> = user
        .authenticators
        .iter()
        .map(|new| (new.name.as_str(), new.parameters, new.position))
        .collect();
    let by_uri = OtpParameters {
        kind: OtpKind::Totp(Period::Sixty),
        algorithm: HashAlgorithm::Sha1,
        digits: Digits::Eight,
    };
    let by_fields = OtpParameters {
        algorithm: HashAlgorithm::Sha256,
        ..OtpParameters::HOTP
    };
    assert_eq!(
        authenticators,
        [
            ("Phone", by_uri, Position::NONE),
            // The next counter is 41, so the last one that was accepted is 40.
            ("Token", by_fields, Position::new(40)),
            ("Old", OtpParameters::TOTP, Position::NONE),
        ]
    );
    for new in &user.authenticators {
        assert_eq!(new.secret.expose(), b"12345678901234567890");
    }
}

#[test]
fn what_is_left_out_has_a_default_and_the_address_can_be_the_name() {
    let content = lines(&[json!({
        "username": null, "email": "Bob@example.org", "display_name": null, "password": "x", "password_hash": null,
        "authenticators": null,
    })]);
    let read = sound(&content);
    let user = &read[0].user;
    assert_eq!(user.username.as_str(), "bob@example.org");
    assert_eq!((user.role, user.authenticators.len()), (Role::User, 0));
    assert!(matches!(&user.password, ImportedPassword::Plain(password) if password.expose() == "x"));
}

#[test]
fn line_ends_empty_lines_and_a_byte_order_mark_are_no_accounts() {
    let account = |name: &str| with(&json!({ "username": name }));
    let content = format!(
        "\u{feff}{}\r\n\r\n  {}  \n\n{}",
        account("a"),
        account("b"),
        account("c")
    );
    let numbers: Vec<_> = sound(&content).iter().map(|line| line.number).collect();
    assert_eq!(numbers, [1, 3, 5]);
    assert!(sound("").is_empty() && sound("\n \n").is_empty());
}

#[test]
fn a_line_that_is_no_object_is_told_by_its_number() {
    assert_eq!(faults("[]"), ["line 1: must be a JSON object"]);
    assert_eq!(faults("\n\n\"ann\""), ["line 3: must be a JSON object"]);
    assert_eq!(faults(b"\n\xff"), ["line 2: is not UTF-8"]);
    let broken = "{\"username\": \"ann\", \"password\": \"hunter2}";
    assert_eq!(
        faults(broken),
        [format!(
            "line 1: is not JSON: EOF while parsing a string, at column {}",
            broken.len()
        )]
    );
    let two = format!("{0}{0}", with(&json!({})));
    let fault = &faults(two)[0];
    assert!(
        fault.starts_with("line 1: is not JSON: trailing characters, at column "),
        "{fault}"
    );
}

#[test]
fn each_field_of_an_account_has_its_faults() {
    let long = "x".repeat(257);
    let ann = json!({ "name": "Phone", "type": "totp", "secret": SECRET });
    let eleven: Vec<_> = (0..11).map(|_| ann.clone()).collect();
    for (changes, expected) in [
        (
            json!({ "username": null }),
            "username: is missing; it can be left out if there is an e-mail",
        ),
        (json!({ "username": "" }), "username: must not be empty"),
        (json!({ "username": "a b" }), "username: must not contain white space"),
        (json!({ "username": 7 }), "username: must be a text"),
        (
            json!({ "username": null, "email": format!("{}@{}.org", "a".repeat(40), "b".repeat(40)) }),
            "username: is missing, and the e-mail address cannot take its place: it must have at most 64",
        ),
        (json!({ "email": "nobody" }), "email: must be an e-mail address"),
        (json!({ "email": [] }), "email: must be a text"),
        (json!({ "display_name": "" }), "display_name: must have 1 to 128"),
        (json!({ "display_name": "a\nb" }), "display_name: must have 1 to 128"),
        (json!({ "role": "root" }), "role: must be \"user\" or \"admin\""),
        (
            json!({ "password": null }),
            "password: is missing, and so is `password_hash`",
        ),
        (json!({ "password": "" }), "password: must not be empty"),
        (json!({ "password": long }), "password: must have at most 256"),
        (json!({ "password": true }), "password: must be a text"),
        (
            json!({ "password_hash": HASH }),
            "password_hash: is there beside `password`",
        ),
        (json!({ "authenticators": ann }), "authenticators: must be a list"),
        (
            json!({ "authenticators": ["x"] }),
            "authenticators[0]: must be a JSON object",
        ),
        (
            json!({ "authenticators": eleven }),
            "authenticators: must be at most 10",
        ),
        (
            json!({ "authenticators": [ann, with_name("phone")] }),
            "authenticators[1].name: is the name of another",
        ),
        (
            json!({ "user_name": "ann" }),
            "user_name: there is no such field; there are username, email",
        ),
        (json!({ "a\u{1b}[2J": 1 }), "a\\u{1b}[2J: there is no such field"),
    ] {
        let found = faults(lines(&[with(&changes)]));
        assert_eq!(found.len(), 1, "{changes}: {found:#?}");
        assert!(
            found[0].starts_with(&format!("line 1, {expected}")),
            "{changes}: {}",
            found[0]
        );
    }
}

fn with_name(name: &str) -> Value {
    json!({ "name": name, "type": "totp", "secret": SECRET })
}

#[test]
fn each_field_of_an_authenticator_has_its_faults() {
    let uri = format!("otpauth://totp/ann?secret={SECRET}");
    for (changes, expected) in [
        (json!({ "name": null }), "name: is missing"),
        (json!({ "name": " " }), "name: must have 1 to 64 characters"),
        (json!({ "type": null }), "type: is missing"),
        (json!({ "type": "sms" }), "type: must be \"totp\" or \"hotp\""),
        (json!({ "secret": null }), "secret: is missing"),
        (json!({ "secret": "JBSWY3DPEHPK3PXP" }), "secret: is too short"),
        (json!({ "secret": "not Base32!" }), "secret: must be Base32"),
        (json!({ "algorithm": "MD5" }), "algorithm: must be \"SHA1\""),
        (json!({ "digits": 7 }), "digits: must be 6 or 8"),
        (json!({ "digits": 262 }), "digits: must be 6 or 8"),
        (json!({ "digits": "6" }), "digits: must be a whole number"),
        (json!({ "period": 45 }), "period: must be 30 or 60"),
        (json!({ "period": 30.5 }), "period: must be a whole number"),
        (json!({ "counter": -1 }), "counter: must be a whole number"),
        (json!({ "counter": u64::MAX }), "counter: is too large"),
        (
            json!({ "issuer": "Acme" }),
            "issuer: there is no such field; there are name, otpauth_uri",
        ),
        (
            json!({ "otpauth_uri": "https://example.org", "type": null, "secret": null }),
            "otpauth_uri: must begin with",
        ),
        (
            json!({ "otpauth_uri": uri, "type": null }),
            "secret: is there beside `otpauth_uri`",
        ),
        (
            json!({ "otpauth_uri": uri, "type": null, "secret": null, "counter": 3 }),
            "counter: is there beside `otpauth_uri`",
        ),
    ] {
        let found = faults(lines(&[with_authenticator(&changes)]));
        assert_eq!(found.len(), 1, "{changes}: {found:#?}");
        let expected = format!("line 1, authenticators[0].{expected}");
        assert!(found[0].starts_with(&expected), "{changes}: {}", found[0]);
    }
}

#[test]
fn all_faults_of_all_lines_are_told_at_once_and_none_repeats_a_secret() {
    let content = lines(&[
        json!({ "email": "x", "role": "root", "password": 12_345_678, "more": "hunter2" }),
        with(&json!({})),
        json!({
            "username": "bob", "password_hash": "hunter2",
            "authenticators": [
                { "type": "totp", "secret": "hunter2" },
                { "name": "Phone", "otpauth_uri": "otpauth://totp/x?secret=hunter2" },
            ],
        }),
    ]);
    let found = faults(content);
    let places: Vec<_> = found
        .iter()
        .filter_map(|fault| fault.split_once(": ").map(|(place, _)| place))
        .collect();
    // No word about the user name, which the address may have been meant to give.
    assert_eq!(
        places,
        [
            "line 1, email",
            "line 1, role",
            "line 1, password",
            "line 1, more",
            "line 3, password_hash",
            "line 3, authenticators[0].name",
            "line 3, authenticators[0].secret",
            "line 3, authenticators[1].otpauth_uri",
        ]
    );
    let all = found.concat();
    assert!(!all.contains("hunter2") && !all.contains("12345678"), "{all}");
}

#[test]
fn an_account_that_is_there_twice_is_told_with_the_other_line() {
    let account = |name: &str, email: &str| with(&json!({ "username": name, "email": email }));
    let mut first = account("ann", "ann@example.org");
    // A fault of its own does not hide that the next one is the same.
    first["role"] = "root".into();
    let content = lines(&[
        first,
        account("ANN", "other@example.org"),
        account("bob", "Ann@Example.org"),
        with(&json!({ "username": null, "email": "carl@example.org" })),
        account("carl@example.org", "c@example.org"),
    ]);
    assert_eq!(
        faults(content),
        [
            "line 1, role: must be \"user\" or \"admin\"",
            "line 2, username: is that of the account in line 1, too",
            "line 3, email: is that of the account in line 1, too",
            "line 5, username: is that of the account in line 4, too",
        ]
    );
}

#[test]
fn argon2_hashes_are_taken_and_others_are_named() {
    let hash = |text: &str| super::password_hash::read(text).map(|hash| hash.as_phc().to_owned());
    for taken in [
        HASH,
        "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        "$argon2d$v=16$m=256,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
    ] {
        assert_eq!(hash(taken), Ok(taken.to_owned()));
    }
    for (other, name) in [
        ("$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", "bcrypt"),
        ("$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$x", "scrypt"),
        ("$6$saltsalt$x", "SHA-512 crypt"),
        ("$pbkdf2-sha256$29000$x$y", "PBKDF2"),
        ("pbkdf2_sha256$600000$x$y", "PBKDF2"),
        ("{SSHA}x", "salted SHA"),
        ("$P$Bx", "phpass"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "unknown format"),
        ("", "unknown format"),
    ] {
        let problem = hash(other).unwrap_err();
        assert!(problem.contains(name) && problem.contains("$argon2id$"), "{problem}");
        assert!(other.is_empty() || !problem.contains(other), "{problem}");
    }
    let django = hash(&format!("argon2{HASH}")).unwrap_err();
    assert!(django.contains("leave out `argon2`"), "{django}");
    for useless in [
        "$argon2id$",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
        "$argon2id$v=20$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=19456,t=2,p=1$!$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAA",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ] {
        let problem = hash(useless).unwrap_err();
        assert!(
            problem.contains("is damaged") && problem.contains("costs more than"),
            "{useless}: {problem}"
        );
    }
}

#[test]
fn a_text_is_a_key_uri_or_a_secret() {
    let uri = Key::from_text(&format!("otpauth://hotp/ann?secret={SECRET}&counter=5")).unwrap();
    assert_eq!((uri.parameters, uri.position), (OtpParameters::HOTP, Position::new(4)));
    let secret = Key::from_text("gezd gnbv gy3t qojq gezd gnbv gy3t qojq").unwrap();
    assert_eq!(
        (secret.parameters, secret.position),
        (OtpParameters::TOTP, Position::NONE)
    );
    assert_eq!(secret.secret.expose(), uri.secret.expose());
    for (text, problem) in [
        ("otpauth://totp/ann", "the otpauth URI has no parameter `secret`"),
        ("OTPAUTH://steam/ann", "the otpauth URI must begin with"),
        ("", "and that is too short"),
        ("https://example.org", "and that must be Base32"),
    ] {
        let found = Key::from_text(text).err().unwrap();
        assert!(found.contains(problem), "{found}");
    }
}
