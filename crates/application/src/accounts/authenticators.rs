//! Authenticators of one's own account: beginning, confirming, renaming and removing them.
//!
//! Beginning changes nothing; what is begun is shown while it is pending, and counts from its confirmation on (invariant 6).

pub(crate) mod begin;
mod confirm;
mod remove;

use std::sync::Arc;

use domain::authenticator::{Authenticator, AuthenticatorName, OtpRule, SentCode};
use domain::event::EventKind;
use domain::factor::Enrolled;
use domain::id::AuthenticatorId;
use domain::recovery_code::RecoveryCode;
use domain::session::Origin;
use zeroize::Zeroizing;

pub use self::begin::{BeginError, Begun, NewAuthenticator};
pub use self::confirm::ConfirmError;
pub use self::remove::RemoveError;
pub(crate) use self::remove::{remove_within, take_back_pending};
use super::fresh_proof::{self, ProofNeeded};
use crate::aidbox::auth_config::totp_issuer;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::factors::enrolled;
use crate::tokens::Caller;

/// A confirmed authenticator.
pub struct Confirmed {
    /// The authenticator, active.
    pub authenticator: Authenticator,
    /// The recovery codes that come with a first one, shown this once; otherwise none.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// Why a key URI is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The token does not prove enough, or not freshly enough.
    #[error(transparent)]
    ProofNeeded(#[from] ProofNeeded),
    /// There is no such authenticator, or it is no longer pending: then nobody is shown its secret again.
    #[error("there is no such pending authenticator")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an authenticator did not get another name.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    /// There is no such authenticator.
    #[error("there is no such authenticator")]
    NotFound,
    /// Another authenticator of the account has the name.
    #[error("another authenticator has this name")]
    NameTaken,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks after the authenticators of the caller.
pub struct ManageAuthenticators {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl ManageAuthenticators {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Begins a new authenticator. It waits ten minutes for its confirmation.
    pub async fn begin(&self, caller: &Caller, new: NewAuthenticator, origin: &Origin) -> Result<Begun, BeginError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(BeginError::AccountChanged)?;
        let enrolled = enrolled(tx.as_mut(), user.id).await?;
        fresh_proof::demand(caller, enrolled, core.now())?;
        let begun = begin::begin_within(core, tx.as_mut(), &user, new, origin).await?;
        tx.commit().await?;
        Ok(begun)
    }

    /// The key URI of a pending authenticator, for its QR code.
    pub async fn key_uri(&self, caller: &Caller, id: AuthenticatorId) -> Result<Zeroizing<String>, ShowError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let authenticators = tx.authenticators().of_user(caller.subject).await?;
        let user = tx.users().find(caller.subject).await?;
        let issuer = totp_issuer(core, tx.as_mut()).await?;
        drop(tx);
        let has_one = authenticators.iter().any(Authenticator::is_active);
        // Whoever holds an old token must not read the secret that the owner is about to confirm.
        fresh_proof::demand(caller, Enrolled::if_so(has_one), now)?;
        let pending = authenticators
            .iter()
            .find(|authenticator| authenticator.id == id && authenticator.is_pending(now));
        let (Some(pending), Some(user)) = (pending, user) else {
            return Err(ShowError::NotFound);
        };
        Ok(begin::key_uri_of(core, &issuer, &user, pending)?)
    }

    /// Confirms a pending authenticator with a code of it.
    pub async fn confirm(
        &self,
        caller: &Caller,
        id: AuthenticatorId,
        sent: SentCode,
        origin: &Origin,
    ) -> Result<Confirmed, ConfirmError> {
        self.confirm_under(caller, id, sent, None, origin).await
    }

    /// The same under another rule of which codes are accepted than that of the service.
    pub async fn confirm_under(
        &self,
        caller: &Caller,
        id: AuthenticatorId,
        sent: SentCode,
        otp: Option<OtpRule>,
        origin: &Origin,
    ) -> Result<Confirmed, ConfirmError> {
        let confirmed = confirm::confirm(&self.core, caller, id, sent, otp.as_ref(), origin).await?;
        self.feed.catch_up().await;
        Ok(confirmed)
    }

    /// Gives an authenticator another name.
    pub async fn rename(
        &self,
        caller: &Caller,
        id: AuthenticatorId,
        name: AuthenticatorName,
        origin: &Origin,
    ) -> Result<Authenticator, RenameError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(RenameError::AccountChanged)?;
        let authenticators = tx.authenticators().of_user(user.id).await?;
        let mut live = authenticators.iter().filter(|one| one.is_live(now));
        if live.any(|other| other.id != id && other.name.resembles(&name)) {
            return Err(RenameError::NameTaken);
        }
        let found = authenticators.into_iter().find(|one| one.id == id && one.is_live(now));
        let mut authenticator = found.ok_or(RenameError::NotFound)?;
        tx.authenticators().rename(user.id, id, &name).await?;
        let text = id.to_string();
        let details = [("authenticator", text.as_str())];
        let entry = Entry::by_owner(EventKind::AuthenticatorRenamed, user.id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        authenticator.name = name;
        Ok(authenticator)
    }

    /// Removes an authenticator, and ends the sessions that were proved by it.
    pub async fn remove(&self, caller: &Caller, id: AuthenticatorId, origin: &Origin) -> Result<(), RemoveError> {
        remove::remove(&self.core, caller, id, origin).await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// Removes every authenticator of the caller, and the recovery codes with them. The present session goes on.
    pub async fn remove_all(&self, caller: &Caller, origin: &Origin) -> Result<(), RemoveError> {
        remove::remove_all(&self.core, caller, origin).await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// Whether the caller's account could still log in if every authenticator was removed.
    pub async fn may_remove_all(&self, caller: &Caller) -> Result<bool, StoreError> {
        remove::may_remove_all(&self.core, caller).await
    }
}
