//! Authorization requests that a client pushes beforehand (RFC 9126).

use std::sync::Arc;
use std::time::Duration;

use domain::client::GrantType;
use domain::pushed_request::{REQUEST_URI_PREFIX, StoredPushedRequest};

use super::AuthenticatedClient;
use crate::core::Core;
use crate::tokens::GrantError;

/// What stands for a pushed request. Shown once.
pub struct PushedRequest {
    /// `request_uri`.
    pub request_uri: String,
    /// How long it is good.
    pub lifetime: Duration,
}

/// Keeps pushed requests.
pub struct PushRequest {
    core: Arc<Core>,
}

impl PushRequest {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Keeps a request: its parameters, form-encoded, which the authorization endpoint judges again from scratch.
    pub async fn execute(&self, client: &AuthenticatedClient, parameters: String) -> Result<PushedRequest, GrantError> {
        let core = &self.core;
        if !client.may(GrantType::AuthorizationCode) {
            return Err(GrantError::UnauthorizedClient);
        }
        let lifetime = core.policies.oauth.pushed_request_lifetime;
        let (handle, digest) = core.new_request_handle();
        let stored = StoredPushedRequest {
            digest,
            client: client.id.clone(),
            parameters,
            expires_at: core.now().after(lifetime),
        };
        let mut tx = core.ports.store.begin().await?;
        tx.oauth().pushed_requests().insert(&stored).await?;
        tx.commit().await?;
        Ok(PushedRequest {
            request_uri: format!("{REQUEST_URI_PREFIX}{}", handle.expose()),
            lifetime,
        })
    }
}
