//! Devices without a browser (RFC 8628): somebody who is logged in types the code that the device shows, sees what it asks for,
//! and decides. How often codes may be tried is counted for the account and for the network (section 5.1).

use std::sync::Arc;

use domain::authorization::CompletedLogin;
use domain::client::{Client, GrantType};
use domain::consent::Consent;
use domain::device::{DeviceState, StoredDevice, UserCode};
use domain::event::EventKind;
use domain::lockout::{Budget, Held};
use domain::scope::Scopes;
use domain::session::Origin;
use domain::user::User;

use crate::audit::{self, Entry};
use crate::browser::BrowserSession;
use crate::core::Core;
use crate::ports::{AttemptKey, StoreError, Transaction};
use crate::sign_in::factors::policy_of;

/// What a device asks for.
pub struct DeviceFound {
    /// Its client.
    pub client: Client,
    /// What it may have of what it asks for.
    pub scopes: Scopes,
    stored: StoredDevice,
}

/// What somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceDecision {
    /// The device may go on.
    Allow,
    /// It may not.
    Deny,
}

/// Why nothing was found or decided.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// No device waits under this code: it never did, was decided upon, or has waited too long.
    #[error("no device waits under this code")]
    Unknown,
    /// Too many codes were tried.
    #[error("too many codes were tried")]
    Held(Held),
    /// The browser's login is not enough for the client.
    #[error("the login is not enough for this client")]
    BetterFactorNeeded,
    /// The browser's session is not what it was.
    #[error("the session is not what it was")]
    Changed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets people decide about devices.
pub struct ApproveDevices {
    core: Arc<Core>,
}

impl ApproveDevices {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The device that waits under a code. A try is charged before it is looked up, and taken back if it finds one.
    pub async fn find(
        &self,
        browser: &BrowserSession,
        code: &UserCode,
        network: &str,
    ) -> Result<DeviceFound, DeviceError> {
        let core = &self.core;
        let now = core.now();
        let keys = self.counters(browser, network);
        let mut tx = core.ports.store.begin().await?;
        for key in &keys {
            let tally = tx.attempts().hold(key).await?;
            let charged = core.policies.lockout.charge(tally, now).map_err(DeviceError::Held)?;
            tx.attempts().record(key, charged).await?;
        }
        tx.commit().await?;

        let digest = core.digest_user_code(code.letters());
        let mut tx = core.ports.store.read().await?;
        let stored = tx.oauth().devices().find_by_user_code(&digest, now).await?;
        let client = match &stored {
            None => None,
            Some(stored) => tx.oauth().clients().find(&stored.request.client).await?,
        };
        drop(tx);
        let client = client.filter(|client| client.may(GrantType::DeviceCode));
        let (Some(stored), Some(client)) = (stored, client) else {
            return Err(DeviceError::Unknown);
        };

        let mut tx = core.ports.store.begin().await?;
        for key in &keys {
            let tally = tx.attempts().hold(key).await?;
            tx.attempts().record(key, tally.refunded()).await?;
        }
        tx.commit().await?;
        let scopes = stored.request.scopes.within(&client.scopes);
        Ok(DeviceFound {
            scopes: scopes.within_rights_of(browser.user().role),
            client,
            stored,
        })
    }

    /// Decides about a device that was found.
    pub async fn decide(
        &self,
        browser: &BrowserSession,
        found: &DeviceFound,
        decision: DeviceDecision,
        origin: &Origin,
    ) -> Result<(), DeviceError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().hold(browser.user().id).await?;
        let user = user.filter(|user| user.honours(browser.session().epoch));
        let user = user.ok_or(DeviceError::Changed)?;
        let state = match decision {
            DeviceDecision::Deny => DeviceState::Denied,
            DeviceDecision::Allow => DeviceState::Approved(self.login(tx.as_mut(), browser, found, &user).await?),
        };
        if decision == DeviceDecision::Allow {
            let before = tx.oauth().consents().find(user.id, &found.client.id).await?;
            let given = Consent {
                user: user.id,
                client: found.client.id.clone(),
                scopes: Consent::scopes_with(before, &found.scopes),
                granted_at: now,
            };
            tx.oauth().consents().put(&given).await?;
        }
        if !tx.oauth().devices().decide(&found.stored.digest, &state, now).await? {
            return Err(DeviceError::Unknown);
        }
        let scope = found.scopes.to_string();
        let details = [("client", found.client.id.as_str()), ("scope", scope.as_str())];
        let kind = match decision {
            DeviceDecision::Allow => EventKind::DeviceApproved,
            DeviceDecision::Deny => EventKind::DeviceDenied,
        };
        audit::record(core, tx.as_mut(), Entry::by_owner(kind, user.id, origin, &details)).await?;
        Ok(tx.commit().await?)
    }

    /// The login that the device gets its tokens for: that of the browser, if it is still good and enough for the client.
    async fn login(
        &self,
        tx: &mut dyn Transaction,
        browser: &BrowserSession,
        found: &DeviceFound,
        user: &User,
    ) -> Result<CompletedLogin, DeviceError> {
        let policy = policy_of(&self.core, tx, user).await?;
        let session = tx.sessions().find(browser.session().id, self.core.now()).await?;
        let session = session.filter(|session| policy.admits(&session.proved));
        let session = session.ok_or(DeviceError::Changed)?;
        let client = tx.oauth().clients().find(&found.client.id).await?;
        let is_same = client.is_some_and(|client| client.is_active() && client.version == found.client.version);
        if !is_same {
            return Err(DeviceError::Unknown);
        }
        if !found.client.admits(&session.proved) {
            return Err(DeviceError::BetterFactorNeeded);
        }
        Ok(CompletedLogin::of_browser(&session, user.epoch))
    }

    /// The counters of the account, and of the network over all accounts.
    fn counters(&self, browser: &BrowserSession, network: &str) -> [AttemptKey; 2] {
        let key = |account, network: &str| AttemptKey {
            account,
            budget: Budget::DeviceCode,
            network: network.to_owned(),
        };
        [
            key(browser.user().id, ""),
            key(self.core.stand_in_for_devices(), network),
        ]
    }
}
