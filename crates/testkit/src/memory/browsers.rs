//! Browsers that are logged in to the pages.

use application::ports::{Browsers, StoreError};
use async_trait::async_trait;
use domain::browser::StoredBrowser;
use domain::id::SessionId;
use domain::secret::Digest;

use super::MemoryTransaction;
use super::state::add;

#[async_trait]
impl Browsers for MemoryTransaction {
    async fn insert(&mut self, browser: &StoredBrowser) -> Result<(), StoreError> {
        let action = "add a browser";
        let state = self.edit(action)?;
        state.of_session(Some(browser.session), action)?;
        add(&mut state.browsers, *browser.digest.as_bytes(), browser.clone(), action)
    }

    async fn session_of(&mut self, digest: &Digest) -> Result<Option<SessionId>, StoreError> {
        let browser = self
            .view("find the session of a browser")?
            .browsers
            .get(digest.as_bytes());
        Ok(browser.map(|browser| browser.session))
    }

    async fn replace(&mut self, old: &Digest, new: &Digest) -> Result<bool, StoreError> {
        let action = "replace the cookie of a browser";
        let state = self.edit(action)?;
        let Some(browser) = state.browsers.remove(old.as_bytes()) else {
            return Ok(false);
        };
        let browser = StoredBrowser {
            digest: *new,
            ..browser
        };
        add(&mut state.browsers, *new.as_bytes(), browser, action)?;
        Ok(true)
    }
}
