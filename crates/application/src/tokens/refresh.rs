//! Refreshing: a refresh token for a new pair. A token that comes a second time ends its session, because two parties hold
//! it and one of them stole it (RFC 9700 section 4.14.2).

use std::sync::Arc;

use domain::client::{Client, GrantType};
use domain::event::EventKind;
use domain::refresh_token::StoredRefreshToken;
use domain::scope::Scopes;
use domain::secret::{Digest, RefreshToken};
use domain::session::{Origin, Session};
use domain::time::Timestamp;
use domain::user::Role;

use super::issue::client;
use super::issue::{self, IssueError, IssuedTokens, Opened, Terms};
use crate::accounts::sessions::end_with_tokens;
use crate::audit::{self, Entry};
use crate::clients::AuthenticatedClient;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{Rotation, StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::factors::policy_of;

/// Why a refresh did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is not valid, was used, or its account or session is gone; nobody is told which.
    #[error("the refresh token is not valid")]
    Refused,
    /// None of the scopes asked for may be had.
    #[error("none of the requested scopes is available to this session")]
    InvalidScope,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tokens could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// Refreshes.
pub struct Refresh {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
}

impl Refresh {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, ring, feed }
    }

    /// Uses a refresh token of the service's own client. `auth_time`, `amr` and `acr` of the new access token are those of the
    /// login.
    pub async fn execute(&self, token: &RefreshToken, origin: &Origin) -> Result<IssuedTokens, RefreshError> {
        self.rotate(token, Holder::Own, origin).await
    }

    /// Uses a refresh token of a client that was authenticated. With `narrowed`, the access token gets no other scopes (RFC
    /// 6749 section 6); the next refresh may have all of the session's again.
    pub async fn for_client(
        &self,
        client: &AuthenticatedClient,
        token: &RefreshToken,
        narrowed: Option<&Scopes>,
        origin: &Origin,
    ) -> Result<IssuedTokens, RefreshError> {
        self.rotate(token, Holder::Client { client, narrowed }, origin).await
    }

    async fn rotate(
        &self,
        token: &RefreshToken,
        holder: Holder<'_>,
        origin: &Origin,
    ) -> Result<IssuedTokens, RefreshError> {
        let core = &self.core;
        let digest = core.digest_refresh_token(token);
        let now = core.now();
        let (successor, successor_digest) = core.new_refresh_token();

        // Looked up without the writer first: tokens that somebody made up must not hold anybody up.
        let mut tx = core.ports.store.read().await?;
        let Some(session_id) = tx.refresh_tokens().session_of(&digest).await? else {
            return Err(RefreshError::Refused);
        };
        drop(tx);
        let mut tx = core.ports.store.begin().await?;
        let session = tx.sessions().find(session_id, now).await?;
        // A token that another client got hold of is refused, and not spent: its own client would have to pay for that.
        let Some(session) = session.filter(|session| session.client_id == holder.client_id(core)) else {
            return Err(RefreshError::Refused);
        };
        let user = tx
            .users()
            .hold(session.user)
            .await?
            .filter(|user| user.honours(session.epoch));
        let Some(user) = user else {
            return Err(RefreshError::Refused);
        };
        // What the session was opened with must still be enough: an account may have enrolled something better since.
        let policy = policy_of(core, tx.as_mut(), &user).await?;
        if !policy.admits(&session.proved) || !holder.admits(&session) {
            return Err(RefreshError::Refused);
        }
        let subject = user.id;
        let rotation = tx.refresh_tokens().rotate(&digest, now).await?;
        let session_text = session.id.to_string();
        let details = [("session", session_text.as_str())];
        let entry = |kind| Entry {
            kind,
            actor: None,
            subject: Some(subject),
            origin,
            details: &details,
        };
        match rotation {
            Rotation::Unknown => Err(RefreshError::Refused),
            Rotation::Reused(_) => {
                end_with_tokens(core, tx.as_mut(), session.id).await?;
                audit::record(core, tx.as_mut(), entry(EventKind::RefreshTokenReused)).await?;
                tx.commit().await?;
                self.feed.catch_up().await;
                Err(RefreshError::Refused)
            }
            Rotation::Rotated(_) => {
                if !tx.sessions().touch(session.id, now).await? {
                    return Err(RefreshError::Refused);
                }
                let session = holder.narrowed(session, user.role);
                if session.scopes.is_empty() {
                    // The token is not spent: the transaction is dropped.
                    return Err(RefreshError::InvalidScope);
                }
                let row = holder.successor(core, &session, successor_digest, now);
                tx.refresh_tokens().insert(&row).await?;
                let terms = holder.terms(core, tx.as_mut(), &session, now).await?;
                audit::record(core, tx.as_mut(), entry(EventKind::TokenRefreshed)).await?;
                tx.commit().await?;
                Ok(issue::mint(
                    core,
                    &self.ring,
                    Opened::continued(session, user, terms, Some(successor), now),
                )?)
            }
        }
    }
}

/// Whose refresh token it must be.
#[derive(Clone, Copy)]
enum Holder<'a> {
    /// The service's own client's.
    Own,
    /// A client's, as it is now.
    Client {
        client: &'a Client,
        narrowed: Option<&'a Scopes>,
    },
}

impl Holder<'_> {
    fn client_id<'core>(&'core self, core: &'core Core) -> &'core str {
        match self {
            Self::Own => &core.policies.client_id,
            Self::Client { client, .. } => client.id.as_str(),
        }
    }

    fn admits(&self, session: &Session) -> bool {
        match self {
            Self::Own => true,
            Self::Client { client, .. } => client.may(GrantType::RefreshToken) && client.admits(&session.proved),
        }
    }

    /// The session as the new access token is to see it: rights that the client or the account has lost are lost.
    fn narrowed(&self, session: Session, role: Role) -> Session {
        match self {
            Self::Own => session,
            Self::Client { client, narrowed } => {
                let scopes = session.scopes.within(&client.scopes).within_rights_of(role);
                let scopes = narrowed.map_or_else(|| scopes.clone(), |narrowed| narrowed.within(&scopes));
                Session { scopes, ..session }
            }
        }
    }

    fn successor(&self, core: &Core, session: &Session, digest: Digest, now: Timestamp) -> StoredRefreshToken {
        match self {
            Self::Own => issue::refresh_token_of(core, session, digest, now),
            Self::Client { client, .. } => StoredRefreshToken {
                digest,
                session: session.id,
                issued_at: now,
                expires_at: client::refresh_token_expiry(client, session, now),
            },
        }
    }

    async fn terms(
        &self,
        core: &Core,
        tx: &mut dyn Transaction,
        session: &Session,
        now: Timestamp,
    ) -> Result<Terms, StoreError> {
        match self {
            Self::Own => Ok(Terms::own(core)),
            Self::Client { client, .. } => {
                let terms = client::terms_of(core, client, session);
                let opaque = client::opaque_token(core, tx, client, session, &terms, now).await?;
                Ok(terms.with_opaque(opaque))
            }
        }
    }
}
