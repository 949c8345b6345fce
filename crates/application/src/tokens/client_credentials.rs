//! Tokens for clients themselves (RFC 6749 section 4.4).

use std::sync::Arc;

use domain::client::GrantType;
use domain::scope::Scope;
use domain::session::Origin;

use super::grant::{self, GrantError, Wanted};
use super::issue::for_client::{ClientToken, mint_for_client};
use crate::clients::AuthenticatedClient;
use crate::core::Core;
use crate::keys::KeyRing;

/// Scopes that mean something for a person only.
const OF_PEOPLE: [Scope; 8] = Scope::KNOWN;

/// Gives clients tokens for themselves.
pub struct ClientCredentials {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
}

impl ClientCredentials {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>) -> Self {
        Self { core, ring }
    }

    /// Gives one. What looks after accounts, and what tells of people, is not to be had without anybody who logged in.
    pub async fn execute(
        &self,
        client: &AuthenticatedClient,
        wanted: &Wanted,
        origin: &Origin,
    ) -> Result<ClientToken, GrantError> {
        grant::allow(client, GrantType::ClientCredentials)?;
        if client.is_public() {
            return Err(GrantError::UnauthorizedClient);
        }
        let own = OF_PEOPLE
            .iter()
            .fold(client.scopes.clone(), |scopes, scope| scopes.without(scope));
        let scopes = match &wanted.scopes {
            None => own,
            Some(asked) => Some(asked.within(&own))
                .filter(|scopes| !scopes.is_empty())
                .ok_or(GrantError::InvalidScope)?,
        };
        let audience = grant::audience_for(&self.core, client, &wanted.resources)?;
        mint_for_client(&self.core, &self.ring, client, scopes, audience, origin).await
    }
}
