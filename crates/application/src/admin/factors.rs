//! What administrators do with the second factors of others: remove an authenticator, demand a new one, make a recovery code
//! for an owner who has lost everything else. They never see a secret that exists.

use std::sync::Arc;

use domain::event::EventKind;
use domain::id::{AuthenticatorId, UserId};
use domain::recovery_code::{RecoveryCode, RecoveryOrigin};
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::Enrolment;

use super::AdminError;
use crate::accounts::authenticators::remove_within;
use crate::accounts::recovery_codes::add_recovery_code;
use crate::accounts::sessions::{void_everything, void_sessions};
use crate::actor::Actor;
use crate::audit::{self, Act};
use crate::core::Core;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;

/// A recovery code that an administrator made, to be handed to the owner. Shown once.
pub struct IssuedRecovery {
    /// The code.
    pub code: RecoveryCode,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Why an authenticator was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveAuthenticatorError {
    /// There is no such account, or it has no such authenticator.
    #[error("there is no such authenticator")]
    NotFound,
    /// It is the administrator's own account, whose factors take a fresh proof.
    #[error("this is the administrator's own account")]
    OwnAccount,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Administers second factors.
pub struct ManageFactors {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl ManageFactors {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Removes an authenticator of an account, and ends the sessions that were proved by it. It may be the last one: whoever
    /// administers can also make a recovery code.
    pub async fn remove_authenticator(
        &self,
        actor: &Actor,
        user: UserId,
        id: AuthenticatorId,
        origin: &Origin,
    ) -> Result<(), RemoveAuthenticatorError> {
        if actor.is(user) {
            return Err(RemoveAuthenticatorError::OwnAccount);
        }
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        tx.users().hold(user).await?.ok_or(RemoveAuthenticatorError::NotFound)?;
        let present = tx.authenticators().of_user(user).await?;
        let ended = remove_within(tx.as_mut(), user, &present, id, now).await?;
        let ended = ended.ok_or(RemoveAuthenticatorError::NotFound)?;
        void_sessions(core, tx.as_mut(), &ended).await?;
        let text = id.to_string();
        let act = Act {
            kind: EventKind::AuthenticatorRemoved,
            actor,
            subject: user,
        };
        let details = [("authenticator", text.as_str())];
        audit::record_act(core, tx.as_mut(), act, origin, &details).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// Demands that an account enrol a new authenticator. Everything that it was issued is void; the next login proves what
    /// the account has now (an authenticator or a recovery code, if it has one), and ends with the enrolment, at which older
    /// authenticators and recovery codes give way.
    pub async fn require_enrolment(&self, actor: &Actor, user: UserId, origin: &Origin) -> Result<(), AdminError> {
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let held = tx.users().hold(user).await?.ok_or(AdminError::NotFound)?;
        // An account without any factor is about to enrol its first anyway, and could not prove another.
        if held.enrolment != Enrolment::Open {
            tx.users().set_enrolment(user, Enrolment::Required).await?;
        }
        void_everything(core, tx.as_mut(), user).await?;
        let act = Act {
            kind: EventKind::EnrolmentRequired,
            actor,
            subject: user,
        };
        audit::record_act(core, tx.as_mut(), act, origin, &[]).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    /// Makes a recovery code for an account. It is good once and for a short time, and its use is on record like its making.
    pub async fn issue_recovery(
        &self,
        actor: &Actor,
        user: UserId,
        origin: &Origin,
    ) -> Result<IssuedRecovery, AdminError> {
        if actor.is(user) {
            return Err(AdminError::OwnAccount);
        }
        let core = &self.core;
        let now = core.now();
        let expires_at = now.after(core.policies.issued_recovery_lifetime);
        let mut tx = core.ports.store.begin().await?;
        tx.users().hold(user).await?.ok_or(AdminError::NotFound)?;
        let code = add_recovery_code(core, tx.as_mut(), user, RecoveryOrigin::Issued, Some(expires_at), now).await?;
        let seconds = core.policies.issued_recovery_lifetime.as_secs().to_string();
        let act = Act {
            kind: EventKind::RecoveryIssued,
            actor,
            subject: user,
        };
        let details = [("expires_in_seconds", seconds.as_str())];
        audit::record_act(core, tx.as_mut(), act, origin, &details).await?;
        tx.commit().await?;
        Ok(IssuedRecovery { code, expires_at })
    }
}
