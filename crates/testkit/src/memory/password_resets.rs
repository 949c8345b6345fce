//! Resets of passwords.

use application::ports::{PasswordResets, StoreError};
use async_trait::async_trait;
use domain::password_reset::{ResetStage, StoredPasswordReset};
use domain::secret::Digest;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::forget;

#[async_trait]
impl PasswordResets for MemoryTransaction {
    async fn put(&mut self, reset: &StoredPasswordReset) -> Result<(), StoreError> {
        let action = "write a reset of a password";
        let state = self.edit(action)?;
        state.owned_by(reset.user, action)?;
        if state.is_reset_of_another(reset) {
            return Err(StoreError::new(action, "another account has one with that digest"));
        }
        state.password_resets.insert(reset.user, reset.clone());
        Ok(())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredPasswordReset>, StoreError> {
        let mut resets = self.view("find a reset of a password")?.password_resets.values();
        Ok(resets
            .find(|reset| reset.digest == *digest && now < reset.expires_at)
            .cloned())
    }

    async fn redeem(
        &mut self,
        digest: &Digest,
        stage: ResetStage,
        now: Timestamp,
    ) -> Result<Option<StoredPasswordReset>, StoreError> {
        let resets = &mut self.edit("redeem a reset of a password")?.password_resets;
        let found = resets
            .values()
            .find(|reset| reset.digest == *digest && reset.stage == stage && now < reset.expires_at);
        let user = found.map(|reset| reset.user);
        Ok(user.and_then(|user| resets.remove(&user)))
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let resets = &mut self.edit("purge resets of passwords")?.password_resets;
        Ok(forget(resets, |reset| now < reset.expires_at))
    }
}
