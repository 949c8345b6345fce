//! The token that a client gets for itself (RFC 6749 section 4.4). Nobody logged in for it, so it says nothing of accounts, and
//! never stands for one.

use domain::claims::ClientClaims;
use domain::client::TokenFormat;
use domain::event::EventKind;
use domain::id::TokenId;
use domain::opaque_token::StoredOpaqueToken;
use domain::scope::Scopes;
use domain::session::Origin;
use domain::time::Timestamp;

use super::IssueError;
use crate::audit::{self, Entry};
use crate::clients::AuthenticatedClient;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::tokens::grant::GrantError;

/// A token of a client for itself. Shown once.
pub struct ClientToken {
    /// The access token: a JWT (RFC 9068), or a reference where the client's are.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: u64,
    /// What it may be used for.
    pub scopes: Scopes,
}

/// Makes one, for a client that was authenticated and is not public.
pub(crate) async fn mint_for_client(
    core: &Core,
    ring: &KeyRing,
    client: &AuthenticatedClient,
    scopes: Scopes,
    audience: Vec<String>,
    origin: &Origin,
) -> Result<ClientToken, GrantError> {
    let now = core.now();
    let issued_at = Timestamp::from_seconds(now.seconds());
    let expires_at = Timestamp::from_seconds(now.after(client.access_token_lifetime).seconds());
    let token = TokenId::from_random(core.random_id());
    let mut tx = core.ports.store.begin().await?;
    let access_token = match client.token_format {
        TokenFormat::Jwt => {
            let claims = ClientClaims {
                issuer: core.policies.expectation.issuer.clone(),
                client: client.id.clone(),
                audience,
                scopes: scopes.clone(),
                token,
                issued_at,
                not_before: issued_at,
                expires_at,
            };
            ring.sign_client(&claims).map_err(IssueError::from)?
        }
        TokenFormat::Opaque => {
            let (opaque, digest) = core.new_opaque_token();
            let row = StoredOpaqueToken {
                digest,
                token,
                session: None,
                client: client.id.clone(),
                scopes: scopes.clone(),
                audience,
                issued_at,
                expires_at,
            };
            tx.oauth().opaque_tokens().insert(&row).await?;
            opaque.expose().to_owned()
        }
    };
    let (token, scope) = (token.to_string(), scopes.to_string());
    let entry = Entry {
        kind: EventKind::ClientTokenIssued,
        actor: None,
        subject: None,
        origin,
        details: &[("client", client.id.as_str()), ("token", &token), ("scope", &scope)],
    };
    audit::record(core, tx.as_mut(), entry).await?;
    tx.commit().await?;
    Ok(ClientToken {
        access_token,
        expires_in: expires_at.since(issued_at).as_secs(),
        scopes,
    })
}
