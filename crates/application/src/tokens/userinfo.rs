//! What a client is told about who logged in (OpenID Connect Core section 5.3).

use std::sync::Arc;

use domain::claims::TokenFault;
use domain::id::UserId;
use domain::id_token::ClaimValue;
use domain::scope::Scope;

use super::authenticate::{Authenticate, Believed, Unauthenticated};
use super::person;
use crate::core::Core;

/// Why nothing is told.
#[derive(Debug, thiserror::Error)]
pub enum UserInfoError {
    /// The token is not believed, or nobody can say.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// The token is good and not for this: it lacks the scope `openid`.
    #[error("the token lacks the scope openid")]
    InsufficientScope,
}

/// What is told.
pub struct UserInfo {
    /// `sub`.
    pub subject: UserId,
    /// The claims that the scopes of the token, and the request by name, ask for.
    pub claims: Vec<(String, ClaimValue)>,
}

/// Tells about accounts.
pub struct TellUserInfo {
    core: Arc<Core>,
    authenticate: Arc<Authenticate>,
}

impl TellUserInfo {
    pub(crate) const fn new(core: Arc<Core>, authenticate: Arc<Authenticate>) -> Self {
        Self { core, authenticate }
    }

    /// Tells what an access token entitles to. Its audience may be any resource: the `UserInfo` endpoint is one of every client.
    pub async fn execute(&self, token: &str) -> Result<UserInfo, UserInfoError> {
        let caller = match self.authenticate.examine(token).await? {
            Believed::User(caller) => caller,
            Believed::Client(_) => return Err(UserInfoError::InsufficientScope),
        };
        if !caller.scopes.contains(&Scope::OpenId) {
            return Err(UserInfoError::InsufficientScope);
        }
        let now = self.core.now();
        let mut tx = self.core.ports.store.read().await.map_err(Unauthenticated::from)?;
        let user = tx.users().find(caller.subject).await.map_err(Unauthenticated::from)?;
        let session = tx
            .sessions()
            .find(caller.session, now)
            .await
            .map_err(Unauthenticated::from)?;
        let gone = || Unauthenticated::from(TokenFault::Revoked);
        let user = user.filter(|user| user.honours(caller.epoch)).ok_or_else(gone)?;
        let session = session.ok_or_else(gone)?;
        Ok(UserInfo {
            subject: user.id,
            claims: person::claims_of(&user, Some(&caller.scopes), &session.claims.userinfo),
        })
    }
}
