//! The settings of logging in that apply: of the `AuthConfig` that the service is told to use, or else of the only one, or of the
//! oldest. Where none says anything, the service's own settings hold.

use std::sync::Arc;
use std::time::Duration;

use domain::aidbox::auth_config::{AuthConfig, Webhook};
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::authenticator::OtpRule;
use domain::totp::Window;

use super::configs::opened;
use crate::core::Core;
use crate::ports::{StoreError, Transaction};

/// How many documents are looked at to find the oldest.
const MOST: u32 = 1_000;

/// How pages look, as far as a document says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeInEffect {
    /// The name of the application.
    pub brand: Option<String>,
    /// The heading of the login page.
    pub title: Option<String>,
    /// A style sheet, from an origin that the settings allow.
    pub style_url: Option<String>,
    /// Where somebody goes who has forgotten a password.
    pub forgot_password_url: Option<String>,
}

/// The settings of logging in that apply.
#[derive(Clone)]
pub struct AuthConfigInEffect {
    /// Which one-time codes are accepted: so many past ones, and none of the future, if a document says how many.
    pub otp: OtpRule,
    /// What apps show.
    pub issuer: String,
    /// How pages look.
    pub theme: ThemeInEffect,
    /// Where codes are sent.
    pub webhook: Option<Webhook>,
    /// How long a browser stays logged in, however much it is used.
    pub session_lifetime: Duration,
}

/// Reads the settings that apply.
pub struct AuthConfigs {
    core: Arc<Core>,
}

impl AuthConfigs {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The settings as they are now; `None` where the profile is off.
    pub async fn in_effect(&self) -> Result<Option<AuthConfigInEffect>, StoreError> {
        if self.core.policies.aidbox.is_none() {
            return Ok(None);
        }
        let mut tx = self.core.ports.store.read().await?;
        in_effect(&self.core, tx.as_mut()).await.map(Some)
    }
}

/// The settings as they are now.
pub(crate) async fn in_effect(core: &Core, tx: &mut dyn Transaction) -> Result<AuthConfigInEffect, StoreError> {
    let mut effect = of_service(core);
    let Some(config) = chosen(core, tx).await? else {
        return Ok(effect);
    };
    if let Some(past_steps) = config.past_steps {
        effect.otp.window = Window {
            past_steps,
            future_steps: 0,
        };
    }
    if let Some(issuer) = config.issuer_name {
        effect.issuer = issuer;
    }
    effect.theme = ThemeInEffect {
        brand: config.brand,
        title: config.title,
        style_url: config.style_url,
        forgot_password_url: config.forgot_password_url,
    };
    effect.webhook = config.webhook;
    if let Some(lifetime) = config.cookie_max_age {
        effect.session_lifetime = lifetime;
    }
    Ok(effect)
}

/// What apps show of an authenticator that is enrolled now.
pub(crate) async fn totp_issuer(core: &Core, tx: &mut dyn Transaction) -> Result<String, StoreError> {
    if core.policies.aidbox.is_none() {
        return Ok(core.policies.totp_issuer.clone());
    }
    Ok(in_effect(core, tx).await?.issuer)
}

/// How long a browser stays logged in.
pub(crate) async fn session_lifetime(core: &Core, tx: &mut dyn Transaction) -> Result<Duration, StoreError> {
    if core.policies.aidbox.is_none() {
        return Ok(core.policies.browser.session_lifetime);
    }
    Ok(in_effect(core, tx).await?.session_lifetime)
}

fn of_service(core: &Core) -> AuthConfigInEffect {
    AuthConfigInEffect {
        otp: core.policies.otp,
        issuer: core.policies.totp_issuer.clone(),
        theme: ThemeInEffect::default(),
        webhook: None,
        session_lifetime: core.policies.browser.session_lifetime,
    }
}

async fn chosen(core: &Core, tx: &mut dyn Transaction) -> Result<Option<AuthConfig>, StoreError> {
    let Some(policy) = &core.policies.aidbox else {
        return Ok(None);
    };
    let found = match &policy.auth_config {
        Some(id) => tx.aidbox_resources().find(ResourceKind::AuthConfig, id).await?,
        None => {
            let all = tx.aidbox_resources().list(ResourceKind::AuthConfig, None, MOST).await?;
            all.into_iter().min_by_key(|document| document.created_at)
        }
    };
    found.map(|document| read(core, &document)).transpose()
}

/// What a stored document says. A style sheet whose origin is no longer allowed is left out.
fn read(core: &Core, stored: &AidboxResource) -> Result<AuthConfig, StoreError> {
    let document = opened(core, stored)?;
    Ok(AuthConfig::read(&document, core.policies.style_origins()).config)
}
