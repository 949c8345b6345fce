//! A browser that keeps cookies and sends the forms that it was shown, and the applications that it comes from.

use std::collections::BTreeMap;
use std::time::Duration;

use application::ports::{ClientInsertion, Store as _};
use domain::client::{Client, ClientAuthentication, ClientId, ClientState, GrantType, Party, Pkce, TokenFormat};
use domain::redirect_uri::RedirectUri;
use domain::scope::Scopes;
use domain::user::Role;
use poem::http::{Method, StatusCode};
use testkit::clock::START;

use crate::service::{Answer, Call, PASSWORD, Service};

/// The challenge of RFC 7636 appendix B.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const CALLBACK: &str = "https://app.example/cb";

/// An application of somebody else, without a secret.
pub fn application(id: &str) -> Client {
    Client {
        id: ClientId::parse(id).unwrap(),
        name: format!("The {id}"),
        state: ClientState::Active,
        party: Party::Third,
        authentication: ClientAuthentication::None,
        secret: None,
        jwks: None,
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::DeviceCode,
        ],
        redirect_uris: vec![RedirectUri::register(CALLBACK).unwrap()],
        post_logout_redirect_uris: vec![RedirectUri::register("https://app.example/bye").unwrap()],
        backchannel_logout_uri: Some("https://app.example/backchannel".to_owned()),
        scopes: Scopes::parse("openid profile email offline_access account").unwrap(),
        audiences: vec!["https://api.example".to_owned()],
        access_token_lifetime: Duration::from_mins(10),
        token_format: TokenFormat::Jwt,
        refresh_token_lifetime: Duration::from_hours(24),
        refresh_token_idle: Duration::from_hours(2),
        pkce: Pkce::Required,
        requires_pushed_requests: false,
        factors: None,
        cors_origins: Vec::new(),
        version: 1,
        created_at: START,
        updated_at: START,
    }
}

/// The operator's own, which nobody is asked about.
pub fn own_application(id: &str) -> Client {
    Client {
        party: Party::First,
        ..application(id)
    }
}

impl Service {
    pub async fn add(&self, client: &Client) {
        let mut tx = self.store.begin().await.unwrap();
        let added = tx.oauth().clients().insert(client).await.unwrap();
        assert_eq!(added, ClientInsertion::Done);
        tx.commit().await.unwrap();
    }

    /// With the operator's application `app` and an account; gives the secret key of the account.
    pub async fn with_app() -> (Self, String) {
        let service = Self::open().await;
        service.add(&own_application("app")).await;
        let key = service.account("alice", Role::User).await;
        (service, key)
    }
}

pub fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A good request of `client`, but for these parameters: an empty value leaves one out.
pub fn request(client: &str, changed: &[(&str, &str)]) -> String {
    let mut parameters: Vec<(&str, &str)> = vec![
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changed {
        parameters.retain(|(known, _)| known != name);
        if !value.is_empty() {
            parameters.push((name, value));
        }
    }
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The value of a parameter of an address.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    let mut values = url.query_pairs().filter(|(known, _)| known == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    assert!(values.next().is_none(), "{name} is there twice: {address}");
    value
}

#[derive(Clone)]
pub struct Browser<'a> {
    pub service: &'a Service,
    pub cookies: BTreeMap<String, String>,
    /// The hidden field of the last form.
    pub csrf: String,
    /// What it says of where a form comes from.
    pub headers: Vec<(&'static str, String)>,
}

impl<'a> Browser<'a> {
    pub fn new(service: &'a Service) -> Self {
        Self {
            service,
            cookies: BTreeMap::new(),
            csrf: String::new(),
            headers: Vec::new(),
        }
    }

    pub async fn get(&mut self, address: &str) -> Answer {
        self.call(Call::new(Method::GET, address)).await
    }

    /// Sends the form of the page that was shown last.
    pub async fn send(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.post(address, &all).await
    }

    /// Sends these fields and no others.
    pub async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        self.call(Call::form(address, fields)).await
    }

    async fn call(&mut self, call: Call) -> Answer {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut call = if pairs.is_empty() {
            call
        } else {
            call.header("cookie", &pairs.join("; "))
        };
        for (name, value) in &self.headers {
            call = call.header(name, value);
        }
        let answer = self.service.call(call).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (pair, attributes) = text.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{text}");
            assert!(
                attributes.starts_with("Path=/; Secure; HttpOnly; SameSite=Lax"),
                "{text}"
            );
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some((_, rest)) = answer.text.split_once("name=\"csrf\" value=\"") {
            rest.split('"').next().unwrap().clone_into(&mut self.csrf);
        }
        answer
    }

    pub fn session(&self) -> Option<&String> {
        self.cookies.get("__Host-countersign-session")
    }

    /// Logs in with password and secret key, from the login page of this query on. Gives the answer to the last form.
    pub async fn log_in(&mut self, query: &str, name: &str, key: &str) -> Answer {
        let page = self.get(&format!("/auth/login?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let sent = self
            .send(
                &format!("/auth/login?{query}"),
                &[("username", name), ("password", PASSWORD)],
            )
            .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let factor = sent.location();
        assert!(factor.starts_with("/auth/login/factor"), "{factor}");
        let page = self.get(&factor).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        self.send(&factor, &[("factor", "secret_key"), ("code", key)]).await
    }

    /// Asks for a code, logs in on the way, and gives the address that the browser is sent to in the end.
    pub async fn obtain(&mut self, query: &str, name: &str, key: &str) -> String {
        let begun = self.get(&format!("/auth/authorize?{query}")).await;
        let login = begun.location();
        assert!(login.starts_with("/auth/login?"), "{login}");
        let done = self
            .log_in(login.strip_prefix("/auth/login?").unwrap(), name, key)
            .await;
        self.get(&done.location()).await.location()
    }
}

impl Answer {
    /// Where a browser is sent.
    #[track_caller]
    pub fn location(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.header("location").to_owned()
    }

    /// That it is a page, of this status, and nobody is sent anywhere.
    #[track_caller]
    pub fn assert_page(&self, status: u16) {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{} {}",
            self.header("location"),
            self.text
        );
        assert_eq!(self.header("location"), "");
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(self.header("cache-control"), "no-store");
        let policy = self.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
