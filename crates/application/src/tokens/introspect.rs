//! Telling what a token is good for at the moment (RFC 7662), to clients that have authenticated.

use std::sync::Arc;

use domain::claims::ClientClaims;

use super::Caller;
use super::authenticate::{Authenticate, Believed, Unauthenticated};
use super::grant::GrantError;
use super::issue::IssueError;
use crate::clients::AuthenticatedClient;

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
    authenticate: Arc<Authenticate>,
}

impl Introspect {
    pub(crate) const fn new(authenticate: Arc<Authenticate>) -> Self {
        Self { authenticate }
    }

    /// Says what an access token is good for. What is no access token, a refresh token too, is good for nothing at a resource.
    /// Public clients are told nothing: anybody can say to be one (RFC 7662 section 2.1).
    pub async fn execute(&self, client: &AuthenticatedClient, token: &str) -> Result<Introspection, GrantError> {
        if client.is_public() {
            return Err(GrantError::UnauthorizedClient);
        }
        match self.authenticate.examine(token).await {
            Ok(Believed::User(caller)) => Ok(Introspection::User(caller)),
            Ok(Believed::Client(claims)) => Ok(Introspection::Client(claims)),
            Err(Unauthenticated::Token(_)) => Ok(Introspection::Inactive),
            Err(Unauthenticated::Store(error)) => Err(error.into()),
            Err(Unauthenticated::Ring(error)) => Err(IssueError::from(error).into()),
        }
    }
}
