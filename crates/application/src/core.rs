//! What every use case stands on: the ports, the numbers of the rules, and the two views that nodes keep in memory.

mod policies;
mod secrets;

use std::sync::Arc;
use std::time::Duration;

use domain::authenticator::OtpRule;
use domain::claims::Expectation;
use domain::factor::FactorPolicies;
use domain::lockout::LockoutPolicy;
use domain::session::Lifetimes;
use domain::signing_key::{KeyPurpose, RotationPolicy};
use domain::time::Timestamp;

pub use self::policies::{AidboxPolicy, BrowserPolicy, OAuthPolicy, UnknownAttributes};
use crate::hashing::Hashing;
use crate::ports::{ClientKeys, Clock, Digester, Entropy, Outbound, PasswordHasher, Sealer, Store, TokenKeys, entropy};

/// The adapters.
#[derive(Clone)]
pub struct Ports {
    /// Storage.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Password hashing.
    pub password_hasher: Arc<dyn PasswordHasher>,
    /// Keyed digests.
    pub digester: Arc<dyn Digester>,
    /// Sealing.
    pub sealer: Arc<dyn Sealer>,
    /// Signing and verifying.
    pub token_keys: Arc<dyn TokenKeys>,
    /// Calls to others.
    pub outbound: Arc<dyn Outbound>,
    /// The keys of clients.
    pub client_keys: Arc<dyn ClientKeys>,
}

/// Who may register an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Administrators.
    Admin,
}

/// What a new account proves itself with besides its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstFactor {
    /// A secret key, which registering gives.
    SecretKey,
    /// Nothing yet: its owner enrols an authenticator before the first login is complete.
    Enrolment,
}

/// Whether a one-time code alone is enough at the Orion profile, as that service has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeOnly {
    /// A password must have been proved, too.
    Refused,
    /// A code is enough, and the token says that it was all.
    Allowed,
}

/// The Orion profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrionPolicy {
    /// The `iss` of its tokens, and what apps show of authenticators enrolled below `/users`.
    pub issuer: String,
    /// What apps show of authenticators enrolled below `/api/users`.
    pub totp_issuer: String,
    /// Whether a code alone is enough.
    pub code_only: CodeOnly,
}

/// The numbers of the rules, from the settings.
#[derive(Debug, Clone)]
pub struct Policies {
    /// Who may register.
    pub registration: Registration,
    /// How guessing is bounded.
    pub lockout: LockoutPolicy,
    /// What new accounts get as their first second factor.
    pub first_factor: FirstFactor,
    /// Which factors a login must prove, for whom.
    pub factors: FactorPolicies,
    /// Which one-time codes are accepted.
    pub otp: OtpRule,
    /// What authenticator apps show as the name of this service.
    pub totp_issuer: String,
    /// How long a recovery code that an administrator made is good.
    pub issued_recovery_lifetime: Duration,
    /// The Orion profile, if it is switched on.
    pub orion: Option<OrionPolicy>,
    /// The authorization server.
    pub oauth: OAuthPolicy,
    /// Sessions of browsers.
    pub browser: BrowserPolicy,
    /// The Aidbox profile, if it is switched on.
    pub aidbox: Option<AidboxPolicy>,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How long a new secret key works; `None` for ever.
    pub secret_key_lifetime: Option<Duration>,
    /// Issuer, audience and leeway of access tokens.
    pub expectation: Expectation,
    /// The client that tokens of `/v1/token` are issued to.
    pub client_id: String,
    /// When signing keys change.
    pub rotation: RotationPolicy,
    /// How old a node's view of the revocations may be before it asks the store, and refuses if the store is silent.
    pub revocations_stale_after: Duration,
    /// How many verified tokens are remembered; zero for none.
    pub token_cache: usize,
}

impl Policies {
    /// The origins from which pages may load the style sheets that documents of the Aidbox profile name.
    pub fn style_origins(&self) -> &[String] {
        self.aidbox.as_ref().map_or(&[], |policy| &policy.style_origins)
    }

    /// Whether anything is signed for `purpose`.
    pub const fn signs(&self, purpose: KeyPurpose) -> bool {
        match purpose {
            KeyPurpose::AccessToken | KeyPurpose::IdToken => true,
            KeyPurpose::Orion => self.orion.is_some(),
        }
    }

    /// The purposes for which something is signed.
    pub fn signed_purposes(&self) -> impl Iterator<Item = KeyPurpose> + '_ {
        KeyPurpose::ALL.into_iter().filter(|purpose| self.signs(*purpose))
    }
}

/// Ports and policies.
pub struct Core {
    /// The adapters.
    pub ports: Ports,
    /// The numbers.
    pub policies: Policies,
    /// Places for hashing.
    pub hashing: Hashing,
}

impl Core {
    /// Puts the numbers beside the adapters.
    pub fn new(ports: Ports, policies: Policies) -> Self {
        let hashing = Hashing::new(Arc::clone(&ports.password_hasher));
        Self {
            ports,
            policies,
            hashing,
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// 16 random bytes for an identifier.
    pub fn random_id(&self) -> [u8; 16] {
        entropy::bytes(self.ports.entropy.as_ref())
    }
}
