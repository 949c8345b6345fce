//! Browsers that are logged in to the pages: which session a cookie stands for, and logging out.

pub mod notices;
mod notify_logout;
mod pending;
mod session;
mod step_up;

use std::sync::Arc;

use domain::client::{Client, ClientId};
use domain::email::Email;
use domain::event::EventKind;
use domain::id_token::IdTokenClaims;
use domain::secret::BrowserHandle;
use domain::session::{Origin, Session};
use domain::username::Username;

pub use self::notify_logout::NotifyLogout;
pub use self::pending::Awaited;
pub use self::session::BrowserSession;
pub use self::step_up::{BrowserStepUpError, FreshProof};
use crate::accounts::sessions::end_with_tokens;
use crate::audit::{self, Entry};
use crate::authorize::AuthorizeError;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::LoginName;

/// Looks after the sessions of browsers.
pub struct Browsers {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
}

impl Browsers {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, ring, feed }
    }

    /// A handle for a browser that has none, to bind forms to it.
    pub fn new_handle(&self) -> BrowserHandle {
        self.core.new_browser_handle().0
    }

    /// What the forms carry that are shown in the browser of this handle.
    pub fn csrf(&self, handle: &BrowserHandle) -> String {
        Core::write_digest(&self.core.digest_csrf(handle))
    }

    /// Whether a form was shown in the browser of this handle. Takes the same time for all values.
    pub fn is_own_form(&self, handle: &BrowserHandle, csrf: &str) -> bool {
        Core::read_digest(csrf).is_some_and(|sent| sent == self.core.digest_csrf(handle))
    }

    /// The session that a cookie stands for, if it is good for anything.
    pub async fn session(&self, handle: &BrowserHandle) -> Result<Option<BrowserSession>, StoreError> {
        session::of(&self.core, handle).await
    }

    /// Ends a browser's session, with those of clients that came from it and may not go on without it, and everything that was
    /// issued to them. The clients are told.
    pub async fn log_out(&self, browser: &BrowserSession, origin: &Origin) -> Result<(), StoreError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        if !end_with_tokens(core, tx.as_mut(), browser.session().id).await? {
            return Ok(());
        }
        let session = browser.session().id.to_string();
        let details = [("session", session.as_str()), ("by", "browser")];
        let entry = Entry::by_owner(EventKind::SessionEnded, browser.user().id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// A browser has logged in anew, so what it was logged in with before ends. If it is the same person, the sessions of clients
    /// that came from it go on, and end with the new one.
    pub async fn replace(&self, before: &BrowserSession, now_in: &Session, origin: &Origin) -> Result<(), StoreError> {
        if before.user().id == now_in.user {
            let core = &self.core;
            let mut tx = core.ports.store.begin().await?;
            tx.sessions().adopt(before.session().id, now_in.id).await?;
            tx.commit().await?;
        }
        self.log_out(before, origin).await
    }

    /// What somebody typed to log in with: the name of an account, or its address. Both are always looked for, so that the time
    /// tells nothing. `None` if it can be neither.
    pub async fn name_of(&self, text: &str) -> Result<Option<LoginName>, StoreError> {
        let (username, email) = (Username::new(text).ok(), Email::new(text).ok());
        let Some(email) = email else {
            return Ok(username.map(LoginName::Username));
        };
        let Some(username) = username else {
            return Ok(Some(LoginName::Email(email)));
        };
        let mut tx = self.core.ports.store.read().await?;
        let is_name = tx.users().find_by_username(&username).await?.is_some();
        let is_address = tx.users().find_by_email(&email).await?.is_some();
        Ok(Some(if is_name || !is_address {
            LoginName::Username(username)
        } else {
            LoginName::Email(email)
        }))
    }

    /// A client, to go back to after a logout.
    pub async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        let client = tx.oauth().clients().find(id).await?;
        Ok(client.filter(Client::is_active))
    }

    /// What an ID token says that a client sent as a hint whom to log out. It may have expired (OpenID Connect RP-Initiated Logout
    /// section 2); `None` if it is none of ours.
    pub async fn hint(&self, token: &str) -> Result<Option<IdTokenClaims>, AuthorizeError> {
        let claims = self.ring.verify_id_token_hint(token, self.core.now()).await?;
        let issuer = &self.core.policies.expectation.issuer;
        Ok(claims.ok().filter(|claims| claims.issuer == *issuer))
    }
}
