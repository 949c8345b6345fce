//! Replacing one's secret key, with the present one as fresh proof.

use std::sync::Arc;
use std::time::Duration;

use domain::event::EventKind;
use domain::factor::FactorType;
use domain::id::SecretKeyId;
use domain::lockout::Budget;
use domain::secret::SecretKey;
use domain::session::Origin;
use domain::time::Timestamp;

use super::fresh_proof::{self, Refusal};
use super::register::give_secret_key;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{Consumption, StoreError};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::proof::Evidence;
use crate::sign_in::settling::settle;
use crate::sign_in::{SecondFactor, attempts_of};
use crate::tokens::Caller;

/// How the key is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RotationTerms {
    /// How long the old key works on; at most [`domain::secret_key::OVERLAP_MAX`].
    pub overlap: Duration,
    /// How long the new key works; `None` for what is configured.
    pub lifetime: Option<Duration>,
}

/// The new key, shown this once.
pub struct RotatedKey {
    /// The new key.
    pub secret_key: SecretKey,
    /// When the new key stops working.
    pub expires_at: Option<Timestamp>,
    /// When the old key stops working.
    pub previous_expires_at: Timestamp,
}

/// Why the key was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RotateSecretKeyError {
    /// The present key is wrong, or too many wrong ones were sent; nobody is told which.
    #[error("the secret key was not accepted")]
    Refused,
    /// The key that was proved has a successor already; only that one may have a further successor.
    #[error("this secret key has a successor already")]
    Superseded,
    /// The account changed or is gone since the token was issued.
    #[error("the account is not what it was")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Replaces secret keys.
pub struct RotateSecretKey {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl RotateSecretKey {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Replaces the caller's secret key.
    pub async fn execute(
        &self,
        caller: &Caller,
        present: SecretKey,
        terms: RotationTerms,
        origin: &Origin,
    ) -> Result<RotatedKey, RotateSecretKeyError> {
        let core = &self.core;
        let proved = self.prove(caller, present, origin).await?;

        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = caller.hold_account(tx.as_mut()).await?;
        let user = user.ok_or(RotateSecretKeyError::AccountChanged)?;
        let budget = attempts_of(user.id, Budget::SecondFactorWithToken);
        settle(tx.as_mut(), user.id, FactorType::SecretKey, Some(&budget), &[]).await?;
        let keys = tx.secret_keys().live_of(user.id, now).await?;
        let old = keys
            .iter()
            .find(|key| key.id == proved)
            .ok_or(RotateSecretKeyError::Refused)?;
        let previous_expires_at = old.end_after(now, terms.overlap);
        if old.superseded_at.is_some() {
            tx.commit().await?;
            return Err(RotateSecretKeyError::Superseded);
        }
        // Keys from before the present one end: a rotation leaves the new key, and the old one for its overlap.
        tx.secret_keys().end_all_of(user.id, now).await?;
        match tx.secret_keys().supersede(old.id, now, previous_expires_at).await? {
            Consumption::First => {}
            // Another rotation came first; nothing of this one counts.
            Consumption::Spent => return Err(RotateSecretKeyError::Superseded),
        }
        let lifetime = terms.lifetime.or(core.policies.secret_key_lifetime);
        let expires_at = lifetime.map(|lifetime| now.after(lifetime));
        let secret_key = give_secret_key(core, tx.as_mut(), user.id, now, expires_at).await?;
        let overlap = previous_expires_at.since(now).as_secs().to_string();
        let (kind, details) = (EventKind::SecretKeyRotated, [("overlap_seconds", overlap.as_str())]);
        let entry = Entry::by_owner(kind, user.id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        Ok(RotatedKey {
            secret_key,
            expires_at,
            previous_expires_at,
        })
    }

    async fn prove(
        &self,
        caller: &Caller,
        present: SecretKey,
        origin: &Origin,
    ) -> Result<SecretKeyId, RotateSecretKeyError> {
        let core = &self.core;
        let refusal = match fresh_proof::prove(core, caller, &SecondFactor::SecretKey(present)).await? {
            Ok(proof) => match proof.into_evidence() {
                Evidence::SecretKey(id) => return Ok(id),
                Evidence::Code { .. } | Evidence::Confirmation { .. } | Evidence::RecoveryCode(_) => Refusal::Wrong,
            },
            Err(refusal) => refusal,
        };
        let kind = EventKind::SecretKeyRotationRefused;
        fresh_proof::refuse(core, &self.feed, caller, kind, refusal, origin).await?;
        Err(RotateSecretKeyError::Refused)
    }
}
