//! Forged and altered tokens, over HTTP: none may be believed.

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tests::{Service, token};

async fn assert_refused(service: &Service, what: &str, token: &str) {
    let answer = service.get("/v1/resource").bearer(token).await;
    assert_eq!(answer.status, 401, "{what}: {answer:?}");
    answer.problem(401, "invalid_token");
}

fn foreign_key() -> EncodingKey {
    EncodingKey::from_ec_der(&rcgen::KeyPair::generate().unwrap().serialize_der())
}

fn changed(value: &Value, member: &str, to: Value) -> Value {
    let mut value = value.clone();
    value[member] = to;
    value
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let service = Service::sqlite().await;
    let (_, good) = service.logged_in("alice").await;
    let (header, claims) = (token::header(&good.access), token::claims(&good.access));
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        let unsigned = token::unsigned(&changed(&header, "alg", algorithm.into()), &claims);
        assert_refused(&service, algorithm, &format!("{unsigned}.")).await;
        let signature = good.access.rsplit_once('.').unwrap().1;
        assert_refused(&service, algorithm, &format!("{unsigned}.{signature}")).await;
    }
    let stripped = good.access.rsplit_once('.').unwrap().0;
    assert_refused(&service, "no signature", stripped).await;
    assert_refused(&service, "empty signature", &format!("{stripped}.")).await;
}

#[tokio::test]
async fn the_public_key_is_no_shared_secret() {
    for algorithm in ["ES256", "RS256"] {
        let service = Service::with(|setup| setup.set("tokens.algorithm", algorithm)).await;
        let (_, good) = service.logged_in("alice").await;
        let header = changed(&token::header(&good.access), "alg", "HS256".into());
        let claims = token::claims(&good.access);
        let jwks = service.jwks().await;
        let keys = jwks["keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
        let material = key
            .get("x")
            .or_else(|| key.get("n"))
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned();
        for secret in [key.to_string(), material, String::new()] {
            let forged = token::forge(
                &header,
                &claims,
                Algorithm::HS256,
                &EncodingKey::from_secret(secret.as_bytes()),
            );
            assert_refused(&service, algorithm, &forged).await;
        }
    }
}

#[tokio::test]
async fn a_strangers_key_is_refused_whatever_the_header_says_about_it() {
    let service = Service::sqlite().await;
    let (_, good) = service.logged_in("alice").await;
    let (header, claims) = (token::header(&good.access), token::claims(&good.access));
    let key = foreign_key();
    let forge = |header: &Value| token::forge(header, &claims, Algorithm::ES256, &key);
    assert_refused(&service, "our kid", &forge(&header)).await;
    for kid in [
        "../../etc/passwd",
        "/dev/null",
        "' OR 1=1 --",
        "",
        "\u{0}",
        "https://evil.example/key",
        "*",
    ] {
        assert_refused(&service, kid, &forge(&changed(&header, "kid", kid.into()))).await;
    }
    for kid in [json!(null), json!(1), json!(["a"]), json!({"kid": header["kid"]})] {
        assert_refused(&service, "kid of another type", &forge(&changed(&header, "kid", kid))).await;
    }
    let jwks = service.jwks().await;
    for (member, value) in [
        ("jwk", jwks["keys"][0].clone()),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        assert_refused(&service, member, &forge(&changed(&header, member, value))).await;
    }
}

#[tokio::test]
async fn altered_claims_are_refused() {
    let service = Service::sqlite().await;
    let (_, good) = service.logged_in("alice").await;
    let (header, claims) = (token::header(&good.access), token::claims(&good.access));
    let signature = good.access.rsplit_once('.').unwrap().1;
    for (member, value) in [
        ("scope", json!("account admin")),
        ("exp", json!(4_102_444_800_i64)),
        ("sub", json!("00000000-0000-4000-8000-000000000000")),
        ("acr", json!("urn:countersign:acr:passkey")),
        ("username", json!("root")),
    ] {
        let altered = token::unsigned(&header, &changed(&claims, member, value));
        assert_refused(&service, member, &format!("{altered}.{signature}")).await;
    }
}

#[tokio::test]
async fn every_bit_of_a_signature_counts() {
    let service = Service::sqlite().await;
    let (_, good) = service.logged_in("alice").await;
    let (signed, signature) = good.access.rsplit_once('.').unwrap();
    for place in [0, 1, 42, signature.len() / 2, signature.len() - 1] {
        let mut altered: Vec<char> = signature.chars().collect();
        altered[place] = if altered[place] == 'A' { 'B' } else { 'A' };
        let altered: String = altered.into_iter().collect();
        assert_refused(&service, "altered signature", &format!("{signed}.{altered}")).await;
    }
    // An all-zero signature is the one of CVE-2022-21449.
    assert_refused(&service, "zeros", &format!("{signed}.{}", "A".repeat(signature.len()))).await;
    assert_refused(&service, "padded", &format!("{}=", good.access)).await;
    assert_refused(&service, "twice", &format!("{}.{}", good.access, signature)).await;
    assert_eq!(service.resource(&good.access).await, 200);
}

#[tokio::test]
async fn a_token_for_another_resource_or_of_another_issuer_is_refused() {
    let url = "http://countersign.example";
    let service = Service::with(|setup| {
        setup
            .set("http.public_url", url)
            .set("tokens.audience", "https://one.example")
    })
    .await;
    let (_, tokens) = service.logged_in("alice").await;
    // The same keys, and another purpose: what is signed rightly is still not for everybody.
    let setup = service.stop().await;
    let other_audience = setup
        .clone()
        .set("tokens.audience", "https://two.example")
        .start()
        .await;
    assert_refused(&other_audience, "audience", &tokens.access).await;
    let other_issuer = other_audience
        .stop()
        .await
        .set("tokens.audience", "https://one.example");
    let other_issuer = other_issuer
        .set("http.public_url", "http://other.example")
        .start()
        .await;
    assert_refused(&other_issuer, "issuer", &tokens.access).await;
    let same = other_issuer.stop().await.set("http.public_url", url).start().await;
    assert_eq!(same.resource(&tokens.access).await, 200);
}

#[tokio::test]
async fn a_monstrous_token_is_refused_and_not_digested() {
    let service = Service::sqlite().await;
    for size in [10_000, 100_000] {
        let call = service
            .get("/v1/resource")
            .bearer(&format!("{0}.{0}.{0}", "A".repeat(size)));
        // Either the head of the request is too large already, or the token is.
        let status = call.try_send().await.map_or(431, |answer| answer.status);
        assert!([401, 431].contains(&status), "{size}: {status}");
    }
    let nested = format!("{}{}", "{\"a\":".repeat(2_000), "}".repeat(2_000));
    let deep = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(nested)
    };
    assert_refused(&service, "deep", &format!("{deep}.e30.AAAA")).await;
}
