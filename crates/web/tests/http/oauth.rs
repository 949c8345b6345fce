//! The authorization server, as client applications see it.

mod abuse;
mod challenge;
mod clients;
mod codes;
mod consents;
mod devices;
mod discovery;
mod errors;
mod exchange;
mod password;
mod tokens;

use std::time::Duration;

use application::ports::{Purpose, Store};
use domain::authorization::{ClientRequest, CodeChallenge, CompletedLogin, RequestedClaims, StoredCode};
use domain::client::ClientId;
use domain::consent::Consent;
use domain::factor::{FactorType, Proved};
use domain::scope::Scopes;
use domain::secret::AuthorizationCode;
use domain::user::Role;
use domain::username::Username;
use poem::http::Method;
use serde_json::{Value, json};

use crate::service::{Answer, Call, Service};

/// The verifier of RFC 7636 appendix B, and its challenge.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const REDIRECT: &str = "https://shop.example.com/callback";

/// A service with an administrator, and a person who can log in.
pub struct Server {
    pub service: Service,
    pub admin: String,
    pub key: String,
}

/// A client with its secret.
pub struct Registered {
    pub id: String,
    pub secret: String,
}

impl Registered {
    /// Its own parameters, and these.
    pub fn with<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![("client_id", self.id.as_str())];
        if !self.secret.is_empty() {
            fields.push(("client_secret", &self.secret));
        }
        fields.extend_from_slice(more);
        fields
    }
}

impl Server {
    pub async fn new() -> Self {
        let service = Service::open().await;
        let admin = service.token("root", Role::Admin).await;
        let key = service.account("alice", Role::User).await;
        Self { service, admin, key }
    }

    /// Registers a client, with these members besides those of a usual one.
    pub async fn register(&self, more: Value) -> Registered {
        let answer = self.try_register(more).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let json = answer.json();
        Registered {
            id: json["client_id"].as_str().unwrap().to_owned(),
            secret: json["client_secret"].as_str().unwrap_or_default().to_owned(),
        }
    }

    pub async fn try_register(&self, more: Value) -> Answer {
        let mut body = json!({
            "client_name": "The shop",
            "redirect_uris": [REDIRECT],
            "scope": "openid profile email account files",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let call = Call::post("/v1/admin/clients", &body.to_string());
        self.service.call(call.bearer(&self.admin)).await
    }

    pub async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let call = Call::new(method, path).bearer(&self.admin);
        let call = match body {
            Some(body) => call.json(&body.to_string()),
            None => call,
        };
        self.service.call(call).await
    }

    /// Sends a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.service.call(Call::form(path, fields)).await
    }

    /// Asks the token endpoint.
    pub async fn token(&self, client: &Registered, fields: &[(&str, &str)]) -> Answer {
        self.form("/auth/token", &client.with(fields)).await
    }

    /// A completed login of somebody.
    pub async fn login_of(&self, username: &str) -> CompletedLogin {
        let mut tx = self.service.store.read().await.unwrap();
        let name = Username::new(username).unwrap();
        let user = tx.users().find_by_username(&name).await.unwrap().unwrap();
        CompletedLogin {
            user: user.id,
            epoch: user.epoch,
            proved: Proved::new(
                vec![FactorType::Password, FactorType::Totp],
                self.service.app.core.now(),
            ),
            authenticator: None,
            parent: None,
        }
    }

    /// A code as the authorization endpoint stores it.
    pub async fn code(&self, client: &Registered, scope: &str) -> String {
        self.code_with(client, scope, |_| {}).await
    }

    pub async fn code_with(&self, client: &Registered, scope: &str, change: impl FnOnce(&mut StoredCode)) -> String {
        let core = &self.service.app.core;
        let random = application::ports::entropy::secret_bytes(core.ports.entropy.as_ref());
        let code = AuthorizationCode::generate(&random);
        let digest = core
            .ports
            .digester
            .digest(Purpose::AuthorizationCode, code.expose().as_bytes());
        let mut stored = StoredCode {
            digest,
            request: ClientRequest {
                client: ClientId::parse(&client.id).unwrap(),
                scopes: Scopes::parse(scope).unwrap(),
                audience: vec![],
                challenge: CodeChallenge::parse(CHALLENGE),
                nonce: Some("n-0S6".to_owned()),
                claims: RequestedClaims::default(),
                max_age: None,
            },
            redirect_uri: Some(REDIRECT.to_owned()),
            login: self.login_of("alice").await,
            expires_at: core.now().after(Duration::from_mins(1)),
        };
        change(&mut stored);
        let mut tx = self.service.store.begin().await.unwrap();
        tx.oauth().codes().insert(&stored).await.unwrap();
        let consent = Consent {
            user: stored.login.user,
            client: stored.request.client.clone(),
            scopes: stored.request.scopes.clone(),
            granted_at: core.now(),
        };
        tx.oauth().consents().put(&consent).await.unwrap();
        tx.commit().await.unwrap();
        code.expose().to_owned()
    }

    /// Redeems a code as it should be.
    pub async fn redeem(&self, client: &Registered, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.token(client, &fields).await
    }

    /// Tokens for alice.
    pub async fn tokens(&self, client: &Registered, scope: &str) -> Value {
        let code = self.code(client, scope).await;
        let answer = self.redeem(client, &code).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// What introspection says of a token.
    pub async fn introspect(&self, client: &Registered, token: &str) -> Value {
        let answer = self.form("/auth/introspect", &client.with(&[("token", token)])).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

/// The text of a member.
pub fn text(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} in {value}"))
        .to_owned()
}

/// That it is an error in the one shape.
#[track_caller]
pub fn assert_error(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let json = answer.json();
    assert_eq!(json["error"], error, "{}", answer.text);
    assert!(json["error_description"].is_string(), "{}", answer.text);
    assert_eq!(json.get("code"), None, "{}", answer.text);
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
