//! Redeeming an authorization code (RFC 6749 section 4.1.3): once, by the client that it was issued to, with the proof key that
//! it is bound to. A code that comes again ends the session that came of it (section 4.1.2).

use std::sync::Arc;

use domain::authorization::StoredCode;
use domain::client::{Client, GrantType, Pkce};
use domain::event::EventKind;
use domain::id::SessionId;
use domain::secret::{AuthorizationCode, Digest};
use domain::session::Origin;
use domain::time::Timestamp;

use super::grant::{self, GrantError};
use super::issue::client::{ClientOpening, is_still_allowed, note, open_client_session};
use super::issue::{self, IssuedTokens};
use crate::accounts::sessions::end_with_tokens;
use crate::aidbox;
use crate::audit::{self, Entry};
use crate::clients::AuthenticatedClient;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{CodeSpending, StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;

/// What is sent to redeem a code.
pub struct CodeRedemption {
    /// The code.
    pub code: AuthorizationCode,
    /// `redirect_uri`, as in the authorization request.
    pub redirect_uri: Option<String>,
    /// `code_verifier` (RFC 7636 section 4.5).
    pub verifier: Option<String>,
    /// The resources; none for those of the authorization request.
    pub resources: Vec<String>,
}

/// Redeems codes.
pub struct RedeemCode {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
}

impl RedeemCode {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, ring, feed }
    }

    /// Gives the tokens for a code. What is sent with it is judged before the code is spent: a request that is wrong must not
    /// take the code from whoever it belongs to.
    pub async fn execute(
        &self,
        client: &AuthenticatedClient,
        redemption: CodeRedemption,
        origin: &Origin,
    ) -> Result<IssuedTokens, GrantError> {
        grant::allow(client, GrantType::AuthorizationCode)?;
        let core = &self.core;
        let now = core.now();
        let digest = core.digest_authorization_code(&redemption.code);
        let mut tx = core.ports.store.read().await?;
        let stored = tx.oauth().codes().find(&digest, now).await?;
        let mut redemption = redemption;
        if let (None, Some(stored)) = (&redemption.redirect_uri, &stored)
            && may_omit_address(core, tx.as_mut(), client, stored).await?
        {
            redemption.redirect_uri.clone_from(&stored.redirect_uri);
        }
        let late = match &stored {
            Some(_) => None,
            None => tx.oauth().codes().find(&digest, Timestamp::EARLIEST).await?,
        };
        drop(tx);
        let Some(stored) = stored else {
            // Only whoever could have redeemed it uses it again: others have seen it, and must not end anybody's session by that.
            if late.is_some_and(|late| is_fit(client, &late, &redemption)) {
                self.look_for_reuse(&digest, now, origin).await?;
            }
            return Err(GrantError::InvalidGrant);
        };
        if !is_fit(client, &stored, &redemption) {
            return Err(GrantError::InvalidGrant);
        }
        let audience = self.audience(client, &stored, redemption.resources)?;
        let session = SessionId::from_random(core.random_id());
        let mut request = stored.request;
        request.audience = audience;
        let (user, scopes) = (stored.login.user, request.scopes.clone());
        let opening = ClientOpening {
            client,
            request,
            login: stored.login,
            actor: None,
            session,
            not_after: None,
            origin,
        };
        let mut tx = core.ports.store.begin().await?;
        let opened = open_client_session(core, tx.as_mut(), opening, now).await?;
        let Some(opened) = opened else {
            drop(tx);
            self.look_for_reuse(&digest, now, origin).await?;
            return Err(GrantError::InvalidGrant);
        };
        if !is_still_allowed(tx.as_mut(), client, user, &scopes).await? {
            return Err(GrantError::InvalidGrant);
        }
        match tx.oauth().codes().spend(&digest, session, now).await? {
            CodeSpending::First => {
                note(core, tx.as_mut(), &opened).await?;
                tx.commit().await?;
                Ok(issue::mint(core, &self.ring, opened)?)
            }
            CodeSpending::Spent(first) => {
                drop(tx);
                self.end_reused(first, now, origin).await?;
                Err(GrantError::InvalidGrant)
            }
            CodeSpending::Unknown => Err(GrantError::InvalidGrant),
        }
    }

    fn audience(&self, client: &Client, stored: &StoredCode, asked: Vec<String>) -> Result<Vec<String>, GrantError> {
        let granted = grant::audience_for(&self.core, client, &stored.request.audience)?;
        if asked.is_empty() {
            return Ok(granted);
        }
        // RFC 8707 section 2.2: no more than the authorization request had.
        if asked.iter().all(|resource| granted.contains(resource)) {
            Ok(asked)
        } else {
            Err(GrantError::InvalidTarget)
        }
    }

    /// A code that cannot be redeemed any more may have been redeemed before.
    async fn look_for_reuse(&self, digest: &Digest, now: Timestamp, origin: &Origin) -> Result<(), StoreError> {
        let mut tx = self.core.ports.store.begin().await?;
        // Were it good after all, it would be spent for a session that nobody has; nothing is committed.
        let spending = tx
            .oauth()
            .codes()
            .spend(digest, SessionId::from_random(self.core.random_id()), now)
            .await;
        drop(tx);
        match spending {
            Ok(CodeSpending::Spent(session)) => self.end_reused(session, now, origin).await,
            Ok(CodeSpending::First | CodeSpending::Unknown) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn end_reused(&self, session: SessionId, now: Timestamp, origin: &Origin) -> Result<(), StoreError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let Some(session) = tx.sessions().find(session, now).await? else {
            return Ok(());
        };
        if !end_with_tokens(core, tx.as_mut(), session.id).await? {
            return Ok(());
        }
        let id = session.id.to_string();
        let details = [("session", id.as_str()), ("client", session.client_id.as_str())];
        let entry = Entry {
            kind: EventKind::CodeReused,
            actor: None,
            subject: Some(session.user),
            origin,
            details: &details,
        };
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }
}

/// Clients of the Aidbox profile do not repeat the address of the authorization request, as RFC 6749 section 4.1.3 asks. One
/// that has no other can be let off: a code was never sent elsewhere.
async fn may_omit_address(
    core: &Core,
    tx: &mut dyn Transaction,
    client: &Client,
    stored: &StoredCode,
) -> Result<bool, StoreError> {
    let only = client.redirect_uris.first().filter(|_| client.redirect_uris.len() == 1);
    let is_only = only.is_some_and(|only| stored.redirect_uri.as_deref() == Some(only.as_str()));
    Ok(is_only && aidbox::describes_client(core, tx, &client.id).await?)
}

/// Whether a code may be redeemed by this client with what was sent.
fn is_fit(client: &Client, stored: &StoredCode, sent: &CodeRedemption) -> bool {
    let is_same_address = match (&stored.redirect_uri, &sent.redirect_uri) {
        (Some(stored), sent) => Some(stored) == sent.as_ref(),
        (None, None) => true,
        // It was left to registration; libraries that always send it name the registered one.
        (None, Some(sent)) => client.redirect_uris.iter().any(|uri| uri.admits(sent)),
    };
    let is_proved = match (&stored.request.challenge, &sent.verifier) {
        (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
        // A verifier without a challenge: somebody took the challenge out (RFC 9700 section 4.8.2).
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => client.pkce == Pkce::Optional,
    };
    stored.request.client == client.id && is_same_address && is_proved
}
