//! Tokens of the Orion profile: believing one, and renewing one whose account changed its address.

use std::sync::Arc;

use domain::claims::{Claims, LEEWAY_MAX, TokenFault, Use};
use domain::id::SessionId;
use domain::session::Session;
use domain::time::Timestamp;
use domain::user::User;

use super::authenticate::{Caller, Unauthenticated};
use super::issue::{self, IssueError, IssuedTokens, Opened};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::StoreError;
use crate::sign_in::ORION_CLIENT;

/// Why a token was not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// The session or the account is gone, or the session is none of this profile.
    #[error("the session is gone")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// Believes and renews tokens of the Orion profile.
pub struct OrionTokens {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
}

impl OrionTokens {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>) -> Self {
        Self { core, ring }
    }

    /// Decides whether to believe `token`. Its session is looked up each time, so that ending it counts at once; calls with
    /// these tokens are rare.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, Unauthenticated> {
        let core = &self.core;
        let now = core.now();
        let claims = self.ring.verify_orion(token, now).await??;
        let issuer = core.policies.orion.as_ref().map(|policy| policy.issuer.as_str());
        if issuer != Some(claims.issuer.as_str()) {
            return Err(TokenFault::Issuer.into());
        }
        let leeway = core.policies.expectation.leeway.min(LEEWAY_MAX);
        if now >= claims.expires_at.after(leeway) {
            return Err(TokenFault::Expired.into());
        }
        if now.after(leeway) < claims.issued_at {
            return Err(TokenFault::NotYetValid.into());
        }
        // The session ends with the token, to the microsecond; the leeway is for both.
        let (session, user) = self
            .session_of(claims.session, now.before(leeway))
            .await?
            .filter(|(_, user)| user.id == claims.subject)
            .ok_or(TokenFault::Revoked)?;
        Ok(Caller::of_session(Claims {
            issuer: claims.issuer,
            subject: user.id,
            audience: vec![core.policies.expectation.audience.clone()],
            client_id: session.client_id,
            actor: None,
            scopes: session.scopes,
            token: claims.token,
            session: session.id,
            proved: session.proved,
            username: user.username.as_str().to_owned(),
            epoch: session.epoch,
            usage: Use::Many,
            issued_at: claims.issued_at,
            not_before: claims.issued_at,
            expires_at: claims.expires_at,
        }))
    }

    /// A new token of the caller's session, with what the account is called now. It ends when the session does.
    pub async fn renew(&self, caller: &Caller) -> Result<IssuedTokens, RenewError> {
        let now = self.core.now();
        let found = self.session_of(caller.session, now).await?;
        // A session of another kind has tokens of its own, with other rules: one for a single use must not become one for many.
        let found = found.filter(|(session, _)| session.client_id == ORION_CLIENT);
        let (session, user) = found.ok_or(RenewError::Gone)?;
        Ok(issue::mint(
            &self.core,
            &self.ring,
            Opened::renewed(&self.core, session, user, now),
        )?)
    }

    /// A session that is still there, with its account as it is now.
    async fn session_of(&self, id: SessionId, now: Timestamp) -> Result<Option<(Session, User)>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        let Some(session) = tx.sessions().find(id, now).await? else {
            return Ok(None);
        };
        let user = tx.users().find(session.user).await?;
        Ok(user
            .filter(|user| user.honours(session.epoch))
            .map(|user| (session, user)))
    }
}
