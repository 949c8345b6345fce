//! A whole service in this process, on a port of its own.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use application::App;
use application::accounts::NewUser;
use application::actor::Actor;
use application::ports::Clock;
use crypto::password_hasher::{Parameters, PoolSettings};
use crypto::token_keys::JwsKeys;
use domain::secret::Password;
use domain::session::Origin;
use domain::user::Role;
use domain::username::Username;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use server::{Overrides, Running, StartError};
use settings::{Override, Settings, Sources};
use tempfile::TempDir;
use testkit::clock::ManualClock;
use testkit::keys::QuickKeys;
use testkit::postgres::{Cluster, REQUIREMENT};

use crate::answer::Answer;
use crate::call::Call;
use crate::person::{PASSWORD, Person, Tokens};

/// How a service is to be started: everything on a free port in a folder of its own, unless something else is said.
#[derive(Clone)]
pub struct Setup {
    settings: Vec<(String, String)>,
    clock: Option<Arc<dyn Clock>>,
    hashing: PoolSettings,
    folder: Arc<TempDir>,
}

impl Default for Setup {
    fn default() -> Self {
        let queue = NonZeroUsize::new(4_096).unwrap();
        let setup = Self {
            settings: Vec::new(),
            clock: None,
            hashing: PoolSettings {
                parameters: Parameters::for_tests(),
                threads: NonZeroUsize::new(2),
                queue,
            },
            folder: Arc::new(tempfile::tempdir().unwrap()),
        };
        let folder = setup.folder.path().to_str().unwrap().to_owned();
        setup
            .set("data.dir", &folder)
            .set("http.listen", "127.0.0.1:0")
            .set("metrics.enabled", "false")
            .set("accounts.registration", "open")
            .set("rate_limit.enabled", "false")
            // A crowd comes from one address.
            .set("http.max_connections_per_address", "0")
    }
}

impl Setup {
    /// Changes a setting; the value is written as the environment would give it.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With a clock that the test moves.
    #[must_use]
    pub fn clock(mut self, clock: &Arc<ManualClock>) -> Self {
        self.clock = Some(Arc::clone(clock) as _);
        self
    }

    /// With another cost of passwords, and another queue for them.
    #[must_use]
    pub fn hashing(mut self, hashing: PoolSettings) -> Self {
        self.hashing = hashing;
        self
    }

    /// On that database, with that master key, which all nodes of one service share.
    #[must_use]
    pub fn database(self, url: &str, master_key: &str) -> Self {
        self.set("database.url", url).set("secrets.master_key", master_key)
    }

    /// The folder of the service's data. It stays as long as a copy of this setup, or a service made from it, exists.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        let overrides = self
            .settings
            .iter()
            .map(|(key, value)| Override::new("test", key, value))
            .collect();
        let sources = Sources {
            overrides,
            ..Sources::default()
        };
        Settings::load(&sources).unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// Starts a service.
    pub async fn start(&self) -> Service {
        self.try_start().await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts a service, or says why it does not start.
    pub async fn try_start(&self) -> Result<Service, StartError> {
        let overrides = Overrides {
            clock: self.clock.clone(),
            token_keys: Some(Arc::new(QuickKeys::new(Arc::new(JwsKeys)))),
            hashing: Some(self.hashing),
            ..Overrides::default()
        };
        let running = server::start(&self.settings(), overrides).await?;
        Ok(Service {
            http: Client::new(),
            setup: self.clone(),
            running,
        })
    }
}

/// A running service, and a caller's view of it.
pub struct Service {
    /// The service.
    pub running: Running,
    setup: Setup,
    http: Client,
}

impl Service {
    /// On SQLite, with open registration and without rate limits.
    pub async fn sqlite() -> Self {
        Setup::default().start().await
    }

    /// As [`Service::sqlite`], with some things changed.
    pub async fn with(change: impl FnOnce(Setup) -> Setup) -> Self {
        change(Setup::default()).start().await
    }

    /// On SQLite, with a clock that the test moves.
    pub async fn with_clock() -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        (Self::with(|setup| setup.clock(&clock)).await, clock)
    }

    /// Its clock.
    pub fn now(&self) -> domain::time::Timestamp {
        self.app().core.now()
    }

    /// On an empty PostgreSQL database; `None`, and a note by name, if there is no PostgreSQL.
    pub async fn postgres() -> Option<Self> {
        Some(on_postgres(Setup::default()).await?.start().await)
    }

    /// Ends it with grace, and gives what it was started with.
    pub async fn stop(self) -> Setup {
        let Self { running, setup, .. } = self;
        running.stop().await;
        setup
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// The `iss` of its tokens.
    pub fn issuer(&self) -> &str {
        &self.running.public_url
    }

    /// Its use cases.
    pub fn app(&self) -> &App {
        &self.running.app
    }

    /// A call of any method.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let url = format!("http://{}{path}", self.running.address);
        Call::new(&self.http, Method::from_bytes(method.as_bytes()).unwrap(), &url)
    }

    /// A `GET`.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// A `POST`.
    pub fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    /// A `DELETE`.
    pub fn delete(&self, path: &str) -> Call {
        self.call("DELETE", path)
    }

    /// Registers an account over HTTP, as a stranger does.
    pub async fn register(&self, username: &str) -> Person {
        let body = json!({"username": username, "password": PASSWORD});
        let made = self.post("/v1/users").json(&body).await.expect_json(201);
        let text = |name: &str| {
            made[name]
                .as_str()
                .unwrap_or_else(|| panic!("no {name} in {made}"))
                .to_owned()
        };
        let (id, username, secret_key) = (text("id"), text("username"), text("secret_key"));
        Person {
            id,
            username,
            password: PASSWORD.to_owned(),
            secret_key,
        }
    }

    /// Makes an administrator, as the operator does on the command line.
    pub async fn admin(&self, username: &str) -> Person {
        let new = NewUser {
            username: Username::new(username).unwrap(),
            password: Password::new(PASSWORD).unwrap(),
            email: None,
            display_name: None,
            role: Role::Admin,
            first_factor: None,
        };
        let made = self
            .app()
            .register
            .execute(Some(&Actor::Operator), new, &Origin::default())
            .await;
        let made = made.unwrap_or_else(|error| panic!("{error}"));
        Person {
            id: made.user.id.to_string(),
            username: username.to_owned(),
            password: PASSWORD.to_owned(),
            secret_key: made.secret_key.unwrap().expose().to_owned(),
        }
    }

    /// Asks for a token with this body.
    pub async fn token(&self, body: &Value) -> Answer {
        self.post("/v1/token").json(body).await
    }

    /// Logs in with everything in one call.
    pub async fn log_in(&self, person: &Person) -> Tokens {
        Tokens::read(&self.token(&person.credentials()).await.expect_json(200))
    }

    /// Makes an administrator and logs in.
    pub async fn admin_token(&self) -> String {
        let admin = self.admin("root").await;
        self.log_in(&admin).await.access
    }

    /// Makes an account and logs in.
    pub async fn logged_in(&self, username: &str) -> (Person, Tokens) {
        let person = self.register(username).await;
        let tokens = self.log_in(&person).await;
        (person, tokens)
    }

    /// Proves the password only.
    pub async fn auth_session(&self, person: &Person) -> String {
        let problem = self
            .token(&person.password_only())
            .await
            .expect_problem(403, "mfa_required");
        problem["auth_session"].as_str().expect("an auth_session").to_owned()
    }

    /// The status of the resource for this token.
    pub async fn resource(&self, token: &str) -> u16 {
        self.get("/v1/resource").bearer(token).await.status
    }

    /// The published keys.
    pub async fn jwks(&self) -> Value {
        self.get("/.well-known/jwks.json").await.expect(200).json()
    }

    /// Uses a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/v1/token/refresh")
            .json(&json!({"refresh_token": refresh_token}))
            .await
    }

    /// The audit log's entries of a kind, newest first.
    pub async fn events(&self, admin_token: &str, kind: &str) -> Vec<Value> {
        let first = format!("/v1/admin/events?limit=200&kind={kind}");
        let (mut events, mut path) = (Vec::new(), first.clone());
        loop {
            let page = self.get(&path).bearer(admin_token).await.expect_json(200);
            events.extend_from_slice(page["events"].as_array().expect("events"));
            match page["next_before"].as_i64() {
                Some(before) => path = format!("{first}&before={before}"),
                None => return events,
            }
        }
    }
}

/// Puts a setup on an empty PostgreSQL database.
pub async fn on_postgres(setup: Setup) -> Option<Setup> {
    let Some(cluster) = Cluster::shared().await else {
        testkit::requirement::missing(REQUIREMENT);
        return None;
    };
    Some(setup.database(&cluster.create_database().await, &master_key()))
}

/// A new master key.
pub fn master_key() -> String {
    crypto::master_key::MasterKey::generate(&crypto::entropy::OsEntropy)
        .to_text()
        .to_string()
}
