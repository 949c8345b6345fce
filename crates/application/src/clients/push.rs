//! Authorization requests that a client pushes beforehand (RFC 9126).

use std::sync::Arc;
use std::time::Duration;

use domain::pushed_request::{REQUEST_URI_PREFIX, StoredPushedRequest};

use super::AuthenticatedClient;
use crate::authorize::{Fault, Parameters, examine_pushed};
use crate::core::Core;
use crate::ports::StoreError;

/// What stands for a pushed request. Shown once.
pub struct PushedRequest {
    /// `request_uri`.
    pub request_uri: String,
    /// How long it is good.
    pub lifetime: Duration,
}

/// Why a request was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// It would be refused at the authorization endpoint.
    #[error("the request is not valid")]
    Fault(Fault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps pushed requests.
pub struct PushRequest {
    core: Arc<Core>,
}

impl PushRequest {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Keeps a request: its parameters, form-encoded. It is judged as at the authorization endpoint, which judges it again when
    /// it is used.
    pub async fn execute(&self, client: &AuthenticatedClient, parameters: String) -> Result<PushedRequest, PushError> {
        let core = &self.core;
        let (handle, digest) = core.new_request_handle();
        let issuer = &core.policies.expectation.issuer;
        let parsed = Parameters::parse(&parameters);
        examine_pushed(client.client(), &parsed, digest, issuer).map_err(PushError::Fault)?;
        let lifetime = core.policies.oauth.pushed_request_lifetime;
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
