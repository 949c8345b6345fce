//! Access tokens that clients get for themselves, tokens for several resources, and tokens that somebody else uses.

use domain::claims::Verified;
use domain::scope::Scopes;
use serde_json::{Value, json};

use super::fixtures::{Fixture, claims, client_claims, client_json, json};
use super::*;

fn text(claims: serde_json::Map<String, Value>) -> String {
    Value::from(claims).to_string()
}

fn payload(token: &str) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

impl Fixture {
    fn verify_any(&self, payload: impl AsRef<[u8]>) -> Result<Verified, TokenFault> {
        self.verifying().verify_any(&self.forge(self.header(), payload))
    }
}

#[test]
fn what_was_signed_reads_back_under_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let key = Fixture::new(algorithm);
        let several = ClientClaims {
            audience: vec!["https://api.example".into(), "https://other.example".into()],
            scopes: Scopes::parse("files:read user/*.read").unwrap(),
            ..client_claims()
        };
        for claims in [client_claims(), several] {
            let token = key.signing().sign_client(&claims).unwrap();
            assert_eq!(key.verifying().verify_any(&token), Ok(Verified::Client(claims)));
            assert_eq!(JwsKeys.kid_of(&token, KeyPurpose::AccessToken), Ok(key.kid.clone()));
        }
        let token = key.token();
        assert_eq!(key.verifying().verify_any(&token), Ok(Verified::User(claims())));
    }
}

#[test]
fn the_claims_are_exactly_these() {
    let key = Fixture::new(Algorithm::Es256);
    let token = key.signing().sign_client(&client_claims()).unwrap();
    assert_eq!(
        URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap(),
        key.header().as_bytes()
    );
    let expected = concat!(
        r#"{"iss":"https://issuer.example","sub":"app","aud":"https://api.example","exp":1800000600,"nbf":1800000000,"#,
        r#""iat":1800000000,"jti":"02020202-0202-4202-8202-020202020202","client_id":"app","scope":"files:read"}"#,
    );
    assert_eq!(payload(&token), expected);
}

#[test]
fn a_client_s_own_token_is_no_token_of_an_account() {
    let key = Fixture::new(Algorithm::Rs256);
    let token = key.signing().sign_client(&client_claims()).unwrap();
    assert_eq!(key.verifying().verify(&token), Err(TokenFault::Malformed));
    assert_eq!(key.verifying().verify_orion(&token), Err(TokenFault::Malformed));
    assert_eq!(key.verifying().verify_id_token(&token), Err(TokenFault::Malformed));
    // With claims of both, it is neither.
    let mut both = json();
    both.insert("sub".into(), "app".into());
    assert_eq!(key.verify_any(text(both.clone())), Err(TokenFault::Malformed));
    both.insert("client_id".into(), "app".into());
    assert_eq!(key.verify_any(text(both)), Err(TokenFault::Malformed));
    for (name, value) in json() {
        if client_json().contains_key(&name) {
            continue;
        }
        let mut more = client_json();
        more.insert(name.clone(), value);
        assert_eq!(key.verify_any(text(more)), Err(TokenFault::Malformed), "{name}");
    }
}

#[test]
fn no_client_is_named_as_an_account() {
    let key = Fixture::new(Algorithm::Es256);
    let account = claims().subject.to_string();
    for (sub, client_id) in [
        (account.as_str(), account.as_str()),
        ("app", "other"),
        ("app", "App"),
        ("", ""),
        ("a b", "a b"),
        (&account.replace('-', ""), &account.replace('-', "")),
    ] {
        let mut claims = client_json();
        claims.insert("sub".into(), sub.into());
        claims.insert("client_id".into(), client_id.into());
        assert_eq!(key.verify_any(text(claims)), Err(TokenFault::Malformed), "{sub}");
    }
}

#[test]
fn every_claim_is_required_once_and_of_its_type() {
    let key = Fixture::new(Algorithm::Es256);
    assert_eq!(client_json().len(), 9);
    assert!(key.verify_any(text(client_json())).is_ok());
    for (name, right) in client_json() {
        let mut claims = client_json();
        claims.remove(&name);
        assert_eq!(key.verify_any(text(claims)), Err(TokenFault::Malformed), "{name}");
        let usual = text(client_json());
        let twice = format!(r#"{{"{name}":{right},{}"#, &usual[1..]);
        assert_eq!(key.verify_any(twice), Err(TokenFault::Malformed), "{name}");
        for value in [
            json!(null),
            json!(true),
            json!({}),
            json!([]),
            json!([right]),
            json!(-1),
            json!(1.5),
        ] {
            let mut claims = client_json();
            claims.insert(name.clone(), value.clone());
            assert_eq!(
                key.verify_any(text(claims)),
                Err(TokenFault::Malformed),
                "{name} {value}"
            );
        }
    }
}

#[test]
fn one_resource_is_a_string_and_several_are_a_list() {
    let key = Fixture::new(Algorithm::Es256);
    let with = |audience: &[&str]| Claims {
        audience: audience.iter().map(|aud| (*aud).to_owned()).collect(),
        ..claims()
    };
    let several = with(&["https://api.example", "https://other.example"]);
    let token = key.signing().sign(&several).unwrap();
    assert!(payload(&token).contains(r#""aud":["https://api.example","https://other.example"],"exp""#));
    assert_eq!(key.verifying().verify(&token), Ok(several));
    // For nobody, for one twice, for too many.
    let many: Vec<String> = (0..17).map(|place| place.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for audience in [&[][..], &["a", "b", "a"], &many] {
        assert!(key.signing().sign(&with(audience)).is_err(), "{audience:?}");
        let none = ClientClaims {
            audience: with(audience).audience,
            ..client_claims()
        };
        assert!(key.signing().sign_client(&none).is_err(), "{audience:?}");
    }
    // Another implementation finds itself among them.
    let members = key.verifying().jwk().members.into_iter();
    let jwk: serde_json::Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value.into())).collect();
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(jwk.into()).unwrap();
    let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    for (audience, is_meant) in [("https://other.example", true), ("https://third.example", false)] {
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
        rules.set_audience(&[audience]);
        let read = jsonwebtoken::decode::<Value>(&token, &decoding, &rules);
        assert_eq!(read.is_ok(), is_meant, "{audience}");
    }
}

#[test]
fn who_uses_a_token_for_another_is_told() {
    let key = Fixture::new(Algorithm::Es256);
    let delegated = Claims {
        actor: Some("app".into()),
        ..claims()
    };
    let token = key.signing().sign(&delegated).unwrap();
    assert!(payload(&token).ends_with(r#""epoch":4,"act":{"sub":"app"}}"#));
    assert_eq!(key.verifying().verify(&token), Ok(delegated));
}
