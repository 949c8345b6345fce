//! Revocation (RFC 7009): of an access token alone, or of a refresh token with everything that came from its login.

use std::sync::Arc;

use domain::claims::Verified;
use domain::event::EventKind;
use domain::id::{SessionId, UserId};
use domain::revocation::Revocation;
use domain::secret::{OpaqueToken, RefreshToken};
use domain::session::Origin;

use crate::accounts::sessions::end_with_tokens;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::keys::ring::RingError;
use crate::ports::{StoreError, Transaction};
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
    pub(super) core: Arc<Core>,
    pub(super) ring: Arc<KeyRing>,
    pub(super) feed: Arc<RevocationFeed>,
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
            Err(_) => match OpaqueToken::parse(token) {
                Ok(opaque) => self.opaque_token(&opaque, origin).await,
                Err(_) => self.access_token(token, origin).await,
            },
        }
    }

    /// Revokes an opaque token for whoever holds it.
    async fn opaque_token(&self, token: &OpaqueToken, origin: &Origin) -> Result<(), RevokeError> {
        let core = &self.core;
        let digest = core.digest_opaque_token(token);
        let mut tx = core.ports.store.read().await?;
        let stored = tx.oauth().opaque_tokens().find(&digest, core.now()).await?;
        drop(tx);
        match stored {
            Some(stored) => self.opaque_token_of(&stored.client, token, origin).await,
            None => Ok(()),
        }
    }

    /// Ends the session of a token of the Orion profile, which is believed for as long as its session is there.
    async fn orion_token(&self, token: &str, origin: &Origin) -> Result<(), RevokeError> {
        match self.ring.verify_orion(token, self.core.now()).await? {
            Ok(claims) => self.session(claims.session, "orion_token", origin).await,
            Err(_) => Ok(()),
        }
    }

    async fn refresh_token(&self, token: &RefreshToken, origin: &Origin) -> Result<(), RevokeError> {
        let core = &self.core;
        let digest = core.digest_refresh_token(token);
        // Looked up without the writer first: tokens that somebody made up must not hold anybody up.
        let mut tx = core.ports.store.read().await?;
        let Some(session_id) = tx.refresh_tokens().session_of(&digest).await? else {
            return Ok(());
        };
        drop(tx);
        self.session(session_id, "refresh_token", origin).await
    }

    /// Ends a session with everything that came from it.
    async fn session(&self, id: SessionId, kind: &str, origin: &Origin) -> Result<(), RevokeError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let Some(session) = tx.sessions().find(id, core.now()).await? else {
            return Ok(());
        };
        if !end_with_tokens(core, tx.as_mut(), session.id).await? {
            return Ok(());
        }
        let session_text = session.id.to_string();
        let details = [("session", session_text.as_str()), ("kind", kind)];
        self.conclude(tx, session.user, &details, origin).await
    }

    async fn access_token(&self, token: &str, origin: &Origin) -> Result<(), RevokeError> {
        let core = &self.core;
        let now = core.now();
        let Ok(claims) = self.ring.verify(token, now).await? else {
            return match self.ring.verify_any(token, now).await? {
                Ok(Verified::Client(claims)) => self.signed_token_of(&claims.client, token, origin).await,
                _ => self.orion_token(token, origin).await,
            };
        };
        if core.policies.expectation.in_time(&claims, now).is_err() || self.feed.covers(&claims, now).await? {
            return Ok(());
        }
        let mut tx = core.ports.store.begin().await?;
        tx.revocations().append(Revocation::of_token(&claims)).await?;
        let token_text = claims.token.to_string();
        let details = [("token", token_text.as_str()), ("kind", "access_token")];
        self.conclude(tx, claims.subject, &details, origin).await
    }

    /// Writes the revocation down and makes it count, on this node at once.
    async fn conclude(
        &self,
        mut tx: Box<dyn Transaction>,
        subject: UserId,
        details: &[(&str, &str)],
        origin: &Origin,
    ) -> Result<(), RevokeError> {
        let entry = Entry {
            kind: EventKind::TokenRevoked,
            actor: None,
            subject: Some(subject),
            origin,
            details,
        };
        audit::record(&self.core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }
}
