//! The Aidbox profile: its resources are ways to write and read accounts and clients of ours, and its settings change how logins
//! look and which codes they accept. Nothing here decides whether a login is good.

pub mod auth_config;
pub mod json;
pub mod resources;
pub mod send_code;
pub mod two_factor;

mod clients;
mod configs;
mod second_factor;
mod users;

use std::sync::Arc;

use domain::aidbox::ResourceKind;
use domain::client::{ClientId, Party};
use domain::id::SessionId;
use domain::user::User;

pub use self::auth_config::{AuthConfigInEffect, AuthConfigs};
pub use self::resources::{ManageResources, ResourceError, ShownResource, Written};
pub use self::send_code::{CodeReason, CodeSender, CodeSending};
pub use self::two_factor::{TwoFactor, TwoFactorConfirmError, TwoFactorRequest, TwoFactorRequestError};
use crate::core::Core;
use crate::ports::{StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;
use crate::tokens::Caller;

/// Who logged in, as answers of the token endpoint tell clients of that product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUser {
    /// The identity of the user's document, or else of the account.
    pub id: String,
    /// The e-mail address.
    pub email: Option<String>,
}

/// Whether a client is described by a document of the profile, and the profile is on.
pub(crate) async fn describes_client(
    core: &Core,
    tx: &mut dyn Transaction,
    client: &ClientId,
) -> Result<bool, StoreError> {
    if core.policies.aidbox.is_none() {
        return Ok(false);
    }
    let found = tx
        .aidbox_resources()
        .find(ResourceKind::Client, client.as_str())
        .await?;
    Ok(found.is_some())
}

/// The use cases of the profile.
pub struct Aidbox {
    core: Arc<Core>,
    /// Writes, reads and deletes resources.
    pub resources: ManageResources,
    /// The settings of logging in that apply.
    pub configs: AuthConfigs,
    /// Sends one-time codes.
    pub codes: CodeSender,
    /// Enrols an authenticator in two calls.
    pub two_factor: TwoFactor,
}

impl Aidbox {
    pub(crate) fn new(core: &Arc<Core>, feed: &Arc<RevocationFeed>) -> Self {
        Self {
            core: Arc::clone(core),
            resources: ManageResources::new(Arc::clone(core), Arc::clone(feed)),
            configs: AuthConfigs::new(Arc::clone(core)),
            codes: CodeSender::new(Arc::clone(core)),
            two_factor: TwoFactor::new(Arc::clone(core), Arc::clone(feed)),
        }
    }

    /// The session of the browser that the caller's session came from, if it belongs to a client of the operator's own: such
    /// clients share it, so it ends with theirs.
    pub async fn shared_session(&self, caller: &Caller) -> Result<Option<SessionId>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        let Some(session) = tx.sessions().find(caller.session, self.core.now()).await? else {
            return Ok(None);
        };
        let Ok(id) = ClientId::parse(&session.client_id) else {
            return Ok(None);
        };
        let client = tx.oauth().clients().find(&id).await?;
        let is_own = client.is_some_and(|client| client.party == Party::First);
        Ok(session.parent.filter(|_| is_own))
    }

    /// Who logged in, for a client that is described by a document; `None` for every other.
    pub async fn token_user(&self, client: &ClientId, user: &User) -> Result<Option<TokenUser>, StoreError> {
        if self.core.policies.aidbox.is_none() {
            return Ok(None);
        }
        let mut tx = self.core.ports.store.read().await?;
        if !describes_client(&self.core, tx.as_mut(), client).await? {
            return Ok(None);
        }
        let document = tx.aidbox_resources().of_account(user.id).await?;
        Ok(Some(TokenUser {
            id: document.map_or_else(|| user.id.to_string(), |document| document.id),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
        }))
    }
}
