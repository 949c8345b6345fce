//! Devices without a browser (RFC 8628): asking for a code, and asking whether somebody has agreed.

use std::sync::Arc;
use std::time::Duration;

use domain::client::GrantType;
use domain::device::{DeviceState, StoredDevice, UserCode};
use domain::id::SessionId;
use domain::secret::{DeviceCode, Digest};
use domain::session::Origin;
use domain::time::Timestamp;

use super::grant::{self, GrantError, Wanted};
use super::issue::client::{ClientOpening, is_still_allowed, note, open_client_session};
use super::issue::{self, IssuedTokens};
use crate::clients::AuthenticatedClient;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{StoreError, entropy};

/// How much longer a device must wait after each question that came too early (RFC 8628 section 3.5).
pub const SLOW_DOWN: Duration = Duration::from_secs(5);

/// How often a user code is made again because another device has it, or because the random bytes gave none.
const TRIES: usize = 8;

/// What a device shows and keeps. Both codes are shown once.
pub struct DeviceAuthorization {
    /// What the device asks with.
    pub device_code: DeviceCode,
    /// What a person types.
    pub user_code: UserCode,
    /// How long both are good.
    pub lifetime: Duration,
    /// How long to wait between two questions.
    pub interval: Duration,
}

/// Serves devices.
pub struct Devices {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
}

impl Devices {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>) -> Self {
        Self { core, ring }
    }

    /// Begins a device's login.
    pub async fn begin(
        &self,
        client: &AuthenticatedClient,
        wanted: &Wanted,
    ) -> Result<DeviceAuthorization, GrantError> {
        let core = &self.core;
        grant::allow(client, GrantType::DeviceCode)?;
        let request = grant::request(core, client, wanted)?;
        let policy = &core.policies.oauth;
        let (device_code, digest) = core.new_device_code();
        for _ in 0..TRIES {
            let random = entropy::secret_bytes(core.ports.entropy.as_ref());
            let Some(user_code) = UserCode::generate(&random) else {
                continue;
            };
            let device = StoredDevice {
                digest,
                user_code: core.digest_user_code(user_code.letters()),
                request: request.clone(),
                state: DeviceState::Pending,
                interval: policy.device_poll_interval,
                polled_at: None,
                expires_at: core.now().after(policy.device_code_lifetime),
            };
            let mut tx = core.ports.store.begin().await?;
            if tx.oauth().devices().insert(&device).await? {
                tx.commit().await?;
                return Ok(DeviceAuthorization {
                    device_code,
                    user_code,
                    lifetime: policy.device_code_lifetime,
                    interval: policy.device_poll_interval,
                });
            }
        }
        Err(StoreError::new(
            "find a user code that no other device has",
            "every one that was tried is taken",
        )
        .into())
    }

    /// Gives the tokens, if somebody has agreed.
    pub async fn redeem(
        &self,
        client: &AuthenticatedClient,
        code: &DeviceCode,
        origin: &Origin,
    ) -> Result<IssuedTokens, GrantError> {
        let core = &self.core;
        grant::allow(client, GrantType::DeviceCode)?;
        let now = core.now();
        let digest = core.digest_device_code(code);
        let mut tx = core.ports.store.read().await?;
        let device = tx.oauth().devices().find(&digest).await?;
        drop(tx);
        let device = device.filter(|device| device.request.client == client.id);
        let device = device.ok_or(GrantError::InvalidGrant)?;
        if now >= device.expires_at {
            return Err(GrantError::ExpiredToken);
        }
        let login = match device.state {
            DeviceState::Approved(login) => login,
            DeviceState::Denied => return Err(GrantError::AccessDenied),
            DeviceState::Pending => return Err(self.wait(&digest, &device, now).await?),
        };
        let scopes = device.request.scopes.clone();
        let opening = ClientOpening {
            client,
            request: device.request,
            login: login.clone(),
            actor: None,
            session: SessionId::from_random(core.random_id()),
            not_after: None,
            origin,
        };
        let mut tx = core.ports.store.begin().await?;
        let opened = open_client_session(core, tx.as_mut(), opening, now).await?;
        let opened = opened.ok_or(GrantError::InvalidGrant)?;
        if !is_still_allowed(tx.as_mut(), client, login.user, &scopes).await? {
            return Err(GrantError::InvalidGrant);
        }
        if tx.oauth().devices().redeem(&digest, now).await? != Some(login) {
            return Err(GrantError::InvalidGrant);
        }
        note(core, tx.as_mut(), &opened).await?;
        tx.commit().await?;
        Ok(issue::mint(core, &self.ring, opened)?)
    }

    /// Notes the question, and what to tell the device.
    async fn wait(&self, digest: &Digest, device: &StoredDevice, now: Timestamp) -> Result<GrantError, StoreError> {
        let is_early = device.polled_at.is_some_and(|last| now < last.after(device.interval));
        let (interval, answer) = if is_early {
            (device.interval + SLOW_DOWN, GrantError::SlowDown)
        } else {
            (device.interval, GrantError::AuthorizationPending)
        };
        let mut tx = self.core.ports.store.begin().await?;
        tx.oauth().devices().polled(digest, now, interval).await?;
        tx.commit().await?;
        Ok(answer)
    }
}
