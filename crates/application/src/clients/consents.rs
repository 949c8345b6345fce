//! What an account allowed clients: seeing it and taking it back.

use std::sync::Arc;

use domain::client::{Client, ClientId};
use domain::consent::Consent;
use domain::event::EventKind;
use domain::session::Origin;

use crate::accounts::sessions::void_sessions;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;
use crate::tokens::Caller;

/// Why nothing was taken back.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// The account has allowed this client nothing.
    #[error("there is no such consent")]
    NotFound,
    /// The account changed since its token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks after the consents of the caller.
pub struct Consents {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl Consents {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// The consents of the caller, each with its client, ordered by client.
    pub async fn own(&self, caller: &Caller) -> Result<Vec<(Consent, Client)>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        let mut found = Vec::new();
        for consent in tx.oauth().consents().of_user(caller.subject).await? {
            if let Some(client) = tx.oauth().clients().find(&consent.client).await? {
                found.push((consent, client));
            }
        }
        Ok(found)
    }

    /// Takes a consent back, and ends every session that the client has for the caller.
    pub async fn withdraw(&self, caller: &Caller, client: &ClientId, origin: &Origin) -> Result<(), ConsentError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(ConsentError::AccountChanged)?;
        let mut ended = Vec::new();
        for session in tx.sessions().live_of(user.id, now).await? {
            if session.client_id == client.as_str() && tx.sessions().end(session.id).await? {
                ended.push(session);
            }
        }
        if !tx.oauth().consents().delete(user.id, client).await? {
            return Err(ConsentError::NotFound);
        }
        void_sessions(core, tx.as_mut(), &ended).await?;
        let details = [("client", client.as_str())];
        let entry = Entry::by_owner(EventKind::ConsentWithdrawn, user.id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }
}
