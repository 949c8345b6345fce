//! Recovery codes: making ten new ones, which voids those before.

use std::sync::Arc;

use domain::event::EventKind;
use domain::factor::Enrolled;
use domain::id::UserId;
use domain::recovery_code::{RECOVERY_CODES, RecoveryCode, RecoveryOrigin, StoredRecoveryCode};
use domain::session::Origin;
use domain::time::Timestamp;

use super::fresh_proof::{self, ProofNeeded};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{StoreError, Transaction, entropy};
use crate::sign_in::factors::enrolled;
use crate::tokens::Caller;

/// Why no codes were made.
#[derive(Debug, thiserror::Error)]
pub enum RegenerateError {
    /// The token does not prove enough, or not freshly enough.
    #[error(transparent)]
    ProofNeeded(#[from] ProofNeeded),
    /// Recovery codes are for accounts with an authenticator: beside a secret key alone, they would make more of it than it is.
    #[error("the account has no authenticator")]
    NotEnrolled,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes new recovery codes.
pub struct RegenerateRecoveryCodes {
    core: Arc<Core>,
}

impl RegenerateRecoveryCodes {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes new codes for the caller, who is shown them this once. The old ones are void.
    pub async fn execute(&self, caller: &Caller, origin: &Origin) -> Result<Vec<RecoveryCode>, RegenerateError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(RegenerateError::AccountChanged)?;
        let enrolled = enrolled(tx.as_mut(), user.id).await?;
        fresh_proof::demand(caller, enrolled, now)?;
        if enrolled == Enrolled::No {
            return Err(RegenerateError::NotEnrolled);
        }
        let codes = give_recovery_codes(core, tx.as_mut(), user.id, now).await?;
        let count = codes.len().to_string();
        let details = [("count", count.as_str())];
        let entry = Entry::by_owner(EventKind::RecoveryCodesIssued, user.id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        Ok(codes)
    }
}

/// Gives an account new codes and voids all that it had. The account must be held.
pub(crate) async fn give_recovery_codes(
    core: &Core,
    tx: &mut dyn Transaction,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<RecoveryCode>, StoreError> {
    tx.recovery_codes().delete_all_of(user).await?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        codes.push(add_recovery_code(core, tx, user, RecoveryOrigin::Own, None, now).await?);
    }
    Ok(codes)
}

/// Adds one code to those that an account has; it works until `expires_at`, or for ever.
pub(crate) async fn add_recovery_code(
    core: &Core,
    tx: &mut dyn Transaction,
    user: UserId,
    origin: RecoveryOrigin,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<RecoveryCode, StoreError> {
    let code = RecoveryCode::generate(&entropy::secret_bytes(core.ports.entropy.as_ref()));
    tx.recovery_codes()
        .insert(&StoredRecoveryCode {
            user,
            digest: core.digest_recovery_code(user, &code),
            origin,
            created_at: now,
            expires_at,
        })
        .await?;
    Ok(code)
}
