//! Telling what a token is good for at the moment (RFC 7662), to clients that have authenticated.

use std::sync::Arc;

use domain::claims::ClientClaims;

use super::Caller;
use super::authenticate::{Authenticate, Believed, Unauthenticated};
use super::grant::GrantError;
use super::issue::IssueError;
use crate::clients::AuthenticatedClient;
use crate::core::Core;

/// What a token is good for.
pub enum Introspection {
    /// Nothing, for whatever reason.
    Inactive,
    /// It speaks for an account.
    User(Caller),
    /// It speaks for a client.
    Client(ClientClaims),
}

/// Introspects tokens.
pub struct Introspect {
    core: Arc<Core>,
    authenticate: Arc<Authenticate>,
}

impl Introspect {
    pub(crate) const fn new(core: Arc<Core>, authenticate: Arc<Authenticate>) -> Self {
        Self { core, authenticate }
    }

    /// Says what an access token is good for. What is no access token, a refresh token too, is good for nothing at a resource.
    /// Public clients are told nothing: anybody can say to be one (RFC 7662 section 2.1). A client is told of its own tokens, and of
    /// those that are for one of its resources or for no resource in particular; others are good for nothing where it asks
    /// (section 2.2).
    pub async fn execute(&self, client: &AuthenticatedClient, token: &str) -> Result<Introspection, GrantError> {
        if client.is_public() {
            return Err(GrantError::UnauthorizedClient);
        }
        let believed = match self.authenticate.look(token).await {
            Ok(believed) if self.concerns(client, &believed) => {
                let used = self.authenticate.use_up(&believed).await;
                used.map(|()| believed)
            }
            Ok(_) => return Ok(Introspection::Inactive),
            Err(error) => Err(error),
        };
        match believed {
            Ok(Believed::User(caller)) => Ok(Introspection::User(caller)),
            Ok(Believed::Client(claims)) => Ok(Introspection::Client(claims)),
            Err(Unauthenticated::Token(_)) => Ok(Introspection::Inactive),
            Err(Unauthenticated::Store(error)) => Err(error.into()),
            Err(Unauthenticated::Ring(error)) => Err(IssueError::from(error).into()),
        }
    }

    fn concerns(&self, client: &AuthenticatedClient, believed: &Believed) -> bool {
        let (holder, audience) = match believed {
            Believed::User(caller) => (caller.client_id.as_str(), &caller.audience),
            Believed::Client(claims) => (claims.client.as_str(), &claims.audience),
        };
        let own = &self.core.policies.expectation.audience;
        let is_meant = |resource: &String| resource == own || client.audiences.contains(resource);
        holder == client.id.as_str() || audience.iter().any(is_meant)
    }
}
