//! Changing one's password. Everything that was issued under the old one is void from then on, the calling token included.

use std::sync::Arc;

use domain::event::EventKind;
use domain::lockout::Budget;
use domain::password::{self, PasswordFault};
use domain::secret::Password;
use domain::session::Origin;

use super::fresh_proof::{self, Refusal};
use super::sessions::void_everything;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{HasherBusy, StoreError};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::attempts_of;
use crate::sign_in::proof::{self, PasswordProof};
use crate::tokens::Caller;

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is wrong, or too many wrong ones were sent; nobody is told which.
    #[error("the current password was not accepted")]
    Refused,
    /// The new password is not good enough.
    #[error("the new password cannot be used")]
    Password(Vec<PasswordFault>),
    /// The new password is the current one.
    #[error("the new password is the current one")]
    Unchanged,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes passwords.
pub struct ChangePassword {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl ChangePassword {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Changes the caller's password, with the current one as fresh proof.
    pub async fn execute(
        &self,
        caller: &Caller,
        current: Password,
        new: Password,
        origin: &Origin,
    ) -> Result<(), ChangePasswordError> {
        let core = &self.core;
        // Before the charge: whom a busy service turns away has made no attempt.
        let (comparing, hashing) = (core.hashing.place()?, core.hashing.place()?);
        let budget = attempts_of(caller.subject, Budget::PasswordWithToken);
        let mut tx = core.ports.store.begin().await?;
        let user = tx
            .users()
            .find(caller.subject)
            .await?
            .filter(|user| user.honours(caller.epoch));
        let user = user.ok_or(ChangePasswordError::AccountChanged)?;
        let faults = password::faults(&new, &user.username);
        if !faults.is_empty() {
            return Err(ChangePasswordError::Password(faults));
        }
        let Ok(charge) = proof::charge(core, tx.as_mut(), budget.clone(), core.now()).await? else {
            drop(tx);
            return Err(self.refuse(caller, Refusal::Held, origin).await);
        };
        let charged = charge.committed(tx).await?;
        let unchanged = current.expose() == new.expose();
        if PasswordProof::compare(comparing, &charged, &user, current)
            .await?
            .is_none()
        {
            return Err(self.refuse(caller, Refusal::Wrong, origin).await);
        }
        if unchanged {
            let mut tx = core.ports.store.begin().await?;
            tx.attempts().clear(&budget).await?;
            tx.commit().await?;
            return Err(ChangePasswordError::Unchanged);
        }
        let hash = hashing.hash(new).await?;

        let mut tx = core.ports.store.begin().await?;
        let held = caller.hold_account(tx.as_mut()).await?;
        // A login may have re-hashed the password meanwhile, but only a change of password advances the epoch.
        let held = held.ok_or(ChangePasswordError::AccountChanged)?;
        tx.users().set_password(held.id, &hash, core.now()).await?;
        tx.attempts().clear(&attempts_of(held.id, Budget::Password)).await?;
        tx.attempts().clear(&budget).await?;
        void_everything(core, tx.as_mut(), held.id).await?;
        let entry = Entry::by_owner(EventKind::PasswordChanged, held.id, origin, &[]);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    async fn refuse(&self, caller: &Caller, refusal: Refusal, origin: &Origin) -> ChangePasswordError {
        let kind = EventKind::PasswordChangeRefused;
        match fresh_proof::refuse(&self.core, &self.feed, caller, kind, refusal, origin).await {
            Ok(()) => ChangePasswordError::Refused,
            Err(error) => ChangePasswordError::Store(error),
        }
    }
}
