//! What every grant of the token endpoint begins with: whether the client may use it, and which scopes and resources it may have.

use std::sync::Arc;

use domain::authorization::{ClientRequest, CodeChallenge};
use domain::client::{Client, GrantType, Pkce};
use domain::scope::Scopes;

use super::issue::IssueError;
use crate::clients::AuthenticatedClient;
use crate::core::Core;
use crate::ports::{HasherBusy, StoreError};
use crate::sign_in::ClientTerms;

/// Why no token was granted (RFC 6749 section 5.2, RFC 8628 section 3.5, RFC 8707 section 2).
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The client may not use this grant.
    #[error("the client may not use this grant")]
    UnauthorizedClient,
    /// What was sent is not valid, or not for this client; nobody is told which.
    #[error("the grant is not valid")]
    InvalidGrant,
    /// A parameter is missing or cannot be understood.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// None of the scopes asked for may be had.
    #[error("none of the requested scopes is available")]
    InvalidScope,
    /// A resource is not one of this client's.
    #[error("the resource is not available to this client")]
    InvalidTarget,
    /// Nobody has decided about the device yet.
    #[error("the request of the device is pending")]
    AuthorizationPending,
    /// The device asks too often; from now on it must wait longer.
    #[error("the device asks too often")]
    SlowDown,
    /// Somebody refused the device's request.
    #[error("the request of the device was refused")]
    AccessDenied,
    /// The request of the device has expired.
    #[error("the request of the device has expired")]
    ExpiredToken,
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tokens could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// What a client asks for besides the grant itself.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The scopes; `None` for all that the client may ask for, but for those that must be asked for by name.
    pub scopes: Option<Scopes>,
    /// The resources (RFC 8707); none for the client's default.
    pub resources: Vec<String>,
}

/// Whether a client may use a grant.
pub fn allow(client: &Client, grant: GrantType) -> Result<(), GrantError> {
    if client.may(grant) {
        Ok(())
    } else {
        Err(GrantError::UnauthorizedClient)
    }
}

/// The scopes asked for, within those of the client. Asking for none asks for all but what must be asked for by name, as at the
/// authorization endpoint.
pub(crate) fn scopes_of(client: &Client, asked: Option<&Scopes>) -> Result<Scopes, GrantError> {
    let scopes = match asked {
        None => client.default_scopes(),
        Some(asked) => asked.within(&client.scopes),
    };
    if scopes.is_empty() {
        Err(GrantError::InvalidScope)
    } else {
        Ok(scopes)
    }
}

/// The resources that a client's tokens are for: those asked for, each of which must be one of its own, or its default.
pub(crate) fn audience_for(core: &Core, client: &Client, asked: &[String]) -> Result<Vec<String>, GrantError> {
    let own = &core.policies.expectation.audience;
    if asked.is_empty() {
        return Ok(vec![client.audiences.first().unwrap_or(own).clone()]);
    }
    let mut audience = Vec::new();
    for resource in asked {
        let is_allowed = client.audiences.contains(resource) || (client.audiences.is_empty() && resource == own);
        if !is_allowed {
            return Err(GrantError::InvalidTarget);
        }
        if !audience.contains(resource) {
            audience.push(resource.clone());
        }
    }
    Ok(audience)
}

/// What a client asks for, within what it may.
pub(crate) fn request(core: &Core, client: &Client, wanted: &Wanted) -> Result<ClientRequest, GrantError> {
    let scopes = scopes_of(client, wanted.scopes.as_ref())?;
    let audience = audience_for(core, client, &wanted.resources)?;
    Ok(ClientRequest::new(client.id.clone(), scopes, audience))
}

/// The terms of a login that a client asks for itself: by the password grant, or for a code at the challenge endpoint.
pub fn login_terms(
    core: &Core,
    client: &AuthenticatedClient,
    grant: GrantType,
    wanted: &Wanted,
    challenge: Option<CodeChallenge>,
    nonce: Option<String>,
) -> Result<ClientTerms, GrantError> {
    allow(client, grant)?;
    if grant == GrantType::AuthorizationCode && client.pkce == Pkce::Required && challenge.is_none() {
        return Err(GrantError::InvalidRequest("code_challenge is missing"));
    }
    Ok(ClientTerms {
        client: Arc::clone(client.client()),
        request: ClientRequest {
            challenge,
            nonce,
            ..request(core, client, wanted)?
        },
    })
}

/// The terms of a login that goes on: it does so with what it began with, so nothing is asked for again.
pub fn resumed_terms(client: &AuthenticatedClient, grant: GrantType) -> Result<ClientTerms, GrantError> {
    allow(client, grant)?;
    Ok(ClientTerms {
        client: Arc::clone(client.client()),
        request: ClientRequest::new(client.id.clone(), Scopes::default(), Vec::new()),
    })
}
