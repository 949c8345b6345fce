//! Exchanging an access token for one that is good elsewhere (RFC 8693): for the same account, never with more scopes and never
//! with more proof than it had. The token says who acts with it.

use std::sync::Arc;

use domain::authorization::{ClientRequest, CompletedLogin};
use domain::claims::Use;
use domain::client::GrantType;
use domain::id::SessionId;
use domain::scope::Scope;
use domain::session::Origin;

use super::authenticate::{Authenticate, Believed, Unauthenticated};
use super::grant::{self, GrantError, Wanted};
use super::issue::client::{ClientOpening, note, open_client_session};
use super::issue::{self, IssueError, IssuedTokens};
use crate::clients::AuthenticatedClient;
use crate::core::Core;
use crate::keys::KeyRing;

/// Exchanges tokens.
pub struct ExchangeToken {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    authenticate: Arc<Authenticate>,
}

impl ExchangeToken {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, authenticate: Arc<Authenticate>) -> Self {
        Self {
            core,
            ring,
            authenticate,
        }
    }

    /// Gives a token for `subject`, an access token of ours that an account was issued. It ends no later than that one.
    pub async fn execute(
        &self,
        client: &AuthenticatedClient,
        subject: &str,
        wanted: &Wanted,
        origin: &Origin,
    ) -> Result<IssuedTokens, GrantError> {
        let core = &self.core;
        grant::allow(client, GrantType::TokenExchange)?;
        let caller = match self.authenticate.examine(subject).await {
            Ok(Believed::User(caller)) => caller,
            Ok(Believed::Client(_)) | Err(Unauthenticated::Token(_)) => return Err(GrantError::InvalidGrant),
            Err(Unauthenticated::Store(error)) => return Err(error.into()),
            Err(Unauthenticated::Ring(error)) => return Err(IssueError::from(error).into()),
        };
        if caller.usage == Use::Once {
            // Looking at it was its one use; what is issued for it would be good for more.
            return Err(GrantError::InvalidGrant);
        }
        let asked = wanted.scopes.as_ref().unwrap_or(&caller.scopes);
        let scopes = asked
            .within(&caller.scopes)
            .within(&client.scopes)
            .without(&Scope::OfflineAccess);
        if scopes.is_empty() {
            return Err(GrantError::InvalidScope);
        }
        let audience = grant::audience_for(core, client, &wanted.resources)?;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let session = tx.sessions().find(caller.session, now).await?;
        let session = session.ok_or(GrantError::InvalidGrant)?;
        let opening = ClientOpening {
            client,
            request: ClientRequest::new(client.id.clone(), scopes, audience),
            login: CompletedLogin {
                user: caller.subject,
                epoch: caller.epoch,
                proved: caller.proved.clone(),
                authenticator: session.authenticator,
                // It ends with the session that it came of.
                parent: Some(session.id),
            },
            actor: Some(client.id.as_str().to_owned()),
            session: SessionId::from_random(core.random_id()),
            not_after: Some(caller.expires_at),
            origin,
        };
        let opened = open_client_session(core, tx.as_mut(), opening, now).await?;
        let opened = opened.ok_or(GrantError::InvalidGrant)?;
        note(core, tx.as_mut(), &opened).await?;
        tx.commit().await?;
        Ok(issue::mint(core, &self.ring, opened)?)
    }
}
