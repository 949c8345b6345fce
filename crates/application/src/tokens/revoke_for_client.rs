//! Revocation by a client (RFC 7009): of its own tokens only. A refresh token takes its session with it.

use domain::claims::{ClientClaims, Verified};
use domain::client::ClientId;
use domain::event::EventKind;
use domain::id::{SessionId, TokenId, UserId};
use domain::revocation::Revocation;
use domain::secret::{OpaqueToken, RefreshToken};
use domain::session::Origin;

use super::revoke::{Revoke, RevokeError};
use crate::accounts::sessions::end_with_tokens;
use crate::audit::{self, Entry};
use crate::clients::AuthenticatedClient;
use crate::ports::Transaction;

impl Revoke {
    /// Revokes a token of a client. A token that is unknown, expired, malformed or another client's is no error (RFC 7009
    /// section 2.2), and nothing is done to it.
    pub async fn for_client(
        &self,
        client: &AuthenticatedClient,
        token: &str,
        origin: &Origin,
    ) -> Result<(), RevokeError> {
        if let Ok(refresh_token) = RefreshToken::parse(token) {
            self.refresh_token_of(&client.id, &refresh_token, origin).await
        } else if let Ok(opaque) = OpaqueToken::parse(token) {
            self.opaque_token_of(&client.id, &opaque, origin).await
        } else {
            self.signed_token_of(&client.id, token, origin).await
        }
    }

    /// Revokes an access token that a client got for itself and that was believed, for whoever holds it.
    pub async fn believed(&self, claims: &ClientClaims, token: &str, origin: &Origin) -> Result<(), RevokeError> {
        if let Ok(opaque) = OpaqueToken::parse(token) {
            self.opaque_token_of(&claims.client, &opaque, origin).await
        } else {
            self.signed_token_of(&claims.client, token, origin).await
        }
    }

    async fn refresh_token_of(
        &self,
        client: &ClientId,
        token: &RefreshToken,
        origin: &Origin,
    ) -> Result<(), RevokeError> {
        let core = &self.core;
        let digest = core.digest_refresh_token(token);
        let mut tx = core.ports.store.read().await?;
        let Some(id) = tx.refresh_tokens().session_of(&digest).await? else {
            return Ok(());
        };
        drop(tx);
        let mut tx = core.ports.store.begin().await?;
        let session = tx.sessions().find(id, core.now()).await?;
        let Some(session) = session.filter(|session| session.client_id == client.as_str()) else {
            return Ok(());
        };
        if !end_with_tokens(core, tx.as_mut(), session.id).await? {
            return Ok(());
        }
        self.note(tx, client, What::Session(session.id), Some(session.user), origin)
            .await
    }

    pub(super) async fn opaque_token_of(
        &self,
        client: &ClientId,
        token: &OpaqueToken,
        origin: &Origin,
    ) -> Result<(), RevokeError> {
        let core = &self.core;
        let now = core.now();
        let digest = core.digest_opaque_token(token);
        let mut tx = core.ports.store.read().await?;
        let stored = tx.oauth().opaque_tokens().find(&digest, now).await?;
        drop(tx);
        let Some(stored) = stored.filter(|stored| stored.client == *client) else {
            return Ok(());
        };
        let mut tx = core.ports.store.begin().await?;
        let subject = match stored.session {
            Some(session) => tx.sessions().find(session, now).await?.map(|session| session.user),
            None => None,
        };
        if !tx.oauth().opaque_tokens().delete(&digest).await? {
            return Ok(());
        }
        self.note(tx, client, What::Token(stored.token), subject, origin).await
    }

    pub(super) async fn signed_token_of(
        &self,
        client: &ClientId,
        token: &str,
        origin: &Origin,
    ) -> Result<(), RevokeError> {
        let core = &self.core;
        let Ok(verified) = self.ring.verify_any(token, core.now()).await? else {
            return Ok(());
        };
        let (id, subject, owner, revocation) = match &verified {
            Verified::User(claims) => (
                claims.token,
                Some(claims.subject),
                claims.client_id.as_str(),
                Revocation::of_token(claims),
            ),
            Verified::Client(claims) => (
                claims.token,
                None,
                claims.client.as_str(),
                Revocation::of_client_token(claims),
            ),
        };
        if owner != client.as_str() || revocation.expires_at <= core.now() {
            return Ok(());
        }
        let mut tx = core.ports.store.begin().await?;
        tx.revocations().append(revocation).await?;
        self.note(tx, client, What::Token(id), subject, origin).await
    }

    async fn note(
        &self,
        mut tx: Box<dyn Transaction>,
        client: &ClientId,
        what: What,
        subject: Option<UserId>,
        origin: &Origin,
    ) -> Result<(), RevokeError> {
        let (name, id) = match what {
            What::Session(id) => ("session", id.to_string()),
            What::Token(id) => ("token", id.to_string()),
        };
        let entry = Entry {
            kind: EventKind::TokenRevoked,
            actor: None,
            subject,
            origin,
            details: &[(name, id.as_str()), ("client", client.as_str())],
        };
        audit::record(&self.core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }
}

enum What {
    Session(SessionId),
    Token(TokenId),
}
