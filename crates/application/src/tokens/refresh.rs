//! Refreshing: a refresh token for a new pair. A token that comes a second time ends its session, because two parties hold
//! it and one of them stole it (RFC 9700 section 4.14.2).

use std::sync::Arc;

use domain::claims::Use;
use domain::event::EventKind;
use domain::secret::RefreshToken;
use domain::session::Origin;

use super::issue::{self, IssueError, IssuedTokens, Opened};
use crate::accounts::sessions::end_with_tokens;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{Rotation, StoreError};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::factors::policy_of;

/// Why a refresh did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is not valid, was used, or its account or session is gone; nobody is told which.
    #[error("the refresh token is not valid")]
    Refused,
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

    /// Uses a refresh token. `auth_time`, `amr` and `acr` of the new access token are those of the login.
    pub async fn execute(&self, token: &RefreshToken, origin: &Origin) -> Result<IssuedTokens, RefreshError> {
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
        let Some(session) = tx.sessions().find(session_id, now).await? else {
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
        if !policy.admits(&session.proved) {
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
                let row = issue::refresh_token_of(core, &session, successor_digest, now);
                tx.refresh_tokens().insert(&row).await?;
                audit::record(core, tx.as_mut(), entry(EventKind::TokenRefreshed)).await?;
                tx.commit().await?;
                Ok(issue::mint(
                    core,
                    &self.ring,
                    Opened::continued(session, user, Use::Many, Some(successor), now),
                )?)
            }
        }
    }
}
