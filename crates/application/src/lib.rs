//! What the service can do (the use cases), and what it needs to do it (the [`ports`]).

pub mod accounts;
pub mod actor;
pub mod admin;
pub mod aidbox;
pub mod audit;
pub mod authorize;
pub mod browser;
pub mod clients;
pub mod core;
pub mod hashing;
pub mod housekeeping;
pub mod keys;
pub mod oauth;
pub mod ports;
pub mod readiness;
pub mod revocation_feed;
pub mod sign_in;
pub mod tokens;

use std::sync::Arc;

use crate::accounts::{
    ChangePassword, EndSessions, ManageAuthenticators, Queries, RegenerateRecoveryCodes, Register, RequestRecovery,
    ResetPasswords, RotateSecretKey, UpdateProfile,
};
use crate::admin::{Import, ManageFactors, ManageUsers};
use crate::aidbox::Aidbox;
use crate::authorize::{ApproveDevices, Authorize};
use crate::browser::{Browsers, NotifyLogout};
use crate::core::{Core, Policies, Ports};
use crate::housekeeping::Housekeeping;
use crate::keys::{KeyRing, KeyRotation};
use crate::oauth::OAuth;
use crate::readiness::Readiness;
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::{Gate, SignIn};
use crate::tokens::{Authenticate, OrionTokens, Refresh, Revoke, StepUp};

/// Everything the service can do: one field per use case.
pub struct App {
    /// Ports and policies.
    pub core: Arc<Core>,
    /// Makes accounts.
    pub register: Register,
    /// Logs in. Shared, because a login that has begun goes on when its caller hangs up: what was charged is also written
    /// down.
    pub sign_in: Arc<SignIn>,
    /// Refreshes.
    pub refresh: Refresh,
    /// Proves a second factor again within a session.
    pub step_up: StepUp,
    /// Revokes tokens.
    pub revoke: Revoke,
    /// Believes access tokens.
    pub authenticate: Arc<Authenticate>,
    /// Believes and renews tokens of the Orion profile.
    pub orion_tokens: OrionTokens,
    /// The authorization server.
    pub oauth: OAuth,
    /// Answers authorization requests.
    pub authorize: Authorize,
    /// Lets people decide about devices.
    pub approve_devices: ApproveDevices,
    /// Looks after browsers that are logged in.
    pub browsers: Browsers,
    /// Tells clients that sessions ended. Shared, because notices are delivered at the same time.
    pub notify_logout: Arc<NotifyLogout>,
    /// Reads.
    pub queries: Queries,
    /// Looks after one's own authenticators.
    pub authenticators: ManageAuthenticators,
    /// Makes new recovery codes.
    pub recovery_codes: RegenerateRecoveryCodes,
    /// Changes one's own address and display name.
    pub update_profile: UpdateProfile,
    /// Puts a request for help with a lost password on record.
    pub request_recovery: RequestRecovery,
    /// Changes passwords.
    pub change_password: ChangePassword,
    /// Makes and redeems links for new passwords.
    pub reset_passwords: ResetPasswords,
    /// Replaces secret keys.
    pub rotate_secret_key: RotateSecretKey,
    /// Ends sessions.
    pub end_sessions: EndSessions,
    /// Administers accounts.
    pub manage_users: ManageUsers,
    /// Administers the second factors of accounts.
    pub manage_factors: ManageFactors,
    /// Brings accounts and authenticators from other services.
    pub import: Import,
    /// The Aidbox profile.
    pub aidbox: Aidbox,
    /// Changes signing keys.
    pub key_rotation: KeyRotation,
    /// The signing keys as this node knows them.
    pub key_ring: Arc<KeyRing>,
    /// The revocations as this node knows them.
    pub revocation_feed: Arc<RevocationFeed>,
    /// Forgets what no longer matters.
    pub housekeeping: Housekeeping,
    /// Whether this node can serve.
    pub readiness: Readiness,
}

impl App {
    /// Puts the use cases on top of the adapters. Nothing is read or written yet: [`App::wake`] does that.
    pub fn new(ports: Ports, policies: Policies) -> Self {
        let core = Arc::new(Core::new(ports, policies));
        let ring = Arc::new(KeyRing::new(Arc::clone(&core)));
        let feed = Arc::new(RevocationFeed::new(Arc::clone(&core)));
        let gate = Arc::new(Gate::new(core.policies.lockout.free_attempts));
        let base = || Arc::clone(&core);
        let authenticate = Arc::new(Authenticate::new(base(), Arc::clone(&ring), Arc::clone(&feed)));
        Self {
            register: Register::new(base()),
            sign_in: Arc::new(SignIn::new(base(), Arc::clone(&ring), Arc::clone(&feed), gate)),
            refresh: Refresh::new(base(), Arc::clone(&ring), Arc::clone(&feed)),
            revoke: Revoke::new(base(), Arc::clone(&ring), Arc::clone(&feed)),
            oauth: OAuth::new(&core, &ring, &feed, &authenticate),
            authenticate,
            step_up: StepUp::new(base(), Arc::clone(&ring), Arc::clone(&feed)),
            orion_tokens: OrionTokens::new(base(), Arc::clone(&ring)),
            authorize: Authorize::new(base(), Arc::clone(&ring)),
            approve_devices: ApproveDevices::new(base()),
            browsers: Browsers::new(base(), Arc::clone(&ring), Arc::clone(&feed)),
            notify_logout: Arc::new(NotifyLogout::new(base(), Arc::clone(&ring))),
            queries: Queries::new(base()),
            authenticators: ManageAuthenticators::new(base(), Arc::clone(&feed)),
            recovery_codes: RegenerateRecoveryCodes::new(base()),
            update_profile: UpdateProfile::new(base()),
            request_recovery: RequestRecovery::new(base()),
            manage_factors: ManageFactors::new(base(), Arc::clone(&feed)),
            import: Import::new(base()),
            change_password: ChangePassword::new(base(), Arc::clone(&feed)),
            reset_passwords: ResetPasswords::new(base(), Arc::clone(&feed)),
            rotate_secret_key: RotateSecretKey::new(base(), Arc::clone(&feed)),
            end_sessions: EndSessions::new(base(), Arc::clone(&feed)),
            manage_users: ManageUsers::new(base(), Arc::clone(&feed)),
            aidbox: Aidbox::new(&core, &feed),
            key_rotation: KeyRotation::new(base(), Arc::clone(&ring)),
            housekeeping: Housekeeping::new(base()),
            readiness: Readiness::new(base(), Arc::clone(&ring), Arc::clone(&feed)),
            key_ring: ring,
            revocation_feed: feed,
            core,
        }
    }

    /// Makes the node ready: the ring and the revocations are read, keys that are due are made.
    ///
    /// The ring is read first: with another master key its active key cannot be opened, and nothing must be written then.
    pub async fn wake(&self) -> Result<(), keys::RotateError> {
        self.key_ring.reload().await?;
        self.key_rotation.tend().await?;
        Ok(self.revocation_feed.follow().await?)
    }
}
