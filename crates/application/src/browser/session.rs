//! The session of a browser. Only what is here makes one, from the cookie.

use std::time::Duration;

use domain::browser::{BrowserLifetimes, PAGES_CLIENT};
use domain::claims::{Claims, Use};
use domain::id::TokenId;
use domain::scope::{Scope, Scopes};
use domain::secret::{BrowserHandle, Digest};
use domain::session::Session;
use domain::time::Timestamp;
use domain::user::{Enrolment, User};

use crate::aidbox::auth_config::session_lifetime;
use crate::core::Core;
use crate::ports::StoreError;
use crate::sign_in::factors::policy_of;
use crate::tokens::Caller;

/// Use is noted no more often than this: nobody's page waits for a writer with each click.
const NOTE_USE_EVERY: Duration = Duration::from_mins(1);

/// A browser that is logged in: every factor was proved that the account's policy asks for now.
#[derive(Clone)]
pub struct BrowserSession {
    digest: Digest,
    session: Session,
    user: User,
}

impl BrowserSession {
    /// The session.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The account.
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The digest of its cookie.
    pub(crate) const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The same under another cookie, after more was proved.
    pub(super) fn renewed(&self, digest: Digest, session: Session) -> Self {
        Self {
            digest,
            session,
            user: self.user.clone(),
        }
    }

    /// The owner as a caller, for what the pages let him do with his own account. Nothing of it ever leaves the service.
    pub fn caller(&self, core: &Core) -> Caller {
        let expectation = &core.policies.expectation;
        let now = Timestamp::from_seconds(core.now().seconds());
        Caller::of_session(Claims {
            issuer: expectation.issuer.clone(),
            subject: self.user.id,
            audience: vec![expectation.audience.clone()],
            client_id: PAGES_CLIENT.to_owned(),
            actor: None,
            scopes: [Scope::Account].into_iter().collect::<Scopes>(),
            token: TokenId::from_random(core.random_id()),
            session: self.session.id,
            proved: self.session.proved.clone(),
            username: self.user.username.as_str().to_owned(),
            epoch: self.session.epoch,
            usage: Use::Many,
            issued_at: now,
            not_before: now,
            expires_at: self.session.expires_at,
        })
    }
}

/// The session of a cookie: neither unused nor there for too long, of an account that is still what it was, with what its policy
/// asks for today and nothing left to enrol.
pub(super) async fn of(core: &Core, handle: &BrowserHandle) -> Result<Option<BrowserSession>, StoreError> {
    let now = core.now();
    let digest = core.digest_browser_handle(handle);
    let mut tx = core.ports.store.read().await?;
    let Some(id) = tx.browsers().session_of(&digest).await? else {
        return Ok(None);
    };
    let Some(session) = tx.sessions().find(id, now).await? else {
        return Ok(None);
    };
    let lifetimes = BrowserLifetimes {
        idle: core.policies.browser.session_idle,
        absolute: session_lifetime(core, tx.as_mut()).await?,
    };
    if !lifetimes.admits(&session, now) || session.client_id != PAGES_CLIENT {
        return Ok(None);
    }
    let user = tx.users().find(session.user).await?;
    let user = user.filter(|user| user.honours(session.epoch) && user.enrolment == Enrolment::Done);
    let Some(user) = user else { return Ok(None) };
    let policy = policy_of(core, tx.as_mut(), &user).await?;
    if !policy.admits(&session.proved) {
        return Ok(None);
    }
    drop(tx);
    if now.since(session.used_at) >= NOTE_USE_EVERY {
        let mut tx = core.ports.store.begin().await?;
        let is_there = tx.sessions().touch(session.id, now).await?;
        tx.commit().await?;
        if !is_there {
            return Ok(None);
        }
    }
    Ok(Some(BrowserSession { digest, session, user }))
}
