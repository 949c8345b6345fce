//! Our own tokens and keys: what they are made of, and that they are read again.

use domain::claims::Use;
use domain::factor::{FactorType, Proved};
use domain::scope::Scopes;
use serde_json::Value;

use super::fixtures::{Fixture, claims};
use super::*;

#[test]
fn what_was_signed_reads_back_under_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let key = Fixture::new(algorithm);
        let (signing, verifying) = (key.signing(), key.verifying());
        let once = Claims {
            usage: Use::Once,
            ..claims()
        };
        let odd = Claims {
            username: "zoë \"\\\u{1F511}".into(),
            scopes: Scopes::default(),
            ..claims()
        };
        for claims in [claims(), once, odd] {
            let token = signing.sign(&claims).unwrap();
            assert_eq!(verifying.verify(&token), Ok(claims), "{algorithm:?}");
            assert_eq!(JwsKeys.kid_of(&token, KeyPurpose::AccessToken), Ok(key.kid.clone()));
        }
    }
}

#[test]
fn every_second_factor_reads_back() {
    let key = Fixture::new(Algorithm::Es256);
    for (second, amr, acr) in [
        (FactorType::SecretKey, "secret_key", "urn:countersign:acr:pwd+key"),
        (
            FactorType::RecoveryCode,
            "recovery_code",
            "urn:countersign:acr:pwd+recovery",
        ),
        (FactorType::Totp, "otp", "urn:countersign:acr:pwd+otp"),
        (FactorType::Hotp, "otp", "urn:countersign:acr:pwd+otp"),
    ] {
        let at = claims().issued_at;
        let proved = Proved::new(vec![FactorType::Password, second], at);
        let token = key.signing().sign(&Claims { proved, ..claims() }).unwrap();
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(payload["amr"], serde_json::json!(["pwd", amr]));
        assert_eq!(payload["acr"], acr);
        let read = key.verifying().verify(&token).unwrap().proved;
        // `otp` reads as TOTP: the two kinds of one-time code are worth the same.
        let second = FactorType::from_amr(amr).unwrap();
        assert_eq!(read, Proved::new(vec![FactorType::Password, second], at));
    }
}

#[test]
fn both_kinds_of_one_time_code_are_one_value_of_amr() {
    let key = Fixture::new(Algorithm::Es256);
    let factors = vec![FactorType::Password, FactorType::Totp, FactorType::Hotp];
    let proved = Proved::new(factors, claims().issued_at);
    let token = key.signing().sign(&Claims { proved, ..claims() }).unwrap();
    let read = key.verifying().verify(&token).unwrap().proved;
    assert_eq!(read.amr(), ["pwd", "otp"]);
    assert_eq!(read.factors(), [FactorType::Password, FactorType::Totp]);
}

#[test]
fn the_header_and_the_claims_are_exactly_these() {
    let key = Fixture::new(Algorithm::Es256);
    let token = key.token();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(URL_SAFE_NO_PAD.decode(parts[0]).unwrap(), key.header().as_bytes());
    let expected = concat!(
        r#"{"iss":"https://issuer.example","sub":"01010101-0101-4101-8101-010101010101","aud":"https://api.example","#,
        r#""exp":1800000600,"nbf":1800000000,"iat":1800000000,"jti":"02020202-0202-4202-8202-020202020202","#,
        r#""client_id":"countersign","scope":"account admin","acr":"urn:countersign:acr:pwd+key","#,
        r#""amr":["pwd","secret_key"],"auth_time":1800000000,"sid":"03030303-0303-4303-8303-030303030303","#,
        r#""username":"alice","epoch":4}"#,
    );
    assert_eq!(
        String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap(),
        expected
    );
    let once = key
        .signing()
        .sign(&Claims {
            usage: Use::Once,
            ..claims()
        })
        .unwrap();
    let payload = URL_SAFE_NO_PAD.decode(once.split('.').nth(1).unwrap()).unwrap();
    assert!(payload.ends_with(br#","use":"once"}"#));
}

#[test]
fn another_implementation_reads_our_tokens_with_the_published_key() {
    for algorithm in Algorithm::ALL {
        let key = Fixture::new(algorithm);
        let jwk: serde_json::Map<String, Value> = key
            .verifying()
            .jwk()
            .members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(jwk.into()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(signature_algorithm(algorithm));
        rules.set_audience(&["https://api.example"]);
        rules.set_issuer(&["https://issuer.example"]);
        let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        let read = jsonwebtoken::decode::<Value>(key.token(), &decoding, &rules).unwrap();
        assert_eq!(read.claims["sub"], "01010101-0101-4101-8101-010101010101");
        assert_eq!(read.header.kid.as_deref(), Some("key-1"));
    }
}

#[test]
fn the_published_key_has_exactly_the_members_of_its_type() {
    let names = |algorithm| -> Vec<&str> {
        Fixture::new(algorithm)
            .verifying()
            .jwk()
            .members
            .iter()
            .map(|(name, _)| *name)
            .collect()
    };
    assert_eq!(names(Algorithm::Es256), ["kty", "use", "alg", "kid", "crv", "x", "y"]);
    assert_eq!(names(Algorithm::EdDsa), ["kty", "use", "alg", "kid", "crv", "x"]);
    assert_eq!(names(Algorithm::Rs256), ["kty", "use", "alg", "kid", "n", "e"]);
    let jwk = Fixture::new(Algorithm::Ps256).verifying().jwk().members;
    assert_eq!(
        jwk[..4],
        [
            ("kty", "RSA".into()),
            ("use", "sig".into()),
            ("alg", "PS256".into()),
            ("kid", "key-1".into())
        ]
    );
    assert_eq!(jwk[5], ("e", "AQAB".into()));
    // 2048 bit without a leading zero.
    assert_eq!(URL_SAFE_NO_PAD.decode(&jwk[4].1).unwrap().len(), 256);
}

#[tokio::test]
async fn generated_keys_sign_and_verify() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let made = JwsKeys.generate(algorithm).await.unwrap();
        let kid = Kid::new("new".into());
        let token = JwsKeys
            .signing(&kid, algorithm, &made.private_der)
            .unwrap()
            .sign(&claims())
            .unwrap();
        assert!(
            JwsKeys
                .verifying(&kid, algorithm, &made.public_der)
                .unwrap()
                .verify(&token)
                .is_ok()
        );
    }
}

#[test]
fn a_key_of_another_type_is_not_accepted() {
    for algorithm in Algorithm::ALL {
        for other in Algorithm::ALL {
            let key = Fixture::new(other);
            let is_rsa = |algorithm| matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256);
            let fits = algorithm == other || (is_rsa(algorithm) && is_rsa(other));
            let verifying = JwsKeys.verifying(&key.kid, algorithm, &key.public_der);
            assert_eq!(verifying.is_ok(), fits, "{algorithm:?} {other:?}");
            let signing = JwsKeys.signing(&key.kid, algorithm, &key.private_der);
            assert_eq!(signing.is_ok(), fits, "{algorithm:?} {other:?}");
        }
    }
}

#[test]
fn a_damaged_key_is_not_accepted() {
    let key = Fixture::new(Algorithm::Es256);
    let longer = [key.public_der.as_slice(), &[0]].concat();
    for damaged in [
        &[][..],
        &key.public_der[1..],
        &key.public_der[..key.public_der.len() - 1],
        &longer,
    ] {
        assert!(JwsKeys.verifying(&key.kid, key.algorithm, damaged).is_err());
        assert!(JwsKeys.signing(&key.kid, key.algorithm, damaged).is_err());
    }
}

#[test]
fn a_token_that_nobody_would_accept_is_not_made() {
    let key = Fixture::new(Algorithm::Es256);
    let claims = Claims {
        issuer: "i".repeat(9_000),
        ..claims()
    };
    assert!(key.signing().sign(&claims).is_err());
}
