//! Revocation (RFC 7009): of an access token alone, or of a refresh token with everything that came from its login.

use std::sync::Arc;

use domain::event::EventKind;
use domain::revocation::{Revocation, Revoked};
use domain::secret::RefreshToken;
use domain::session::Origin;

use crate::audit::{self, Entry};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::keys::ring::RingError;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;

/// The revocation could not be stored. It must not be answered as done (a peer did, CVE-2020-15223).
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ring cannot be used.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// Revokes tokens. Whoever holds a token may revoke it.
pub struct Revoke {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
}

impl Revoke {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, ring, feed }
    }

    /// Revokes a token of either kind. A token that is unknown, expired or malformed is no error: the caller wanted it not
    /// to work, and it does not (RFC 7009 section 2.2).
    pub async fn execute(&self, token: &str, origin: &Origin) -> Result<(), RevokeError> {
        match RefreshToken::parse(token) {
            Ok(refresh_token) => self.refresh_token(&refresh_token, origin).await,
            Err(_) => self.access_token(token, origin).await,
        }
    }

    async fn refresh_token(&self, token: &RefreshToken, origin: &Origin) -> Result<(), RevokeError> {
        let core = &self.core;
        let now = core.now();
        let digest = core.digest_refresh_token(token);
        // Looked up without the writer first: tokens that somebody made up must not hold anybody up.
        let mut tx = core.ports.store.read().await?;
        let Some(session_id) = tx.refresh_tokens().session_of(&digest).await? else {
            return Ok(());
        };
        drop(tx);
        let mut tx = core.ports.store.begin().await?;
        let Some(session) = tx.sessions().find(session_id, now).await? else {
            return Ok(());
        };
        if !tx.sessions().end(session.id).await? {
            return Ok(());
        }
        tx.revocations()
            .append(Revocation::from_now(Revoked::Session(session.id), now))
            .await?;
        let session_text = session.id.to_string();
        let details = [("session", session_text.as_str()), ("kind", "refresh_token")];
        let kind = EventKind::TokenRevoked;
        audit::record(
            core,
            tx.as_mut(),
            Entry {
                kind,
                actor: None,
                subject: Some(session.user),
                origin,
                details: &details,
            },
        )
        .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    async fn access_token(&self, token: &str, origin: &Origin) -> Result<(), RevokeError> {
        let core = &self.core;
        let now = core.now();
        let Ok(claims) = self.ring.verify(token, now).await? else {
            return Ok(());
        };
        if core.policies.expectation.in_time(&claims, now).is_err() || self.feed.covers(&claims, now).await? {
            return Ok(());
        }
        let mut tx = core.ports.store.begin().await?;
        tx.revocations().append(Revocation::of_token(&claims)).await?;
        let token_text = claims.token.to_string();
        let details = [("token", token_text.as_str()), ("kind", "access_token")];
        let (kind, subject) = (EventKind::TokenRevoked, Some(claims.subject));
        audit::record(
            core,
            tx.as_mut(),
            Entry {
                kind,
                actor: None,
                subject,
                origin,
                details: &details,
            },
        )
        .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }
}
