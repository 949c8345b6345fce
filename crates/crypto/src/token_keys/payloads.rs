//! Payloads that must be refused although their signature is right.

use serde_json::{Value, json};

use super::fixtures::{Fixture, claims, json};
use super::*;

fn es256() -> Fixture {
    Fixture::new(Algorithm::Es256)
}

fn text(claims: serde_json::Map<String, Value>) -> String {
    Value::from(claims).to_string()
}

#[test]
fn every_claim_is_required() {
    let key = es256();
    let names: Vec<String> = json().keys().cloned().collect();
    assert_eq!(names.len(), 15);
    for name in names {
        let mut claims = json();
        claims.remove(&name);
        assert_eq!(
            key.verify_payload(text(claims)),
            Err(TokenFault::Malformed),
            "without {name}"
        );
        let mut claims = json();
        claims.insert(name.clone(), Value::Null);
        assert_eq!(
            key.verify_payload(text(claims)),
            Err(TokenFault::Malformed),
            "null {name}"
        );
    }
}

#[test]
fn every_claim_has_its_type() {
    // CVE-2026-25537: a time as a string counted as absent. CVE-2025-30144: any member of an `iss` array counted.
    let key = es256();
    let numbers = ["exp", "nbf", "iat", "auth_time", "epoch"];
    let others = [
        json!("1800000600"),
        json!(1_800_000_600.5),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(true),
        json!([1]),
        json!({}),
        json!("soon"),
    ];
    for (name, value) in numbers
        .iter()
        .flat_map(|name| others.iter().map(move |value| (*name, value)))
    {
        let mut claims = json();
        claims.insert(name.to_owned(), value.clone());
        assert_eq!(
            key.verify_payload(text(claims)),
            Err(TokenFault::Malformed),
            "{name} {value}"
        );
    }
    for name in [
        "iss",
        "sub",
        "aud",
        "jti",
        "client_id",
        "scope",
        "acr",
        "sid",
        "username",
    ] {
        let right = json()[name].clone();
        for value in [json!(5), json!({}), json!([right]), json!([]), json!(false)] {
            let mut claims = json();
            claims.insert(name.to_owned(), value.clone());
            assert_eq!(
                key.verify_payload(text(claims)),
                Err(TokenFault::Malformed),
                "{name} {value}"
            );
        }
    }
    for literal in [
        "1e400",
        "1.8e9",
        "1800000600.0",
        "253402300800",
        "99999999999999999999",
        "-0",
        "0x10",
        "01",
    ] {
        let payload = text(json()).replace("1800000600", literal);
        assert_eq!(key.verify_payload(payload), Err(TokenFault::Malformed), "{literal}");
    }
}

#[test]
fn a_claim_has_a_value_that_we_would_have_written() {
    let key = es256();
    for (name, value) in [
        ("sub", json!("alice")),
        ("sub", json!("01010101010141018101010101010101")),
        ("jti", json!("")),
        ("sid", json!("03030303-0303-4303-8303-03030303030")),
        ("scope", json!(" ")),
        ("scope", json!("account \"root\"")),
        ("scope", json!("account\nadmin")),
        ("scope", json!("r\u{f6}\u{f6}t")),
        ("scope", json!("a".repeat(65))),
        ("aud", json!(["https://api.example"])),
        ("aud", json!(["https://api.example", "https://api.example"])),
        ("aud", json!(["https://api.example", 1])),
        ("aud", json!(["https://api.example", ["https://other.example"]])),
        ("aud", json!((0..17).map(|place| place.to_string()).collect::<Vec<_>>())),
        ("act", json!(null)),
        ("act", json!("admin")),
        ("act", json!({})),
        ("act", json!(["admin"])),
        ("act", json!({"sub": null})),
        ("act", json!({"sub": ""})),
        ("act", json!({"sub": "app", "iss": "https://issuer.example"})),
        ("act", json!({"sub": "app", "act": {"sub": "other"}})),
        ("amr", json!([])),
        ("amr", json!(["pwd"])),
        ("amr", json!(["pwd", "secret_key", "otp"])),
        ("amr", json!(["pwd", "pwd", "secret_key"])),
        ("amr", json!(["secret_key", "pwd"])),
        ("amr", json!(["pwd", "secret_key", "otp", "otp"])),
        ("amr", json!(["pwd", 1])),
        ("amr", json!("pwd secret_key")),
        ("acr", json!("urn:countersign:acr:pwd")),
        ("acr", json!("")),
        ("use", json!("many")),
        ("use", json!("ONCE")),
        ("use", json!(null)),
        ("use", json!(true)),
        ("role", json!("admin")),
        ("azp", json!("countersign")),
    ] {
        let mut claims = json();
        claims.insert(name.to_owned(), value.clone());
        assert_eq!(
            key.verify_payload(text(claims)),
            Err(TokenFault::Malformed),
            "{name} {value}"
        );
    }
}

#[test]
fn a_payload_is_one_object_with_each_claim_once() {
    let key = es256();
    let usual = text(json());
    let values: Vec<Value> = json().into_iter().map(|(_, value)| value).collect();
    for payload in [
        format!(r#"{{"exp":9999999999,{}"#, &usual[1..]),
        format!(
            r#"{},"sub":"01010101-0101-4101-8101-010101010101"}}"#,
            &usual[..usual.len() - 1]
        ),
        format!(r#"{},"use":"once","use":"once"}}"#, &usual[..usual.len() - 1]),
        format!(r#"{},"act":{{"sub":"a","sub":"a"}}}}"#, &usual[..usual.len() - 1]),
        format!(
            r#"{},"act":{{"sub":"a"}},"act":{{"sub":"a"}}}}"#,
            &usual[..usual.len() - 1]
        ),
        Value::from(values).to_string(),
        format!("{usual}{{}}"),
        format!("{usual}\0"),
        usual[..usual.len() - 1].to_owned(),
        "{}".to_owned(),
        "null".to_owned(),
        "\"\"".to_owned(),
        String::new(),
        "[".repeat(5_000),
    ] {
        assert_eq!(
            key.verify_payload(&payload),
            Err(TokenFault::Malformed),
            "{payload:.80}"
        );
    }
    let mut not_utf_8 = usual.clone().into_bytes();
    let place = usual.find("alice").unwrap();
    not_utf_8[place] = 0xC3;
    assert_eq!(key.verify_payload(&not_utf_8), Err(TokenFault::Malformed));
    assert_eq!(
        key.verify_payload(usual.replace("alice", "\\ud800")),
        Err(TokenFault::Malformed)
    );
    assert_eq!(key.verify_payload(format!(" \n{usual} ")), Ok(claims()));
}

#[test]
fn the_payload_is_not_read_before_the_signature_is_right() {
    let key = es256();
    let token = key.forge(key.header(), "{not json");
    assert_eq!(key.verifying().verify(&token), Err(TokenFault::Malformed));
    let stranger = Fixture {
        private_der: es256().private_der,
        ..key
    };
    let token = stranger.forge(stranger.header(), "{not json");
    assert_eq!(stranger.verifying().verify(&token), Err(TokenFault::Signature));
}
