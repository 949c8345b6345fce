//! Ending sessions, one's own or another's.

use std::cmp::Reverse;
use std::sync::Arc;

use domain::browser::PAGES_CLIENT;
use domain::event::EventKind;
use domain::id::{AuthenticatorId, SessionId, UserId};
use domain::revocation::{Revocation, Revoked};
use domain::scope::Scope;
use domain::session::{Origin, Session};
use domain::time::Timestamp;

use super::authenticators::take_back_pending;
use crate::actor::Actor;
use crate::audit::{self, Entry};
use crate::browser::notices;
use crate::core::Core;
use crate::ports::{StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;
use crate::tokens::Caller;

/// Why sessions were not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndSessionsError {
    /// There is no such session, or no such account.
    #[error("there is nothing to end")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends sessions.
pub struct EndSessions {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl EndSessions {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Ends one session of the caller.
    pub async fn one(&self, caller: &Caller, id: SessionId, origin: &Origin) -> Result<(), EndSessionsError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let session = tx
            .sessions()
            .find(id, now)
            .await?
            .filter(|session| session.user == caller.subject);
        let session = session.ok_or(EndSessionsError::NotFound)?;
        if !end_with_tokens(core, tx.as_mut(), session.id).await? {
            return Err(EndSessionsError::NotFound);
        }
        let session_text = session.id.to_string();
        let details = [("session", session_text.as_str())];
        let (kind, user) = (EventKind::SessionEnded, Some(caller.subject));
        audit::record(
            core,
            tx.as_mut(),
            Entry {
                kind,
                actor: user,
                subject: user,
                origin,
                details: &details,
            },
        )
        .await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// Ends every session of the caller but the present one.
    pub async fn others(&self, caller: &Caller, origin: &Origin) -> Result<(), EndSessionsError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(EndSessionsError::NotFound)?;
        let mut ended = Vec::new();
        for session in tx.sessions().live_of(user.id, core.now()).await? {
            if session.id != caller.session && tx.sessions().end(session.id).await? {
                ended.push(session);
            }
        }
        void_sessions(core, tx.as_mut(), &ended).await?;
        let kept = caller.session.to_string();
        let details = [("by", "self"), ("but", kept.as_str())];
        let entry = Entry::by_owner(EventKind::SessionsEnded, user.id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// Ends every session of the caller, the present one included.
    pub async fn all_own(&self, caller: &Caller, origin: &Origin) -> Result<(), EndSessionsError> {
        self.all(caller.subject, Some(caller.subject), "self", origin).await
    }

    /// Ends every session of an account.
    pub async fn all_of(&self, actor: &Actor, user: UserId, origin: &Origin) -> Result<(), EndSessionsError> {
        self.all(user, actor.user(), actor.name(), origin).await
    }

    async fn all(
        &self,
        user: UserId,
        actor: Option<UserId>,
        by: &'static str,
        origin: &Origin,
    ) -> Result<(), EndSessionsError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        tx.users().hold(user).await?.ok_or(EndSessionsError::NotFound)?;
        void_everything(core, tx.as_mut(), user).await?;
        let (kind, details) = (EventKind::SessionsEnded, [("by", by)]);
        audit::record(
            core,
            tx.as_mut(),
            Entry {
                kind,
                actor,
                subject: Some(user),
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

/// Ends one session, and with it every token that was issued from it: the two must never be done apart. With it end those that
/// came from it; with a browser's session not those of clients that were allowed to act while nobody is there. Clients are told
/// in either case: to act for somebody is not to have them logged in (OpenID Connect Back-Channel Logout section 2.7).
/// `false` if it is gone already; then whoever ended it has voided its tokens.
///
/// The account is held first, as by whoever opens a session: none can come of this one unseen.
pub(crate) async fn end_with_tokens(
    core: &Core,
    tx: &mut dyn Transaction,
    session: SessionId,
) -> Result<bool, StoreError> {
    let now = core.now();
    let found = tx.sessions().find(session, now).await?;
    let (mut ended, mut going_on) = (Vec::new(), Vec::new());
    let mut descendants = Vec::new();
    if let Some(found) = &found {
        tx.users().hold(found.user).await?;
        let mut parents = vec![(session, found.client_id == PAGES_CLIENT)];
        while let Some((parent, is_browser)) = parents.pop() {
            for child in tx.sessions().children_of(parent, now).await? {
                if is_browser && child.scopes.contains(&Scope::OfflineAccess) {
                    going_on.push(child);
                } else {
                    parents.push((child.id, false));
                    descendants.push(child);
                }
            }
        }
    }
    // In the order in which whoever ends the sessions of a client does so.
    descendants.sort_by_key(|session| Reverse((session.opened_at, session.id)));
    for descendant in descendants {
        if tx.sessions().end(descendant.id).await? {
            ended.push(descendant);
        }
    }
    if !tx.sessions().end(session).await? {
        return Ok(false);
    }
    match found {
        Some(found) => ended.push(found),
        // It expired and was not forgotten yet; so have its tokens.
        None => {
            let revoked = Revocation::from_now(Revoked::Session(session), now);
            tx.revocations().append(revoked).await?;
        }
    }
    notices::write(core, tx, &going_on).await?;
    void_sessions(core, tx, &ended).await?;
    Ok(true)
}

/// Ends the sessions of an account that were proved by one of these authenticators. Their tokens are still to be voided, by
/// [`void_sessions`]: sessions come before revocations in every transaction.
pub(crate) async fn end_proved_by(
    tx: &mut dyn Transaction,
    user: UserId,
    authenticators: &[AuthenticatorId],
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    if authenticators.is_empty() {
        return Ok(Vec::new());
    }
    let mut ended = Vec::new();
    for session in tx.sessions().live_of(user, now).await? {
        let depends = session.authenticator.is_some_and(|id| authenticators.contains(&id));
        if depends && tx.sessions().end(session.id).await? {
            ended.push(session);
        }
    }
    Ok(ended)
}

/// Voids the tokens of sessions that were ended, and notes whom to tell.
pub(crate) async fn void_sessions(core: &Core, tx: &mut dyn Transaction, ended: &[Session]) -> Result<(), StoreError> {
    notices::write(core, tx, ended).await?;
    for session in ended {
        tx.revocations()
            .append(Revocation::from_now(Revoked::Session(session.id), core.now()))
            .await?;
    }
    Ok(())
}

/// Voids everything that an account was issued until now, and what was begun with it. The account must be held.
pub(crate) async fn void_everything(core: &Core, tx: &mut dyn Transaction, user: UserId) -> Result<(), StoreError> {
    let Some(epoch) = tx.users().advance_epoch(user).await? else {
        return Ok(());
    };
    take_back_pending(tx, user).await?;
    tx.auth_sessions().delete_all_of(user).await?;
    let ended = tx.sessions().live_of(user, core.now()).await?;
    tx.sessions().end_all_of(user).await?;
    notices::write(core, tx, &ended).await?;
    tx.revocations()
        .append(Revocation::from_now(Revoked::Before(user, epoch), core.now()))
        .await?;
    Ok(())
}
