//! Links for a new password: made by those who administer, used by the owner. A link takes the place of the password that was
//! lost, and never of the second factor: an account that has one must prove it before the new password.

use std::sync::Arc;

use domain::event::EventKind;
use domain::factor::{FactorPolicy, FactorType};
use domain::id::UserId;
use domain::lockout::Budget;
use domain::password::{self, PasswordFault};
use domain::password_reset::{RESET_LINK_LIFETIME, RESET_PROVED_LIFETIME, ResetStage, StoredPasswordReset};
use domain::secret::{Password, PasswordResetToken};
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::User;
use zeroize::Zeroizing;

use super::fresh_proof::Refusal;
use super::sessions::void_everything;
use crate::actor::Actor;
use crate::admin::AdminError;
use crate::audit::{self, Act, Entry};
use crate::core::Core;
use crate::ports::{HasherBusy, StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;
use crate::sign_in::factors::{StoredFactors, policy_for};
use crate::sign_in::proof::{self, Against, SecondFactorProof};
use crate::sign_in::settling::settle;
use crate::sign_in::spending::{self, Codes};
use crate::sign_in::{SecondFactor, attempts_of};

/// The page that a link leads to, below the issuer.
const PAGE: &str = "/auth/reset-password";

/// A link that was made, to be handed to the owner. Shown once.
pub struct IssuedReset {
    /// The address.
    pub url: Zeroizing<String>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What whoever has a link must do next.
pub struct ResetStep {
    /// The account.
    pub user: User,
    /// The types of second factors one of which must be proved first; empty if a new password may be set.
    pub factors: Vec<FactorType>,
    /// How many digits a one-time code has.
    pub digits: u32,
}

/// Why a reset did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// There is no such link, or it was used, has expired, or the account changed since.
    #[error("the link is not valid")]
    Invalid,
    /// The second factor is wrong, or too many wrong ones were sent; nobody is told which.
    #[error("the second factor was not accepted")]
    Refused,
    /// The new password is not good enough. The link can still be used.
    #[error("the new password cannot be used")]
    Password(Vec<PasswordFault>),
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes links for new passwords, and redeems them.
pub struct ResetPasswords {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl ResetPasswords {
    pub(crate) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Makes a link for an account, in the place of any other that it had. Nothing changes until it is used.
    pub async fn issue(&self, actor: &Actor, user: UserId, origin: &Origin) -> Result<IssuedReset, AdminError> {
        if actor.is(user) {
            return Err(AdminError::OwnAccount);
        }
        let core = &self.core;
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().hold(user).await?.ok_or(AdminError::NotFound)?;
        let expires_at = core.now().after(RESET_LINK_LIFETIME);
        let token = put(core, tx.as_mut(), &user, ResetStage::Link, expires_at).await?;
        let seconds = RESET_LINK_LIFETIME.as_secs().to_string();
        let details = [("expires_in_seconds", seconds.as_str())];
        let act = Act {
            kind: EventKind::PasswordResetIssued,
            actor,
            subject: user.id,
        };
        audit::record_act(core, tx.as_mut(), act, origin, &details).await?;
        tx.commit().await?;
        let issuer = core.policies.expectation.issuer.trim_end_matches('/');
        Ok(IssuedReset {
            url: Zeroizing::new(format!("{issuer}{PAGE}?token={}", token.expose())),
            expires_at,
        })
    }

    /// What comes next with a token; `None` if it is good for nothing. Spends nothing.
    pub async fn step(&self, token: &PasswordResetToken) -> Result<Option<ResetStep>, StoreError> {
        let core = &self.core;
        let mut tx = core.ports.store.read().await?;
        let Some((reset, user)) = find(core, tx.as_mut(), token).await? else {
            return Ok(None);
        };
        let stored = StoredFactors::of(tx.as_mut(), user.id, core.now()).await?;
        let digits = stored.digits();
        let factors = match reset.stage {
            ResetStage::Link => factors_among(core, &user, &stored),
            ResetStage::Proved => Vec::new(),
        };
        Ok(Some(ResetStep { user, factors, digits }))
    }

    /// Proves the second factor. The link is used up, and what takes its place sets a new password, soon.
    ///
    /// The attempt is charged to the budget of logins: whoever has a link gets no guesses beside those.
    pub async fn prove(
        &self,
        token: &PasswordResetToken,
        second: &SecondFactor,
        origin: &Origin,
    ) -> Result<PasswordResetToken, ResetError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let (reset, user) = find(core, tx.as_mut(), token).await?.ok_or(ResetError::Invalid)?;
        drop(tx);
        if reset.stage != ResetStage::Link {
            return Err(ResetError::Invalid);
        }
        let budget = attempts_of(user.id, Budget::SecondFactor);
        let mut tx = core.ports.store.begin().await?;
        let Ok(charge) = proof::charge(core, tx.as_mut(), budget.clone(), now).await? else {
            drop(tx);
            return Err(self.refuse(&user, Refusal::Held, origin).await);
        };
        let stored = StoredFactors::for_proof(tx.as_mut(), user.id, second, now).await?;
        let charged = charge.committed(tx).await?;
        let proved = SecondFactorProof::compare(core, &charged, second, Against::active(&stored), now)?;
        let Some(proved) = proved else {
            return Err(self.refuse(&user, Refusal::Wrong, origin).await);
        };

        let factor = proved.factor();
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().hold(user.id).await?;
        let user = user
            .filter(|user| user.honours(reset.epoch))
            .ok_or(ResetError::Invalid)?;
        settle(tx.as_mut(), user.id, factor, Some(&budget), &[]).await?;
        let is_enough = factors_for(core, tx.as_mut(), &user).await?.contains(&factor);
        let evidence = proved.into_evidence();
        let spent = spending::spend(core, tx.as_mut(), &user, evidence, Codes::NotShown, now).await?;
        if !is_enough || spent.is_none() {
            drop(tx);
            return Err(self.refuse(&user, Refusal::Wrong, origin).await);
        }
        let redeemed = tx
            .password_resets()
            .redeem(&reset.digest, ResetStage::Link, now)
            .await?;
        redeemed.ok_or(ResetError::Invalid)?;
        let until = now.after(RESET_PROVED_LIFETIME);
        let next = put(core, tx.as_mut(), &user, ResetStage::Proved, until).await?;
        let details = [("factor", factor.name())];
        let entry = Entry::by_owner(EventKind::PasswordResetProved, user.id, origin, &details);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        Ok(next)
    }

    /// Sets the new password, and uses the token up. Everything that the account was issued is void.
    pub async fn set(&self, token: &PasswordResetToken, new: Password, origin: &Origin) -> Result<(), ResetError> {
        let core = &self.core;
        let mut tx = core.ports.store.read().await?;
        let (reset, user) = find(core, tx.as_mut(), token).await?.ok_or(ResetError::Invalid)?;
        drop(tx);
        let faults = password::faults(&new, &user.username);
        if !faults.is_empty() {
            return Err(ResetError::Password(faults));
        }
        let hash = core.hashing.place()?.hash(new).await?;

        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().hold(user.id).await?;
        let user = user
            .filter(|user| user.honours(reset.epoch))
            .ok_or(ResetError::Invalid)?;
        tx.users().set_password(user.id, &hash, now).await?;
        tx.attempts().clear(&attempts_of(user.id, Budget::Password)).await?;
        // Looked at here, because a second factor may have come since the page was shown.
        if reset.stage == ResetStage::Link && !factors_for(core, tx.as_mut(), &user).await?.is_empty() {
            return Err(ResetError::Invalid);
        }
        let redeemed = tx.password_resets().redeem(&reset.digest, reset.stage, now).await?;
        redeemed.ok_or(ResetError::Invalid)?;
        void_everything(core, tx.as_mut(), user.id).await?;
        let entry = Entry::by_owner(EventKind::PasswordReset, user.id, origin, &[("by", "link")]);
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        self.feed.catch_up().await;
        Ok(())
    }

    async fn refuse(&self, user: &User, refusal: Refusal, origin: &Origin) -> ResetError {
        let details = [("reason", refusal.name())];
        let entry = Entry {
            kind: EventKind::PasswordResetRefused,
            actor: None,
            subject: Some(user.id),
            origin,
            details: &details,
        };
        match audit::record_alone(&self.core, entry).await {
            Ok(()) => ResetError::Refused,
            Err(error) => ResetError::Store(error),
        }
    }
}

async fn put(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    stage: ResetStage,
    expires_at: Timestamp,
) -> Result<PasswordResetToken, StoreError> {
    let (token, digest) = core.new_password_reset();
    let reset = StoredPasswordReset {
        digest,
        user: user.id,
        epoch: user.epoch,
        stage,
        expires_at,
    };
    tx.password_resets().put(&reset).await?;
    Ok(token)
}

/// The reset of a token with its account, if both are what they were when it was made.
async fn find(
    core: &Core,
    tx: &mut dyn Transaction,
    token: &PasswordResetToken,
) -> Result<Option<(StoredPasswordReset, User)>, StoreError> {
    let digest = core.digest_password_reset(token);
    let Some(reset) = tx.password_resets().find(&digest, core.now()).await? else {
        return Ok(None);
    };
    let user = tx.users().find(reset.user).await?;
    Ok(user.filter(|user| user.honours(reset.epoch)).map(|user| (reset, user)))
}

/// The second factors one of which must be proved: what it takes to change what the account proves itself with. Where the policy
/// knows none of those that there are, they still count: a link is never enough alone for an account that has any.
async fn factors_for(core: &Core, tx: &mut dyn Transaction, user: &User) -> Result<Vec<FactorType>, StoreError> {
    let stored = StoredFactors::of(tx, user.id, core.now()).await?;
    Ok(factors_among(core, user, &stored))
}

fn factors_among(core: &Core, user: &User, stored: &StoredFactors) -> Vec<FactorType> {
    let by_policy = stored.for_change(&policy_for(core, user, stored.enrolled()));
    if by_policy.is_empty() {
        return stored.for_change(&FactorPolicy::default());
    }
    by_policy
}
