//! Tokens of each algorithm that can be configured, verified by code that is not ours.

use serde_json::json;
use tests::{Service, token};

async fn tokens_are_signed_and_published(algorithm: &str, key_type: &str) {
    let service = Service::with(|setup| setup.set("tokens.algorithm", algorithm)).await;
    let (_, tokens) = service.logged_in("alice").await;
    let header = token::header(&tokens.access);
    assert_eq!(header, json!({"typ": "at+jwt", "alg": algorithm, "kid": header["kid"]}));
    let jwks = service.jwks().await;
    let published = jwks["keys"].as_array().unwrap();
    // The key that signs, and the next one, so that caches know it in time; and the same for ID tokens, always RS256.
    assert_eq!(published.len(), 4);
    let of = |kty: &str, alg: &str| {
        let is_one = |key: &&serde_json::Value| key["kty"] == kty && key["alg"] == alg;
        published.iter().filter(is_one).count()
    };
    assert!(of(key_type, algorithm) >= 2);
    assert_eq!(of("RSA", "RS256"), if algorithm == "RS256" { 4 } else { 2 });
    for key in published {
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "x5u", "x5c"] {
            assert_eq!(key.get(private), None, "{private} in {key}");
        }
    }
    let verified = token::verify(&jwks, &tokens.access, service.issuer(), service.issuer());
    assert_eq!(verified, Ok(token::claims(&tokens.access)));
    assert_eq!(service.resource(&tokens.access).await, 200);
}

#[tokio::test]
async fn es256() {
    tokens_are_signed_and_published("ES256", "EC").await;
}

#[tokio::test]
async fn rs256() {
    tokens_are_signed_and_published("RS256", "RSA").await;
}

#[tokio::test]
async fn ps256() {
    tokens_are_signed_and_published("PS256", "RSA").await;
}

#[tokio::test]
async fn eddsa() {
    tokens_are_signed_and_published("EdDSA", "OKP").await;
}

#[tokio::test]
async fn another_algorithm_in_the_settings_leaves_older_tokens_valid() {
    let service = Service::with(|setup| setup.set("http.public_url", "http://countersign.example")).await;
    let (alice, old) = service.logged_in("alice").await;
    let setup = service.stop().await.set("tokens.algorithm", "EdDSA");
    let service = setup.start().await;
    assert_eq!(service.resource(&old.access).await, 200);
    let jwks = service.jwks().await;
    let issuer = "http://countersign.example";
    assert!(token::verify(&jwks, &old.access, issuer, issuer).is_ok());
    let new = service.log_in(&alice).await;
    assert_eq!(service.resource(&new.access).await, 200);
    assert!(token::verify(&jwks, &new.access, issuer, issuer).is_ok());
}
