//! Clients that prove themselves with a key of their own (RFC 7523).

use application::clients::SecretChoice;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::client::ClientAuthentication;
use domain::client_rules::ClientDraft;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};
use tests::crowd::{count, crowd};
use tests::{Answer, Service};

use super::{draft, register};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct Machine {
    service: Service,
    key: KeyPair,
}

impl Machine {
    async fn new() -> Self {
        let service = Service::sqlite().await;
        let key = KeyPair::generate().unwrap();
        // An uncompressed point (SEC 1 section 2.3.3).
        let point = key.der_bytes().to_vec();
        let half = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        let jwks = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k1", "x": half(1..33), "y": half(33..65),
        }] });
        let draft = ClientDraft {
            jwks: Some(jwks.to_string()),
            ..draft(ClientAuthentication::PrivateKeyJwt)
        };
        register(&service, "machine", draft, SecretChoice::Generate).await;
        Self { service, key }
    }

    fn claims(&self, jti: &str) -> Value {
        let now = self.service.now().seconds();
        json!({
            "iss": "machine", "sub": "machine", "aud": format!("{}/auth/token", self.service.issuer()),
            "jti": jti, "iat": now, "exp": now + 60,
        })
    }

    fn assertion(&self, claims: &Value) -> String {
        let header = Header {
            kid: Some("k1".into()),
            ..Header::new(Algorithm::ES256)
        };
        let key = EncodingKey::from_ec_pem(self.key.serialize_pem().as_bytes()).unwrap();
        encode(&header, claims, &key).unwrap()
    }

    async fn token(&self, assertion: &str) -> Answer {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion),
        ];
        self.service.post("/auth/token").form(&fields).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_is_good_once_also_for_a_crowd() {
    let machine = Machine::new().await;
    let assertion = machine.assertion(&machine.claims("1"));
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion.as_str()),
    ];
    let answers = crowd((0..50).map(|_| machine.service.post("/auth/token").form(&fields))).await;
    assert_eq!((count(&answers, 200), count(&answers, 401)), (1, 49));
    let next = machine.assertion(&machine.claims("2"));
    assert_eq!(machine.token(&next).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_that_is_not_for_us_or_not_by_the_client_is_refused() {
    let machine = Machine::new().await;
    let good = machine.claims("1");
    for (name, value) in [
        ("aud", json!("https://elsewhere.example/auth/token")),
        ("sub", json!("other")),
        ("iss", json!("other")),
        ("exp", json!(machine.service.now().seconds() - 60)),
        ("exp", json!(machine.service.now().seconds() + 3_600)),
        ("jti", json!("")),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        let answer = machine.token(&machine.assertion(&claims)).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (401, &json!("invalid_client")),
            "{name}"
        );
    }
    let stranger = Machine {
        service: Service::sqlite().await,
        key: KeyPair::generate().unwrap(),
    };
    assert_eq!(
        machine.token(&stranger.assertion(&good)).await.status,
        401,
        "a key of somebody else"
    );
    // A name beside it must be the same, and a secret is no second method.
    let assertion = machine.assertion(&good);
    let post = |more: (&'static str, &'static str)| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion.as_str()),
            more,
        ];
        machine.service.post("/auth/token").form(&fields)
    };
    assert_eq!(post(("client_id", "other")).await.status, 401);
    assert_eq!(post(("client_secret", "x")).await.status, 400);
    assert_eq!(post(("client_id", "machine")).await.status, 200);
}
