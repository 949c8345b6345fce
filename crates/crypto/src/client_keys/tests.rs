//! Key sets and assertions of clients: what is read, and what is refused although others wrote it.

use application::ports::{KeyMaterial, TokenKeys as _};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::signing_key::Kid;
use proptest::prelude::*;
use serde_json::{Map, json};
use tokio::sync::OnceCell;

use super::*;
use crate::token_keys::{JwsKeys, encoding_key, signature_algorithm};

static RSA: OnceCell<KeyMaterial> = OnceCell::const_new();

/// A key of a client.
struct Client {
    algorithm: Algorithm,
    private_der: Vec<u8>,
    public_der: Vec<u8>,
}

impl Client {
    async fn new(algorithm: Algorithm) -> Self {
        let made;
        let material = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                let make = || async { JwsKeys.generate(Algorithm::Rs256).await.unwrap() };
                RSA.get_or_init(make).await
            }
            Algorithm::Es256 | Algorithm::EdDsa => {
                made = JwsKeys.generate(algorithm).await.unwrap();
                &made
            }
        };
        Self {
            algorithm,
            private_der: material.private_der.to_vec(),
            public_der: material.public_der.clone(),
        }
    }

    /// The public key as this service would publish it: `kty`, `use`, `alg`, `kid` and the numbers.
    fn jwk(&self, kid: &str) -> Map<String, Value> {
        let key = JwsKeys.verifying(&Kid::new(kid.into()), self.algorithm, &self.public_der);
        let members = key.unwrap().jwk().members.into_iter();
        members.map(|(name, value)| (name.to_owned(), value.into())).collect()
    }

    fn header(&self) -> String {
        format!(r#"{{"typ":"JWT","alg":"{}","kid":"k1"}}"#, self.algorithm.name())
    }

    fn sign(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let key = encoding_key(self.algorithm, &self.private_der).unwrap();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, signature_algorithm(self.algorithm));
        format!("{message}.{}", signature.unwrap())
    }

    /// What becomes of an assertion with this header, under the set of this one key.
    fn try_header(&self, header: &str) -> Result<ClientAssertion, TokenFault> {
        let token = self.sign(header, payload());
        set([self.jwk("k1")]).verify(&token)
    }

    /// What becomes of an assertion with this payload, under the set of this one key.
    fn try_payload(&self, payload: &str) -> Result<ClientAssertion, TokenFault> {
        let token = self.sign(self.header(), payload);
        set([self.jwk("k1")]).verify(&token)
    }
}

fn jwks<const N: usize>(keys: [Map<String, Value>; N]) -> String {
    json!({ "keys": Vec::from(keys) }).to_string()
}

fn set<const N: usize>(keys: [Map<String, Value>; N]) -> Arc<dyn ClientKeySet> {
    JwkSets.read(&jwks(keys)).unwrap()
}

fn without(mut members: Map<String, Value>, name: &str) -> Map<String, Value> {
    members.remove(name);
    members
}

fn with(mut members: Map<String, Value>, name: &str, value: Value) -> Map<String, Value> {
    members.insert(name.into(), value);
    members
}

fn claims_json() -> Map<String, Value> {
    let claims = json!({
        "iss": "app", "sub": "app", "aud": "https://issuer.example", "jti": "1", "exp": 1_800_000_060,
        "iat": 1_800_000_000, "nbf": 1_800_000_000,
    });
    claims.as_object().unwrap().clone()
}

fn payload() -> String {
    Value::from(claims_json()).to_string()
}

fn assertion() -> ClientAssertion {
    ClientAssertion {
        issuer: "app".into(),
        subject: "app".into(),
        audience: vec!["https://issuer.example".into()],
        id: "1".into(),
        expires_at: Timestamp::from_seconds(1_800_000_060),
        issued_at: Some(Timestamp::from_seconds(1_800_000_000)),
        not_before: Some(Timestamp::from_seconds(1_800_000_000)),
    }
}

#[tokio::test]
async fn an_assertion_reads_back_under_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let client = Client::new(algorithm).await;
        let token = client.sign(client.header(), payload());
        assert_eq!(JwkSets.client_of(&token), Ok(ClientId::parse("app").unwrap()));
        let jwk = client.jwk("k1");
        for jwk in [
            jwk.clone(),
            without(without(jwk.clone(), "alg"), "use"),
            without(jwk, "kid"),
        ] {
            assert_eq!(set([jwk]).verify(&token), Ok(assertion()), "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn the_key_is_the_one_that_is_named_or_the_only_one() {
    let (one, other) = (Client::new(Algorithm::Es256).await, Client::new(Algorithm::Es256).await);
    let rsa = Client::new(Algorithm::Rs256).await;
    let both = set([one.jwk("k1"), other.jwk("k2"), without(rsa.jwk("k3"), "alg")]);
    let named = one.sign(one.header(), payload());
    assert!(both.verify(&named).is_ok());
    let misnamed = other.sign(other.header(), payload());
    assert_eq!(both.verify(&misnamed), Err(TokenFault::Signature));
    let stranger = one.sign(one.header().replace("k1", "k9"), payload());
    assert_eq!(both.verify(&stranger), Err(TokenFault::UnknownKey));
    let nameless = |client: &Client| client.sign(client.header().replace(r#","kid":"k1""#, ""), payload());
    assert_eq!(both.verify(&nameless(&one)), Err(TokenFault::UnknownKey));
    assert!(both.verify(&nameless(&rsa)).is_ok(), "the only one for its algorithm");
    assert!(set([one.jwk("k1")]).verify(&nameless(&one)).is_ok());
    assert_eq!(
        set([other.jwk("k1")]).verify(&nameless(&one)),
        Err(TokenFault::Signature)
    );
    assert_eq!(set([one.jwk("k7")]).verify(&named), Err(TokenFault::UnknownKey));
}

#[tokio::test]
async fn the_algorithm_must_fit_the_key_and_be_one() {
    let es = Client::new(Algorithm::Es256).await;
    for name in [
        "none", "None", "HS256", "HS512", "es256", "ES384", "RS256", "PS256", "EdDSA", "",
    ] {
        let header = es.header().replace("ES256", name);
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(&header),
            URL_SAFE_NO_PAD.encode(payload())
        );
        // CVE-2015-9235: the public key, in any of its forms, is no shared secret.
        for secret in [
            es.public_der.clone(),
            Value::from(es.jwk("k1")).to_string().into_bytes(),
        ] {
            let mac = hmac::sign(&hmac::Key::new(HMAC_SHA256, &secret), message.as_bytes());
            for signature in ["", &URL_SAFE_NO_PAD.encode(mac)] {
                let token = format!("{message}.{signature}");
                assert_eq!(
                    set([es.jwk("k1")]).verify(&token),
                    Err(TokenFault::UnknownKey),
                    "{name}"
                );
            }
        }
        assert_eq!(es.try_header(&header), Err(TokenFault::UnknownKey), "{name}");
    }
    // A key that is for one padding is for no other; one that is for either is for both.
    let (rs, ps) = (Client::new(Algorithm::Rs256).await, Client::new(Algorithm::Ps256).await);
    for (client, other) in [(&rs, &ps), (&ps, &rs)] {
        let token = client.sign(client.header(), payload());
        assert_eq!(set([other.jwk("k1")]).verify(&token), Err(TokenFault::UnknownKey));
        assert!(set([without(other.jwk("k1"), "alg")]).verify(&token).is_ok());
        let relabelled = client.sign(other.header(), payload());
        let either = set([without(other.jwk("k1"), "alg")]);
        assert_eq!(either.verify(&relabelled), Err(TokenFault::Signature));
    }
}

#[tokio::test]
async fn the_header_says_nothing_else() {
    let client = Client::new(Algorithm::EdDsa).await;
    let usual = client.header();
    for (name, value) in [
        ("jwk", Value::from(client.jwk("k1"))),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        let header = format!(r#"{{"{name}":{value},{}"#, &usual[1..]);
        assert_eq!(client.try_header(&header), Err(TokenFault::Malformed), "{name}");
    }
    for header in [
        usual.replacen('{', r#"{"alg":"EdDSA","#, 1),
        usual.replacen('{', r#"{"kid":"k1","#, 1),
        usual.replacen('{', r#"{"typ":"JWT","#, 1),
        usual.replace(r#""k1""#, "null"),
        usual.replace(r#""k1""#, "1"),
        usual.replace(r#""JWT""#, "null"),
        usual.replace(r#","alg":"EdDSA""#, ""),
        r#"["JWT","EdDSA","k1"]"#.to_owned(),
        "{}".to_owned(),
        String::new(),
    ] {
        assert_eq!(client.try_header(&header), Err(TokenFault::Malformed), "{header}");
    }
}

#[tokio::test]
async fn no_token_of_another_kind_is_an_assertion() {
    let client = Client::new(Algorithm::Es256).await;
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt", "id+jwt", "secevent+jwt", "JWT2", ""] {
        let header = client.header().replace(r#""JWT""#, &format!(r#""{typ}""#));
        assert_eq!(client.try_header(&header), Err(TokenFault::Malformed), "{typ}");
    }
    for typ in [
        "jwt",
        "client-authentication+jwt",
        "application/client-authentication+jwt",
    ] {
        let header = client.header().replace(r#""JWT""#, &format!(r#""{typ}""#));
        assert_eq!(client.try_header(&header), Ok(assertion()), "{typ}");
    }
    let header = client.header().replace(r#""typ":"JWT","#, "");
    assert_eq!(client.try_header(&header), Ok(assertion()));
}

#[tokio::test]
async fn claims_are_there_once_and_of_their_type() {
    let client = Client::new(Algorithm::Es256).await;
    for (name, right) in claims_json() {
        let is_optional = ["iat", "nbf"].contains(&name.as_str());
        let payload = Value::from(without(claims_json(), &name)).to_string();
        assert_eq!(client.try_payload(&payload).is_ok(), is_optional, "{name}");
        let twice = format!(r#"{{"{name}":{right},{}"#, &self::payload()[1..]);
        assert_eq!(client.try_payload(&twice), Err(TokenFault::Malformed), "{name}");
        for value in [
            json!(null),
            json!(true),
            json!({}),
            json!([]),
            json!([1]),
            json!(-1),
            json!(253_402_300_800_i64),
            json!(1e300),
        ] {
            let payload = Value::from(with(claims_json(), &name, value.clone())).to_string();
            assert_eq!(
                client.try_payload(&payload),
                Err(TokenFault::Malformed),
                "{name} {value}"
            );
        }
    }
    let twice_unknown = format!(r#"{{"x":1,"x":1,{}"#, &payload()[1..]);
    assert_eq!(client.try_payload(&twice_unknown), Err(TokenFault::Malformed));
    for payload in ["[]", "null", "", "{", "{}"] {
        assert_eq!(client.try_payload(payload), Err(TokenFault::Malformed), "{payload}");
    }
}

#[tokio::test]
async fn what_others_may_write_is_read() {
    let client = Client::new(Algorithm::Es256).await;
    let read = |claims: Map<String, Value>| client.try_payload(&Value::from(claims).to_string()).unwrap();
    // Claims that are not asked for; several audiences; fractions of a second (RFC 7519 section 2).
    assert_eq!(read(with(claims_json(), "client_name", json!({"a": 1}))), assertion());
    let several = json!(["https://issuer.example/auth/token", "https://issuer.example"]);
    assert_eq!(read(with(claims_json(), "aud", several)).audience.len(), 2);
    let many: Vec<String> = (0..17).map(|place| place.to_string()).collect();
    let payload = Value::from(with(claims_json(), "aud", json!(many))).to_string();
    assert_eq!(client.try_payload(&payload), Err(TokenFault::Malformed));
    assert_eq!(read(with(claims_json(), "exp", json!(1_800_000_060.75))), assertion());
}

#[tokio::test]
async fn a_set_has_public_keys_that_are_strong_enough() {
    let (es, ed) = (Client::new(Algorithm::Es256).await, Client::new(Algorithm::EdDsa).await);
    let rsa = Client::new(Algorithm::Rs256).await;
    let read = |jwks: &str| JwkSets.read(jwks).map(drop);
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let leaked = with(rsa.jwk("k1"), name, json!("AQAB"));
        assert_eq!(
            read(&jwks([es.jwk("k0"), leaked])),
            Err(JwksFault::Private(1)),
            "{name}"
        );
    }
    // Also where the key is for something else.
    let leaked = with(with(ed.jwk("k1"), "d", json!("AA")), "use", json!("enc"));
    assert_eq!(read(&jwks([leaked])), Err(JwksFault::Private(0)));
    let secret = json!({"keys": [{"kty": "oct", "alg": "HS256"}]});
    assert_eq!(read(&secret.to_string()), Err(JwksFault::Private(0)));

    let short = URL_SAFE_NO_PAD.encode([&[0xC1][..], &[0x55; 126], &[1]].concat());
    let padded = URL_SAFE_NO_PAD.encode([&[0; 200][..], &[0xC1], &[0x55; 126], &[1]].concat());
    for (jwk, what) in [
        (with(rsa.jwk("k1"), "n", json!(short)), "1024 bit"),
        (with(rsa.jwk("k1"), "n", json!(padded)), "1024 bit and zeros"),
        (with(rsa.jwk("k1"), "n", json!("A".repeat(1_400))), "zero"),
        (with(rsa.jwk("k1"), "n", json!("!")), "no base64url"),
        (with(rsa.jwk("k1"), "e", json!("AQ")), "exponent 1"),
        (with(rsa.jwk("k1"), "e", json!("Ag")), "exponent 2"),
        (with(rsa.jwk("k1"), "e", json!("")), "no exponent"),
        (without(rsa.jwk("k1"), "e"), "no exponent"),
        (
            with(rsa.jwk("k1"), "alg", json!("ES256")),
            "an algorithm of another type",
        ),
        (
            with(es.jwk("k1"), "x", json!(URL_SAFE_NO_PAD.encode([1; 32]))),
            "not on the curve",
        ),
        (
            with(es.jwk("k1"), "x", json!(URL_SAFE_NO_PAD.encode([1; 31]))),
            "too short",
        ),
        (without(es.jwk("k1"), "y"), "no y"),
        (
            with(es.jwk("k1"), "alg", json!("EdDSA")),
            "an algorithm of another type",
        ),
        (
            with(ed.jwk("k1"), "x", json!(URL_SAFE_NO_PAD.encode([1; 33]))),
            "too long",
        ),
    ] {
        assert_eq!(read(&jwks([jwk])), Err(JwksFault::Unusable(0)), "{what}");
    }
}

#[tokio::test]
async fn a_set_may_have_keys_for_something_else() {
    let es = Client::new(Algorithm::Es256).await;
    let read = |jwks: &str| JwkSets.read(jwks).map(drop);
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("ECDH-ES")),
        ("crv", json!("P-384")),
        ("kty", json!("LMS")),
    ] {
        let other = with(es.jwk("k2"), name, value);
        assert_eq!(read(&jwks([other.clone()])), Err(JwksFault::Empty), "{name}");
        assert!(read(&jwks([other, es.jwk("k1")])).is_ok(), "{name}");
    }
    let more = with(with(es.jwk("k1"), "key_ops", json!(["verify"])), "x5t", json!("aa"));
    assert!(read(&jwks([more])).is_ok());
    assert_eq!(read(&jwks([])), Err(JwksFault::Empty));
    assert_eq!(read(&jwks([es.jwk("k1"), es.jwk("k1")])), Err(JwksFault::SameName));
}

#[tokio::test]
async fn a_set_is_one_object_of_bounded_size_with_each_member_once() {
    let es = Client::new(Algorithm::Es256).await;
    let read = |jwks: &str| JwkSets.read(jwks).map(drop);
    let usual = jwks([es.jwk("k1")]);
    for text in [
        String::new(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        r#"{"keys":{}}"#.into(),
        r#"{"keys":[1]}"#.into(),
        r#"{"keys":[["EC"]]}"#.into(),
        r#"{"keys":[{}]}"#.into(),
        format!(r#"{{"keys":[],{}"#, &usual[1..]),
        usual.replacen(r#""kty""#, r#""kty":"EC","kty""#, 1),
        usual.replacen(r#""k1""#, "1", 1),
        usual.replacen(r#""k1""#, &format!(r#""{}""#, "k".repeat(257)), 1),
        format!("{usual}x"),
    ] {
        assert_eq!(read(&text), Err(JwksFault::Malformed), "{text:.60}");
    }
    let many: [_; 11] = std::array::from_fn(|place| es.jwk(&place.to_string()));
    assert_eq!(read(&jwks(many)), Err(JwksFault::TooMany));
    assert_eq!(
        read(&format!("{usual}{}", " ".repeat(JWKS_MAX))),
        Err(JwksFault::TooLong)
    );
}

#[tokio::test]
async fn the_client_of_an_assertion_is_named_twice_alike() {
    let client = Client::new(Algorithm::Es256).await;
    for (iss, sub) in [("app", "other"), ("", ""), ("a b", "a b"), ("App", "app")] {
        let claims = with(with(claims_json(), "iss", json!(iss)), "sub", json!(sub));
        let token = client.sign(client.header(), Value::from(claims).to_string());
        assert_eq!(JwkSets.client_of(&token), Err(TokenFault::Malformed), "{iss} {sub}");
    }
    for text in ["", "a.b.c", "..", &"A".repeat(9_000)] {
        assert_eq!(JwkSets.client_of(text), Err(TokenFault::Malformed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}", parts in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,90}") {
        prop_assert!(JwkSets.read(&text).is_err());
        prop_assert!(JwkSets.client_of(&text).is_err());
        prop_assert!(JwkSets.client_of(&parts).is_err());
    }
}
