//! The HTTP surface over a store in memory, with real cryptography at the lowest cost.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test file uses another part of it"
)]

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use application::App;
use application::accounts::NewUser;
use application::actor::Actor;
use application::core::{
    AidboxPolicy, BrowserPolicy, CodeOnly, FirstFactor, OAuthPolicy, OrionPolicy, Policies, Ports, Registration,
    UnknownAttributes,
};
use crypto::Adapters;
use crypto::master_key::MasterKey;
use crypto::password_hasher::{Parameters, PoolSettings};

use domain::authenticator::OtpRule;
use domain::claims::Expectation;
use domain::factor::FactorPolicies;
use domain::lockout::LockoutPolicy;
use domain::secret::Password;
use domain::session::{Lifetimes, Origin};
use domain::signing_key::{Algorithm, RotationPolicy};
use domain::user::Role;
use domain::username::Username;
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, Method, StatusCode};
use poem::web::RemoteAddr;
use poem::{Addr, Endpoint, Request, Response};
use serde_json::Value;
use testkit::clock::{ManualClock, START};
use testkit::keys::QuickKeys;
use testkit::memory::MemoryStore;
use testkit::outbound::Recorded;
use web::{ForwardedHeader, Options, PageOptions, RateLimit};

pub const PASSWORD: &str = "correct horse battery staple";

/// A service, and what its tests turn.
pub struct Service {
    pub endpoint: BoxEndpoint<'static, Response>,
    pub app: Arc<App>,
    pub clock: Arc<ManualClock>,
    pub store: MemoryStore,
    /// What left the house.
    pub outbound: Arc<Recorded>,
}

/// An answer, read.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The pointers of the faults, sorted.
    pub fn pointers(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers: Vec<String> = errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect();
        pointers.sort();
        pointers
    }

    /// That it is a problem of this kind, in the one shape.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let json = self.json();
        assert_eq!(json["code"], code, "{}", self.text);
        assert_eq!(json["type"], format!("urn:countersign:problem:{code}"));
        assert_eq!(json["status"], status);
        assert!(json["title"].is_string() && json["detail"].is_string());
        assert!(!self.header("x-request-id").is_empty());
        assert_eq!(self.header("cache-control"), "no-store");
    }
}

pub fn options() -> Options {
    Options {
        public_url: "http://localhost:8080".to_owned(),
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        forwarded_header: ForwardedHeader::XForwardedFor,
        body_limit: 64 * 1024,
        request_timeout: Duration::from_secs(30),
        rate_limit: None,
        jwks_max_age: Duration::from_hours(1),
        cors_origins: vec!["https://app.example.com".to_owned()],
        pages: PageOptions::default(),
    }
}

pub fn rate_limit(per_minute: u32, burst: u32) -> RateLimit {
    RateLimit {
        per_minute: NonZeroU32::new(per_minute).unwrap(),
        burst: NonZeroU32::new(burst).unwrap(),
    }
}

pub fn policies(registration: Registration) -> Policies {
    Policies {
        registration,
        lockout: LockoutPolicy::default(),
        first_factor: FirstFactor::SecretKey,
        factors: FactorPolicies::default(),
        otp: OtpRule::default(),
        totp_issuer: "Countersign".into(),
        issued_recovery_lifetime: Duration::from_hours(1),
        orion: None,
        oauth: OAuthPolicy::default(),
        browser: BrowserPolicy::default(),
        aidbox: None,
        lifetimes: Lifetimes::default(),
        secret_key_lifetime: None,
        expectation: Expectation {
            issuer: "http://localhost:8080".to_owned(),
            audience: "http://localhost:8080".to_owned(),
            leeway: Duration::from_secs(5),
        },
        client_id: "countersign".to_owned(),
        rotation: RotationPolicy {
            algorithm: Algorithm::Es256,
            active_for: Duration::from_hours(24 * 90),
            publish_ahead: Duration::from_hours(24),
            retire_after: Duration::from_hours(25),
        },
        revocations_stale_after: Duration::from_secs(1),
        token_cache: 100,
    }
}

impl Service {
    pub async fn open() -> Self {
        Self::start(Registration::Open, options()).await
    }

    pub async fn start(registration: Registration, options: Options) -> Self {
        Self::with(policies(registration), options).await
    }

    /// With the Orion profile.
    pub async fn orion() -> Self {
        Self::orion_with(CodeOnly::Refused, Registration::Open, options()).await
    }

    /// With the Orion profile, as it is configured.
    pub async fn orion_with(code_only: CodeOnly, registration: Registration, options: Options) -> Self {
        let orion = OrionPolicy {
            issuer: "orion-users".to_owned(),
            totp_issuer: "Orion User Service".to_owned(),
            code_only,
        };
        let policies = Policies {
            orion: Some(orion),
            ..policies(registration)
        };
        Self::with(policies, options).await
    }

    /// With the Aidbox profile.
    pub async fn aidbox() -> Self {
        Self::aidbox_with(UnknownAttributes::Keep).await
    }

    /// With the Aidbox profile, as it is configured.
    pub async fn aidbox_with(unknown_attributes: UnknownAttributes) -> Self {
        let aidbox = AidboxPolicy {
            auth_config: None,
            unknown_attributes,
            style_origins: vec!["https://style.example".to_owned()],
        };
        let policies = Policies {
            aidbox: Some(aidbox),
            ..policies(Registration::Open)
        };
        Self::with(policies, options()).await
    }

    /// With every profile.
    pub async fn whole() -> Self {
        let orion = OrionPolicy {
            issuer: "orion-users".to_owned(),
            totp_issuer: "Orion User Service".to_owned(),
            code_only: CodeOnly::Refused,
        };
        let aidbox = AidboxPolicy {
            auth_config: None,
            unknown_attributes: UnknownAttributes::Keep,
            style_origins: Vec::new(),
        };
        let policies = Policies {
            orion: Some(orion),
            aidbox: Some(aidbox),
            ..policies(Registration::Open)
        };
        Self::with(policies, options()).await
    }

    pub async fn with(policies: Policies, options: Options) -> Self {
        let entropy = crypto::entropy::OsEntropy;
        let hashing = PoolSettings {
            parameters: Parameters::for_tests(),
            threads: NonZeroUsize::new(1),
            ..PoolSettings::default()
        };
        let adapters = Adapters::new(&MasterKey::generate(&entropy), hashing).unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let store = MemoryStore::default();
        let outbound = Arc::new(Recorded::default());
        let ports = Ports {
            store: Arc::new(store.clone()),
            clock: Arc::clone(&clock) as _,
            entropy: adapters.entropy,
            password_hasher: adapters.password_hasher,
            digester: adapters.digester,
            sealer: adapters.sealer,
            outbound: outbound.clone(),
            token_keys: Arc::new(QuickKeys::new(adapters.token_keys)),
            client_keys: adapters.client_keys,
        };
        let app = Arc::new(App::new(ports, policies));
        app.wake().await.unwrap();
        Self {
            endpoint: web::endpoint(Arc::clone(&app), options),
            app,
            clock,
            store,
            outbound,
        }
    }

    /// Makes an account of this role; returns its secret key.
    pub async fn account(&self, username: &str, role: Role) -> String {
        self.make(username, role, None).await.unwrap()
    }

    /// Makes an account of this role; returns its secret key if it begins with one.
    pub async fn make(&self, username: &str, role: Role, first_factor: Option<FirstFactor>) -> Option<String> {
        let new = NewUser {
            username: Username::new(username).unwrap(),
            password: Password::new(PASSWORD).unwrap(),
            email: None,
            display_name: None,
            role,
            first_factor,
        };
        let made = self
            .app
            .register
            .execute(Some(&Actor::Operator), new, &Origin::default())
            .await
            .unwrap();
        made.secret_key.map(|key| key.expose().to_owned())
    }

    /// Makes an account and logs in; returns the whole answer.
    pub async fn login(&self, username: &str, role: Role) -> Value {
        let secret_key = self.account(username, role).await;
        let body = serde_json::json!({ "username": username, "password": PASSWORD, "secret_key": secret_key });
        let answer = self.post("/v1/token", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// Makes an account and logs in; returns the access token.
    pub async fn token(&self, username: &str, role: Role) -> String {
        self.login(username, role).await["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Call::post(path, &body.to_string())).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Call::new(Method::GET, path).bearer(token)).await
    }

    pub async fn call(&self, call: Call) -> Answer {
        let response = self.endpoint.call(call.0).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().into_bytes().await.unwrap();
        Answer {
            status,
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
        }
    }
}

/// A request in the making.
pub struct Call(Request);

impl Call {
    pub fn new(method: Method, path: &str) -> Self {
        let mut request = Request::builder().method(method).uri(path.parse().unwrap()).finish();
        let peer: std::net::SocketAddr = "192.0.2.1:4711".parse().unwrap();
        set_peer(&mut request, peer);
        Self(request).header("host", "localhost:8080")
    }

    pub fn post(path: &str, body: &str) -> Self {
        Self::new(Method::POST, path).json(body)
    }

    pub fn json(self, body: &str) -> Self {
        self.header("content-type", "application/json").body(body.as_bytes())
    }

    /// A form, with these fields.
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        Self::form_by(Method::POST, path, fields)
    }

    pub fn form_by(method: Method, path: &str, fields: &[(&str, &str)]) -> Self {
        let escape = |text: &str| -> String {
            let digit = |value: u8| char::from_digit(value.into(), 16).unwrap();
            let bytes = text.bytes();
            bytes
                .flat_map(|byte| ['%', digit(byte >> 4), digit(byte & 15)])
                .collect()
        };
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        Self::new(method, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(pairs.join("&").as_bytes())
    }

    pub fn body(mut self, bytes: &[u8]) -> Self {
        self.0.set_body(bytes.to_vec());
        self.header("content-length", &bytes.len().to_string())
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = poem::http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.0.headers_mut().append(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn from(mut self, peer: &str) -> Self {
        set_peer(&mut self.0, peer.parse().unwrap());
        self
    }
}

/// The peer of a request can be set only where a server makes the request.
fn set_peer(request: &mut Request, peer: std::net::SocketAddr) {
    let taken = std::mem::take(request);
    let (parts, body) = taken.into_parts();
    let mut head = poem::http::Request::new(());
    *head.method_mut() = parts.method;
    *head.uri_mut() = parts.uri;
    *head.headers_mut() = parts.headers;
    let (head, ()) = head.into_parts();
    let parts = poem::RequestParts::from((
        head,
        poem::web::LocalAddr::default(),
        RemoteAddr(Addr::SocketAddr(peer)),
        poem::http::uri::Scheme::HTTP,
    ));
    *request = Request::from_parts(parts, body);
}

impl Call {
    /// As a chunked body comes.
    pub fn without_length(mut self) -> Self {
        self.0.headers_mut().remove("content-length");
        self.header("transfer-encoding", "chunked")
    }

    pub fn announcing(mut self, length: &str) -> Self {
        self.0.headers_mut().remove("content-length");
        self.header("content-length", length)
    }
}

impl Call {
    pub fn with_body_that_never_comes(self) -> Self {
        self.with_stream(futures_util::stream::pending())
    }

    pub fn with_body_that_breaks_off(self) -> Self {
        self.with_stream(futures_util::stream::iter([
            Ok(Vec::from(b"{\"user")),
            Err(std::io::Error::other("the line is dead")),
        ]))
    }

    fn with_stream<S>(mut self, stream: S) -> Self
    where
        S: futures_util::Stream<Item = Result<Vec<u8>, std::io::Error>> + Send + 'static,
    {
        self.0.set_body(poem::Body::from_bytes_stream(stream));
        self.without_length()
    }
}
