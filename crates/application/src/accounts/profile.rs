//! Changing one's own e-mail address and display name.

use std::sync::Arc;

use domain::email::Email;
use domain::event::EventKind;
use domain::session::Origin;
use domain::user::User;

use super::fresh_proof::{self, ProofNeeded};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{Insertion, StoreError, UserProfile};
use crate::sign_in::factors::enrolled;
use crate::tokens::Caller;

/// What to change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The e-mail address.
    pub email: Option<Email>,
    /// The display name.
    pub display_name: Option<String>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The token does not prove enough, or not freshly enough.
    #[error(transparent)]
    ProofNeeded(#[from] ProofNeeded),
    /// The e-mail address belongs to another account.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes one's own profile.
pub struct UpdateProfile {
    core: Arc<Core>,
}

impl UpdateProfile {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Changes the caller's profile. An address is what somebody can be found by, so changing it takes a fresh proof.
    pub async fn execute(&self, caller: &Caller, change: ProfileChange, origin: &Origin) -> Result<User, ProfileError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let mut user = user.ok_or(ProfileError::AccountChanged)?;
        let enrolled = enrolled(tx.as_mut(), user.id).await?;
        fresh_proof::demand(caller, enrolled, core.now())?;
        let profile = UserProfile {
            email: change.email.or(user.email),
            display_name: change.display_name.or(user.display_name),
            role: user.role,
        };
        match tx.users().set_profile(user.id, &profile).await? {
            Insertion::Done | Insertion::UsernameTaken => {}
            Insertion::EmailTaken => return Err(ProfileError::EmailTaken),
        }
        let entry = Entry::by_owner(EventKind::UserUpdated, user.id, origin, &[("by", "self")]);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        (user.email, user.display_name) = (profile.email, profile.display_name);
        Ok(user)
    }
}
