//! ID tokens and logout tokens: what they are made of, what is refused, and that no token passes for one of another kind.

use domain::id_token::{ClaimValue, IdTokenClaims, LogoutClaims, PROTOCOL_CLAIMS};
use serde_json::{Value, json};

use super::fixtures::{
    Fixture, claims, client_claims, client_json, id_token_claims, json, logout_claims, orion_claims, orion_json,
};
use super::*;

fn rs256() -> Fixture {
    Fixture::new(Algorithm::Rs256)
}

fn text(claims: serde_json::Map<String, Value>) -> String {
    Value::from(claims).to_string()
}

fn parts(token: &str) -> (String, String) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || String::from_utf8(parts.next().unwrap()).unwrap();
    (next(), next())
}

fn id_token_json() -> serde_json::Map<String, Value> {
    serde_json::from_str(&parts(&rs256().signing().sign_id_token(&id_token_claims()).unwrap()).1).unwrap()
}

impl Fixture {
    fn id_token_header(&self) -> String {
        self.header().replace("at+jwt", "JWT")
    }

    fn verify_id_token(&self, payload: impl AsRef<[u8]>) -> Result<IdTokenClaims, TokenFault> {
        self.verifying()
            .verify_id_token(&self.forge(self.id_token_header(), payload))
    }
}

#[test]
fn what_was_signed_reads_back() {
    let key = rs256();
    let person = vec![
        ("name".to_owned(), ClaimValue::Text("zoë \"\\\u{1F511}".into())),
        ("email_verified".to_owned(), ClaimValue::Flag(false)),
        ("updated_at".to_owned(), ClaimValue::Number(1_700_000_000)),
        ("groups".to_owned(), ClaimValue::Texts(vec!["a".into(), "b".into()])),
        ("none".to_owned(), ClaimValue::Texts(vec![])),
        (
            "address".to_owned(),
            ClaimValue::Members(vec![
                ("country".into(), "DE".into()),
                ("locality".into(), "Bonn".into()),
            ]),
        ),
    ];
    let bare = IdTokenClaims {
        nonce: None,
        access_token_hash: None,
        code_hash: None,
        person: vec![],
        ..id_token_claims()
    };
    for claims in [
        id_token_claims(),
        bare.clone(),
        IdTokenClaims {
            person,
            ..id_token_claims()
        },
        IdTokenClaims {
            code_hash: Some("LDktKdoQak3Pk0cnXxCltA".into()),
            ..bare
        },
    ] {
        let token = key.signing().sign_id_token(&claims).unwrap();
        assert_eq!(key.verifying().verify_id_token(&token), Ok(claims));
        assert_eq!(JwsKeys.kid_of(&token, KeyPurpose::IdToken), Ok(key.kid.clone()));
    }
}

#[test]
fn the_header_and_the_claims_are_exactly_these() {
    let key = rs256();
    let (header, payload) = parts(&key.signing().sign_id_token(&id_token_claims()).unwrap());
    assert_eq!(header, r#"{"typ":"JWT","alg":"RS256","kid":"key-1"}"#);
    let expected = concat!(
        r#"{"iss":"https://issuer.example","sub":"01010101-0101-4101-8101-010101010101","aud":"app","exp":1800000300,"#,
        r#""iat":1800000000,"auth_time":1800000000,"acr":"urn:countersign:acr:pwd+otp","amr":["pwd","otp"],"#,
        r#""sid":"03030303-0303-4303-8303-030303030303","nonce":"n-0S6_WzA2Mj","at_hash":"77QmUPtjPfzWtF2AnpK9RQ","#,
        r#""email":"alice@example.org","email_verified":true}"#,
    );
    assert_eq!(payload, expected);
    let (header, payload) = parts(&key.signing().sign_logout(&logout_claims()).unwrap());
    assert_eq!(header, r#"{"typ":"logout+jwt","alg":"RS256","kid":"key-1"}"#);
    let expected = concat!(
        r#"{"iss":"https://issuer.example","sub":"01010101-0101-4101-8101-010101010101","aud":"app","iat":1800000000,"#,
        r#""exp":1800000120,"jti":"02020202-0202-4202-8202-020202020202","sid":"03030303-0303-4303-8303-030303030303","#,
        r#""events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
    );
    assert_eq!(payload, expected);
}

#[test]
fn another_implementation_reads_both_with_the_published_key() {
    let key = rs256();
    let members = key.verifying().jwk().members.into_iter();
    let jwk: serde_json::Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value.into())).collect();
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(jwk.into()).unwrap();
    let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_audience(&["app"]);
    rules.set_issuer(&["https://issuer.example"]);
    for token in [
        key.signing().sign_id_token(&id_token_claims()).unwrap(),
        key.signing().sign_logout(&logout_claims()).unwrap(),
    ] {
        let read = jsonwebtoken::decode::<Value>(&token, &decoding, &rules).unwrap();
        assert_eq!(read.claims["sub"], "01010101-0101-4101-8101-010101010101");
    }
}

#[test]
fn no_kind_of_token_passes_for_another_under_the_same_key() {
    let key = rs256();
    let signing = key.signing();
    let tokens = [
        ("access", key.token()),
        ("client", signing.sign_client(&client_claims()).unwrap()),
        ("orion", key.orion_token()),
        ("id", signing.sign_id_token(&id_token_claims()).unwrap()),
        ("logout", signing.sign_logout(&logout_claims()).unwrap()),
    ];
    let verifying = key.verifying();
    let believed = |token: &str| {
        [
            ("access", verifying.verify(token).is_ok()),
            ("any", verifying.verify_any(token).is_ok()),
            ("orion", verifying.verify_orion(token).is_ok()),
            ("id", verifying.verify_id_token(token).is_ok()),
        ]
        .into_iter()
        .filter_map(|(kind, is_believed)| is_believed.then_some(kind))
        .collect::<Vec<_>>()
    };
    let expected: [&[&str]; 5] = [&["access", "any"], &["any"], &["orion"], &["id"], &[]];
    for ((kind, token), expected) in tokens.iter().zip(expected) {
        assert_eq!(believed(token), expected, "{kind}");
    }
    // With the header of another kind, signed anew: the claims tell.
    let typs = ["at+jwt", "JWT", "logout+jwt", "client-authentication+jwt", ""];
    for ((kind, token), expected) in tokens.iter().zip(expected) {
        let payload = parts(token).1;
        for typ in typs {
            let header = key.header().replace("at+jwt", typ);
            let kinds = believed(&key.forge(header, &payload));
            assert!(
                kinds.iter().all(|kind| expected.contains(kind)),
                "{kind} as {typ}: {kinds:?}"
            );
        }
    }
    for (token, purpose) in [
        (&tokens[0].1, KeyPurpose::IdToken),
        (&tokens[3].1, KeyPurpose::AccessToken),
        (&tokens[4].1, KeyPurpose::IdToken),
        (&tokens[4].1, KeyPurpose::AccessToken),
    ] {
        assert_eq!(JwsKeys.kid_of(token, purpose), Err(TokenFault::Malformed));
    }
}

#[test]
fn the_claims_of_two_kinds_together_are_none() {
    let key = rs256();
    for other in [json(), client_json(), orion_json()] {
        let mut both = id_token_json();
        both.extend(other);
        assert_eq!(key.verify_id_token(text(both.clone())), Err(TokenFault::Malformed));
        assert_eq!(key.verify_orion_payload(text(both.clone())), Err(TokenFault::Malformed));
        assert_eq!(key.verify_payload(text(both)), Err(TokenFault::Malformed));
    }
    // A logout token with a nonce would be an ID token; this one has events.
    let mut logout = id_token_json();
    logout.insert(
        "events".into(),
        json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
    );
    assert_eq!(key.verify_id_token(text(logout)), Err(TokenFault::Malformed));
}

#[test]
fn only_keys_of_the_algorithm_that_every_client_knows_sign_and_are_believed() {
    for algorithm in [Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa] {
        let key = Fixture::new(algorithm);
        assert!(
            key.signing().sign_id_token(&id_token_claims()).is_err(),
            "{algorithm:?}"
        );
        assert!(key.signing().sign_logout(&logout_claims()).is_err(), "{algorithm:?}");
        assert_eq!(
            key.verify_id_token(text(id_token_json())),
            Err(TokenFault::UnknownKey),
            "{algorithm:?}"
        );
    }
    let key = rs256();
    for (right, wrong, fault) in [
        ("RS256", "none", TokenFault::UnknownKey),
        ("RS256", "HS256", TokenFault::UnknownKey),
        ("RS256", "PS256", TokenFault::UnknownKey),
        ("key-1", "key-2", TokenFault::UnknownKey),
        ("{", r#"{"jku":"https://evil.example","#, TokenFault::Malformed),
        ("{", r#"{"crit":[],"#, TokenFault::Malformed),
        ("{", r#"{"alg":"none","#, TokenFault::Malformed),
    ] {
        let header = key.id_token_header().replacen(right, wrong, 1);
        let token = key.forge(&header, text(id_token_json()));
        assert_eq!(key.verifying().verify_id_token(&token), Err(fault), "{header}");
        let (message, _) = token.rsplit_once('.').unwrap();
        assert!(key.verifying().verify_id_token(&format!("{message}.")).is_err());
    }
    let stranger = Fixture {
        private_der: rsa_2048().unwrap().private_der.to_vec(),
        ..rs256()
    };
    let forged = stranger.forge(key.id_token_header(), text(id_token_json()));
    assert_eq!(key.verifying().verify_id_token(&forged), Err(TokenFault::Signature));
}

#[test]
fn a_claim_about_a_person_never_says_what_the_token_is() {
    let key = rs256();
    let with = |person: &[&str]| IdTokenClaims {
        person: person
            .iter()
            .map(|name| ((*name).to_owned(), ClaimValue::Text("mallory".into())))
            .collect(),
        ..id_token_claims()
    };
    assert!(key.signing().sign_id_token(&with(&["name", "nickname"])).is_ok());
    assert!(key.signing().sign_id_token(&with(&["name", "name"])).is_err());
    for name in PROTOCOL_CLAIMS {
        assert!(key.signing().sign_id_token(&with(&[name])).is_err(), "{name}");
    }
}

#[test]
fn a_logout_token_that_lives_too_long_is_not_made() {
    let key = rs256();
    let claims = LogoutClaims {
        expires_at: logout_claims().expires_at.after(std::time::Duration::from_secs(1)),
        ..logout_claims()
    };
    assert!(key.signing().sign_logout(&claims).is_err());
}

#[test]
fn what_the_token_says_of_itself_is_required_once_and_of_its_type() {
    let key = rs256();
    let optional = ["nonce", "at_hash", "email", "email_verified"];
    for (name, right) in id_token_json() {
        let is_optional = optional.contains(&name.as_str());
        let mut claims = id_token_json();
        claims.remove(&name);
        assert_eq!(key.verify_id_token(text(claims)).is_ok(), is_optional, "{name}");
        let usual = text(id_token_json());
        let twice = format!(r#"{{"{name}":{right},{}"#, &usual[1..]);
        assert_eq!(key.verify_id_token(twice), Err(TokenFault::Malformed), "{name}");
        let about_the_person = ["email", "email_verified"].contains(&name.as_str());
        for value in [
            json!(null),
            json!([right]),
            json!(1.5),
            json!(-1),
            json!(253_402_300_800_i64),
            json!({"a": right}),
        ] {
            if about_the_person && !value.is_null() {
                continue;
            }
            let mut claims = id_token_json();
            claims.insert(name.clone(), value.clone());
            assert_eq!(
                key.verify_id_token(text(claims)),
                Err(TokenFault::Malformed),
                "{name} {value}"
            );
        }
    }
    for (name, value) in [
        ("aud", json!("01010101-0101-4101-8101-010101010101")),
        ("aud", json!(["app", "other"])),
        ("acr", json!("urn:countersign:acr:pwd")),
        ("amr", json!(["pwd", "mfa"])),
        ("azp", json!("app")),
        ("nbf", json!(1_800_000_000)),
        ("events", json!({})),
        ("x", json!({"a": 1})),
        ("x", json!([1])),
        ("x", json!([["a"]])),
    ] {
        let mut claims = id_token_json();
        claims.insert(name.to_owned(), value.clone());
        assert_eq!(
            key.verify_id_token(text(claims)),
            Err(TokenFault::Malformed),
            "{name} {value}"
        );
    }
    for payload in ["{}", "null", "[]", "", "{", "\"\""] {
        assert_eq!(key.verify_id_token(payload), Err(TokenFault::Malformed), "{payload}");
    }
    assert_eq!(key.verifying().verify_orion(&key.orion_token()), Ok(orion_claims()));
    assert_eq!(key.verifying().verify(&key.token()), Ok(claims()));
}
