//! Asking for help with a lost password. Nothing is sent and nothing changes: the request is put on record, where the owner
//! and the administrators see it.

use std::sync::Arc;

use domain::event::EventKind;
use domain::session::Origin;

use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::StoreError;
use crate::sign_in::LoginName;

/// Puts requests for help on record.
pub struct RequestRecovery {
    core: Arc<Core>,
}

impl RequestRecovery {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Notes that somebody asked for help with the account of this name or address. The same is written for one that nobody
    /// has, but for the account: writing takes longer than reading, and would tell which there are.
    pub async fn execute(&self, name: &LoginName, origin: &Origin) -> Result<(), StoreError> {
        let core = &self.core;
        let mut tx = core.ports.store.read().await?;
        let user = match name {
            LoginName::Username(username) => tx.users().find_by_username(username).await?,
            LoginName::Email(email) => tx.users().find_by_email(email).await?,
        };
        drop(tx);
        let entry = Entry {
            kind: EventKind::RecoveryRequested,
            actor: None,
            subject: user.map(|user| user.id),
            origin,
            details: &[],
        };
        audit::record_alone(core, entry).await
    }
}
