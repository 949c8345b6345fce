//! What a login that has begun in a browser waits for.

use domain::authenticator::Authenticator;
use domain::factor::FactorType;
use domain::secret::AuthSessionHandle;
use domain::session::AuthPurpose;
use domain::user::User;

use super::Browsers;
use crate::ports::StoreError;
use crate::sign_in::factors::{StoredFactors, most_digits, policy_for};

/// A login whose password was proved.
pub struct Awaited {
    /// The account.
    pub user: User,
    /// What completes it.
    pub purpose: AuthPurpose,
    /// The factor types that may, of those that the account has.
    pub factors: Vec<FactorType>,
    authenticators: Vec<Authenticator>,
}

impl Awaited {
    /// How many digits a code of this type has; the most, if the account's authenticators differ.
    pub fn digits(&self, factor: FactorType) -> u32 {
        let is_of_type = |one: &&Authenticator| one.parameters.factor() == factor;
        most_digits(self.authenticators.iter().filter(is_of_type))
    }
}

impl Browsers {
    /// What a login waits for; `None` if there is no such login any more, or a client began it.
    pub async fn awaited(&self, handle: &AuthSessionHandle) -> Result<Option<Awaited>, StoreError> {
        let core = &self.core;
        let now = core.now();
        let digest = core.digest_auth_session(handle);
        let mut tx = core.ports.store.read().await?;
        let pending = tx.auth_sessions().find(&digest, now).await?;
        let Some(pending) = pending.filter(|pending| pending.request.is_none()) else {
            return Ok(None);
        };
        let user = tx.users().find(pending.user).await?;
        let Some(user) = user.filter(|user| user.honours(pending.epoch)) else {
            return Ok(None);
        };
        let stored = StoredFactors::of(tx.as_mut(), user.id, now).await?;
        let policy = policy_for(core, &user, stored.enrolled());
        let offered = policy.second_factors().iter().copied();
        Ok(Some(Awaited {
            factors: offered.filter(|factor| stored.has(*factor)).collect(),
            purpose: pending.purpose,
            user,
            authenticators: stored.authenticators,
        }))
    }
}
