//! A service in memory, for the tests of the use cases: real rules and real cryptography, the memory store, a clock that the
//! test moves, and ports that count what is asked of them.
#![expect(dead_code, reason = "each test file uses its part")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test support: a surprise is a failed test"
)]

pub mod phone;

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use application::App;
use application::accounts::{NewUser, Registered};
use application::actor::Actor;
use application::core::{BrowserPolicy, FirstFactor, OAuthPolicy, Policies, Ports, Registration};
use application::ports::{Digester, HasherBusy, PasswordCheck, PasswordHasher, Purpose, Sealer, Store, Unsealable};
use application::sign_in::{
    ContinuedLogin, LoginError, LoginName, LoginOutcome, LoginTerms, PasswordLogin, SecondFactor,
};
use application::tokens::{Caller, IssuedTokens, TokenForm, Unauthenticated};
use async_trait::async_trait;
use crypto::Adapters;
use crypto::master_key::MasterKey;
use crypto::password_hasher::{Parameters, PoolSettings};
use domain::authenticator::OtpRule;
use domain::claims::{Expectation, Use};
use domain::factor::FactorPolicies;
use domain::lockout::LockoutPolicy;
use domain::secret::{AuthSessionHandle, Digest, Password, PasswordHash, Sealed, SecretKey};
use domain::session::{Lifetimes, Origin};
use domain::signing_key::{Algorithm, RotationPolicy};
use domain::user::{Role, User};
use domain::username::Username;
use testkit::clock::ManualClock;
use testkit::entropy::SeededEntropy;
use testkit::keys::QuickKeys;
use testkit::memory::MemoryStore;
use testkit::outbound::Recorded;
use zeroize::Zeroizing;

pub const PASSWORD: &str = "correct horse battery staple";

/// Counts comparisons: what an attacker must not get more of than he is allowed.
struct CountingHasher {
    inner: Arc<dyn PasswordHasher>,
    checks: AtomicUsize,
    /// Checks of a stored hash, as against work done for nothing.
    real_checks: AtomicUsize,
}

#[async_trait]
impl PasswordHasher for CountingHasher {
    fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherBusy> {
        self.inner.hash(password).await
    }

    async fn check(&self, password: Password, hash: Option<PasswordHash>) -> Result<PasswordCheck, HasherBusy> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        if hash.is_some() {
            self.real_checks.fetch_add(1, Ordering::SeqCst);
        }
        self.inner.check(password, hash).await
    }
}

struct CountingDigester {
    inner: Arc<dyn Digester>,
    secret_keys: AtomicUsize,
    recovery_codes: AtomicUsize,
}

impl Digester for CountingDigester {
    fn digest(&self, purpose: Purpose, bytes: &[u8]) -> Digest {
        if purpose == Purpose::SecretKey {
            self.secret_keys.fetch_add(1, Ordering::SeqCst);
        }
        if purpose == Purpose::RecoveryCode {
            self.recovery_codes.fetch_add(1, Ordering::SeqCst);
        }
        self.inner.digest(purpose, bytes)
    }
}

/// Counts the secrets of authenticators that are opened: each for one comparison with one code.
struct CountingSealer {
    inner: Arc<dyn Sealer>,
    opened: AtomicUsize,
}

impl Sealer for CountingSealer {
    fn seal(&self, plain: &[u8], identity: &str) -> Sealed {
        self.inner.seal(plain, identity)
    }

    fn open(&self, sealed: &Sealed, identity: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        if identity.starts_with("authenticators.") {
            self.opened.fetch_add(1, Ordering::SeqCst);
        }
        self.inner.open(sealed, identity)
    }
}

pub struct World {
    pub app: Arc<App>,
    pub clock: Arc<ManualClock>,
    pub store: Arc<MemoryStore>,
    hasher: Arc<CountingHasher>,
    digester: Arc<CountingDigester>,
    sealer: Arc<CountingSealer>,
    /// What left the house.
    pub outbound: Arc<Recorded>,
    ports: Ports,
}

/// An account with what its owner knows.
pub struct Owner {
    pub user: User,
    pub key: String,
}

/// Real cryptography with a hash that costs nearly nothing.
pub fn adapters(master: &MasterKey, parameters: Parameters) -> Adapters {
    adapters_with_places(master, parameters, 4_096)
}

fn adapters_with_places(master: &MasterKey, parameters: Parameters, places: usize) -> Adapters {
    let queue = NonZero::new(places).unwrap();
    Adapters::new(
        master,
        PoolSettings {
            parameters,
            threads: NonZero::new(2),
            queue,
        },
    )
    .unwrap()
}

pub fn policies() -> Policies {
    Policies {
        registration: Registration::Open,
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
            issuer: "https://issuer.example".into(),
            audience: "https://api.example".into(),
            leeway: Duration::from_secs(5),
        },
        client_id: "countersign".into(),
        rotation: RotationPolicy {
            algorithm: Algorithm::Es256,
            active_for: Duration::from_hours(90 * 24),
            publish_ahead: Duration::from_hours(24),
            retire_after: Duration::from_hours(25),
        },
        revocations_stale_after: Duration::from_secs(1),
        token_cache: 1_000,
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(policies()).await
    }

    pub async fn with(policies: Policies) -> Self {
        Self::build(policies, 4_096).await
    }

    /// With this many places for hashing.
    pub async fn with_hashing_places(places: usize) -> Self {
        Self::build(policies(), places).await
    }

    async fn build(policies: Policies, places: usize) -> Self {
        let clock = Arc::new(ManualClock::default());
        let entropy = Arc::new(SeededEntropy::new(7));
        let store = Arc::new(MemoryStore::default());
        let outbound = Arc::new(Recorded::default());
        let master = MasterKey::generate(entropy.as_ref());
        let adapters = adapters_with_places(&master, Parameters::for_tests(), places);
        let hasher = Arc::new(CountingHasher {
            inner: adapters.password_hasher.clone(),
            checks: AtomicUsize::new(0),
            real_checks: AtomicUsize::new(0),
        });
        let digester = Arc::new(CountingDigester {
            inner: adapters.digester.clone(),
            secret_keys: AtomicUsize::new(0),
            recovery_codes: AtomicUsize::new(0),
        });
        let sealer = Arc::new(CountingSealer {
            inner: adapters.sealer.clone(),
            opened: AtomicUsize::new(0),
        });
        let ports = Ports {
            store: Arc::clone(&store) as Arc<dyn Store>,
            clock: clock.clone(),
            entropy,
            password_hasher: hasher.clone(),
            digester: digester.clone(),
            sealer: sealer.clone(),
            outbound: outbound.clone(),
            token_keys: Arc::new(QuickKeys::new(adapters.token_keys.clone())),
            client_keys: adapters.client_keys.clone(),
        };
        let app = Arc::new(App::new(ports.clone(), policies));
        app.wake().await.unwrap();
        Self {
            app,
            clock,
            store,
            hasher,
            digester,
            sealer,
            outbound,
            ports,
        }
    }

    /// Another node on the same store.
    pub async fn second_node(&self) -> Arc<App> {
        let app = Arc::new(App::new(self.ports.clone(), self.app.core.policies.clone()));
        app.wake().await.unwrap();
        app
    }

    /// The ports, to build a node with one of them replaced.
    pub fn ports(&self) -> Ports {
        self.ports.clone()
    }

    /// How many passwords were compared with a stored hash.
    pub fn passwords_compared(&self) -> usize {
        self.hasher.real_checks.load(Ordering::SeqCst)
    }

    /// How often the work of a comparison was done, with or without a stored hash.
    pub fn hashing_work(&self) -> usize {
        self.hasher.checks.load(Ordering::SeqCst)
    }

    /// How many secret keys were digested, and so could have been compared.
    pub fn keys_compared(&self) -> usize {
        self.digester.secret_keys.load(Ordering::SeqCst)
    }

    /// How many recovery codes were digested, and so could have been compared.
    pub fn recovery_codes_compared(&self) -> usize {
        self.digester.recovery_codes.load(Ordering::SeqCst)
    }

    /// How often the secret of an authenticator was opened, and so a code could have been compared.
    pub fn codes_compared(&self) -> usize {
        self.sealer.opened.load(Ordering::SeqCst)
    }

    pub async fn register(&self, name: &str) -> Owner {
        self.register_as(name, Role::User).await
    }

    pub async fn admin(&self, name: &str) -> Owner {
        self.register_as(name, Role::Admin).await
    }

    async fn register_as(&self, name: &str, role: Role) -> Owner {
        let Registered { user, secret_key, .. } = self
            .app
            .register
            .execute(Some(&Actor::Operator), new_user(name, role), &Origin::default())
            .await
            .unwrap();
        Owner {
            user,
            key: secret_key.map(|key| key.expose().to_owned()).unwrap_or_default(),
        }
    }

    pub async fn login(&self, name: &str, password: &str, key: Option<&str>) -> Result<LoginOutcome, LoginError> {
        self.login_with(name, password, key, terms("192.0.2.1")).await
    }

    pub async fn login_with(
        &self,
        name: &str,
        password: &str,
        key: Option<&str>,
        terms: LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        self.app
            .sign_in
            .with_password(password_login(name, password, key, terms))
            .await
    }

    pub async fn tokens(&self, owner: &Owner) -> IssuedTokens {
        granted(
            self.login(owner.user.username.as_str(), PASSWORD, Some(&owner.key))
                .await,
        )
    }

    pub async fn caller(&self, owner: &Owner) -> Caller {
        self.believes(&self.tokens(owner).await.access_token).await.unwrap()
    }

    pub async fn believes(&self, access_token: &str) -> Result<Caller, Unauthenticated> {
        self.app.authenticate.execute(access_token).await
    }

    /// Proves the password only.
    pub async fn pending(&self, owner: &Owner) -> AuthSessionHandle {
        match self.login(owner.user.username.as_str(), PASSWORD, None).await.unwrap() {
            LoginOutcome::SecondFactorNeeded { auth_session, .. } => auth_session.unwrap(),
            LoginOutcome::EnrolmentNeeded { .. } => panic!("an enrolment is needed"),
            LoginOutcome::Granted(_) | LoginOutcome::Browser(_) | LoginOutcome::Code(_) => {
                panic!("a password alone must not be enough")
            }
        }
    }

    pub async fn complete(&self, handle: &str, key: &str) -> Result<LoginOutcome, LoginError> {
        let login = ContinuedLogin {
            auth_session: AuthSessionHandle::parse(handle).unwrap(),
            second: SecondFactor::SecretKey(SecretKey::parse(key).unwrap()),
            terms: terms("192.0.2.1"),
        };
        self.app.sign_in.with_auth_session(login).await
    }

    /// A secret key of the right form that nobody has.
    pub fn wrong_key(&self) -> String {
        let bytes = application::ports::entropy::secret_bytes(self.ports.entropy.as_ref());
        SecretKey::generate(&bytes).expose().to_owned()
    }
}

pub fn terms(network: &str) -> LoginTerms {
    LoginTerms {
        scopes: None,
        usage: Use::Many,
        form: TokenForm::AccessToken,
        client: None,
        otp: None,
        origin: Origin::default(),
        network: network.to_owned(),
    }
}

pub fn once() -> LoginTerms {
    LoginTerms {
        usage: Use::Once,
        ..terms("192.0.2.1")
    }
}

pub fn new_user(name: &str, role: Role) -> NewUser {
    NewUser {
        username: Username::new(name).unwrap(),
        password: Password::new(PASSWORD).unwrap(),
        email: None,
        display_name: None,
        role,
        first_factor: None,
    }
}

pub fn password_login(name: &str, password: &str, key: Option<&str>, terms: LoginTerms) -> PasswordLogin {
    PasswordLogin {
        name: LoginName::Username(Username::new(name).unwrap()),
        password: Password::new(password).unwrap(),
        second: key.map(|key| SecondFactor::SecretKey(SecretKey::parse(key).unwrap())),
        terms,
    }
}

pub fn granted(outcome: Result<LoginOutcome, LoginError>) -> IssuedTokens {
    match outcome {
        Ok(LoginOutcome::Granted(tokens)) => *tokens,
        Ok(LoginOutcome::Browser(_) | LoginOutcome::Code(_)) => panic!("no tokens"),
        Ok(LoginOutcome::EnrolmentNeeded { .. }) => panic!("an enrolment is needed"),
        Ok(LoginOutcome::SecondFactorNeeded { .. }) => panic!("a second factor is still needed"),
        Err(error) => panic!("the login was not granted: {error}"),
    }
}

pub fn is_refused(outcome: &Result<LoginOutcome, LoginError>) -> bool {
    matches!(outcome, Err(LoginError::Refused))
}
