//! Tokens of the Orion profile: what they are made of, what is refused, and that no other token passes for one.

use domain::factor::{FactorType, Proved};
use domain::orion::groups;
use domain::user::Role;
use serde_json::{Value, json};

use super::fixtures::{Fixture, claims, json, orion_claims, orion_json};
use super::*;

fn rs256() -> Fixture {
    Fixture::new(Algorithm::Rs256)
}

fn text(claims: serde_json::Map<String, Value>) -> String {
    Value::from(claims).to_string()
}

fn published(key: &Fixture) -> jsonwebtoken::jwk::Jwk {
    let members = key.verifying().jwk().members.into_iter();
    let jwk: serde_json::Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value.into())).collect();
    serde_json::from_value(jwk.into()).unwrap()
}

#[test]
fn what_was_signed_reads_back() {
    let key = rs256();
    let (signing, verifying) = (key.signing(), key.verifying());
    let at = orion_claims().issued_at;
    let user = OrionClaims {
        groups: groups(Role::User).to_vec(),
        email: "zoë \"\\\u{1F511}@example.org".into(),
        ..orion_claims()
    };
    let code_only = OrionClaims {
        proved: Proved::new(vec![FactorType::Totp], at),
        ..orion_claims()
    };
    let recovered = OrionClaims {
        proved: Proved::new(vec![FactorType::Password, FactorType::RecoveryCode], at),
        ..orion_claims()
    };
    for claims in [orion_claims(), user, code_only, recovered] {
        let token = signing.sign_orion(&claims).unwrap();
        assert_eq!(verifying.verify_orion(&token), Ok(claims));
        assert_eq!(JwsKeys.kid_of(&token, KeyPurpose::Orion), Ok(key.kid.clone()));
    }
}

#[test]
fn the_header_and_the_claims_are_exactly_these() {
    let key = rs256();
    let token = key.orion_token();
    let parts: Vec<&str> = token.split('.').collect();
    let decoded = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(decoded(parts[0]), r#"{"typ":"JWT","alg":"RS256","kid":"key-1"}"#);
    let expected = concat!(
        r#"{"iss":"orion-users","upn":"alice@example.org","groups":["admin","user"],"#,
        r#""c_hash":"01010101-0101-4101-8101-010101010101","email":"alice@example.org","#,
        r#""iat":1800000000,"exp":1800000300,"jti":"02020202-0202-4202-8202-020202020202","#,
        r#""sid":"03030303-0303-4303-8303-030303030303","amr":["pwd","otp"],"#,
        r#""acr":"urn:countersign:acr:pwd+otp","auth_time":1800000000}"#,
    );
    assert_eq!(decoded(parts[1]), expected);
}

#[test]
fn a_token_after_a_code_alone_says_that_it_was_all() {
    for factor in [FactorType::Totp, FactorType::Hotp] {
        let claims = OrionClaims {
            proved: Proved::new(vec![factor], orion_claims().issued_at),
            ..orion_claims()
        };
        let payload: Value = serde_json::from_slice(&WireOrion::write(&claims).unwrap()).unwrap();
        assert_eq!(payload["amr"], json!(["otp"]));
        assert_eq!(payload["acr"], "urn:countersign:acr:otp");
    }
}

#[test]
fn another_implementation_reads_the_token_with_the_public_key() {
    // What a client of that service does: RS256 with the one public key that it was given, as a JWK or as a file, the issuer
    // and the time. It knows no audience.
    let key = rs256();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        base64::engine::general_purpose::STANDARD.encode(&key.public_der)
    );
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_issuer(&["orion-users"]);
    for decoding in [
        jsonwebtoken::DecodingKey::from_jwk(&published(&key)).unwrap(),
        jsonwebtoken::DecodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
    ] {
        let read = jsonwebtoken::decode::<Value>(key.orion_token(), &decoding, &rules).unwrap();
        assert_eq!(read.header.alg, jsonwebtoken::Algorithm::RS256);
        assert_eq!(read.header.typ.as_deref(), Some("JWT"));
        assert_eq!(read.header.kid.as_deref(), Some("key-1"));
        let number = |name: &str| read.claims[name].as_i64().unwrap();
        assert_eq!(number("exp") - number("iat"), 300);
        assert_eq!(read.claims["upn"], read.claims["email"]);
    }
}

#[test]
fn an_access_token_is_no_token_of_the_profile_and_the_other_way_round() {
    // Under the same key, so that neither its name nor its algorithm is the reason.
    let key = rs256();
    let (access, orion) = (key.token(), key.orion_token());
    assert_eq!(key.verifying().verify(&access), Ok(claims()));
    assert_eq!(key.verifying().verify_orion(&access), Err(TokenFault::Malformed));
    assert_eq!(key.verifying().verify_orion(&orion), Ok(orion_claims()));
    assert_eq!(key.verifying().verify(&orion), Err(TokenFault::Malformed));
    for (token, purpose) in [(&access, KeyPurpose::Orion), (&orion, KeyPurpose::AccessToken)] {
        assert_eq!(
            JwsKeys.kid_of(token, purpose),
            Err(TokenFault::Malformed),
            "{purpose:?}"
        );
    }
}

#[test]
fn another_label_makes_no_other_token() {
    let key = rs256();
    // With the other type in the header, and signed anew: the claims are the reason.
    assert_eq!(key.verify_orion_payload(text(json())), Err(TokenFault::Malformed));
    assert_eq!(key.verify_payload(text(orion_json())), Err(TokenFault::Malformed));
    // With the claims of the other: the type is the reason.
    assert_eq!(key.verify_orion_header(key.header()), Err(TokenFault::Malformed));
    assert_eq!(key.verify_header(key.orion_header()), Err(TokenFault::Malformed));
    // With the signature of before.
    for (token, header) in [(key.token(), key.orion_header()), (key.orion_token(), key.header())] {
        let (_, rest) = token.split_once('.').unwrap();
        let relabelled = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
        let faults = [
            key.verifying().verify(&relabelled).err(),
            key.verifying().verify_orion(&relabelled).err(),
        ];
        assert!(faults.contains(&Some(TokenFault::Signature)), "{faults:?}");
        assert!(faults.contains(&Some(TokenFault::Malformed)), "{faults:?}");
    }
    // With the claims of both.
    let both = text(json().into_iter().chain(orion_json()).collect());
    assert_eq!(key.verify_payload(&both), Err(TokenFault::Malformed));
    assert_eq!(key.verify_orion_payload(&both), Err(TokenFault::Malformed));
}

#[test]
fn the_type_is_that_of_the_profile_in_any_letter_case() {
    let key = rs256();
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "application/jwt",
        "JWS",
        "JWT ",
        " JWT",
        "id+jwt",
        "JWT+x",
        "",
    ] {
        let header = key.orion_header().replace("JWT", typ);
        assert_eq!(key.verify_orion_header(header), Err(TokenFault::Malformed), "{typ}");
    }
    for typ in ["jwt", "Jwt", "JWT"] {
        let header = key.orion_header().replace("JWT", typ);
        assert_eq!(key.verify_orion_header(header), Ok(orion_claims()), "{typ}");
    }
    let header = key.orion_header().replace(r#""typ":"JWT","#, "");
    assert_eq!(key.verify_orion_header(header), Err(TokenFault::Malformed), "no type");
}

#[test]
fn no_header_member_changes_the_meaning() {
    let key = rs256();
    for (name, value) in [
        ("jwk", json!({"kty": "RSA"})),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        let mut header: serde_json::Map<String, Value> = serde_json::from_str(&key.orion_header()).unwrap();
        header.insert(name.to_owned(), value);
        assert_eq!(
            key.verify_orion_header(text(header)),
            Err(TokenFault::Malformed),
            "{name}"
        );
    }
    let twice = key.orion_header().replace('{', r#"{"alg":"none","#);
    assert_eq!(key.verify_orion_header(twice), Err(TokenFault::Malformed));
    for (name, other) in [
        ("RS256", "none"),
        ("RS256", "HS256"),
        ("RS256", "PS256"),
        ("key-1", "key-2"),
    ] {
        let header = key.orion_header().replace(name, other);
        assert_eq!(key.verify_orion_header(header), Err(TokenFault::UnknownKey), "{other}");
    }
}

#[test]
fn only_keys_of_its_algorithm_sign_and_are_believed() {
    for algorithm in [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa] {
        let key = Fixture::new(algorithm);
        assert!(key.signing().sign_orion(&orion_claims()).is_err(), "{algorithm:?}");
        let payload = text(orion_json());
        assert_eq!(
            key.verify_orion_payload(payload),
            Err(TokenFault::UnknownKey),
            "{algorithm:?}"
        );
    }
}

#[test]
fn only_the_signature_of_the_token_fits() {
    let key = rs256();
    let token = key.orion_token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let stranger = rsa_2048().unwrap();
    let stranger = Fixture {
        private_der: stranger.private_der.to_vec(),
        ..rs256()
    };
    for other in ["", "AAAA", &signature[..signature.len() - 2]] {
        let token = format!("{message}.{other}");
        assert_eq!(key.verifying().verify_orion(&token), Err(TokenFault::Signature));
    }
    let forged = stranger.forge(key.orion_header(), "{not json");
    assert_eq!(key.verifying().verify_orion(&forged), Err(TokenFault::Signature));
}

#[test]
fn every_claim_is_required_once_and_of_its_type() {
    let key = rs256();
    assert_eq!(orion_json().len(), 12);
    for (name, right) in orion_json() {
        let mut claims = orion_json();
        claims.remove(&name);
        assert_eq!(
            key.verify_orion_payload(text(claims)),
            Err(TokenFault::Malformed),
            "{name}"
        );
        let usual = text(orion_json());
        let twice = format!(r#"{{"{name}":{right},{}"#, &usual[1..]);
        assert_eq!(key.verify_orion_payload(twice), Err(TokenFault::Malformed), "{name}");
        for value in [
            Value::Null,
            json!(true),
            json!({}),
            json!([]),
            json!([right]),
            json!(right.to_string()),
            json!(-1),
            json!(1.5),
            json!(253_402_300_800_i64),
        ] {
            // Whoever issued it, its name is a text.
            if name == "iss" && value.is_string() {
                continue;
            }
            let mut claims = orion_json();
            claims.insert(name.clone(), value.clone());
            assert_eq!(
                key.verify_orion_payload(text(claims)),
                Err(TokenFault::Malformed),
                "{name} {value}"
            );
        }
    }
}

#[test]
fn a_claim_has_a_value_that_we_would_have_written() {
    let key = rs256();
    for (name, value) in [
        ("groups", json!([])),
        ("groups", json!(["admin"])),
        ("groups", json!(["user", "admin"])),
        ("groups", json!(["user", "user"])),
        ("groups", json!(["root"])),
        ("groups", json!("user")),
        ("upn", json!("mallory@example.org")),
        ("email", json!("mallory@example.org")),
        ("c_hash", json!("alice")),
        ("jti", json!("")),
        ("amr", json!([])),
        ("amr", json!(["otp"])),
        ("amr", json!(["otp", "pwd"])),
        ("amr", json!(["pwd", "otp", "otp"])),
        ("amr", json!(["pwd", "secret_key"])),
        ("amr", json!(["pwd", "mfa"])),
        ("acr", json!("urn:countersign:acr:otp")),
        ("acr", json!("urn:countersign:acr:pwd+recovery")),
        ("aud", json!("https://api.example")),
        ("sub", json!("01010101-0101-4101-8101-010101010101")),
        ("nbf", json!(1_800_000_000)),
    ] {
        let mut claims = orion_json();
        claims.insert(name.to_owned(), value.clone());
        assert_eq!(
            key.verify_orion_payload(text(claims)),
            Err(TokenFault::Malformed),
            "{name} {value}"
        );
    }
}

#[test]
fn groups_that_no_role_has_are_not_signed() {
    let key = rs256();
    for groups in [vec![], vec!["root"], vec!["user", "admin"]] {
        let claims = OrionClaims {
            groups,
            ..orion_claims()
        };
        assert!(key.signing().sign_orion(&claims).is_err());
    }
}
