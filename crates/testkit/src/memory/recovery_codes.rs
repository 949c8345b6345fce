//! Recovery codes.

use application::ports::{Consumption, RecoveryCodes, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::recovery_code::StoredRecoveryCode;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{RecoveryCodeRow, add, forget};

fn is_good(row: &RecoveryCodeRow, user: UserId, now: Timestamp) -> bool {
    !row.is_used && row.code.user == user && row.code.expires_at.is_none_or(|end| now < end)
}

#[async_trait]
impl RecoveryCodes for MemoryTransaction {
    async fn insert(&mut self, code: &StoredRecoveryCode) -> Result<(), StoreError> {
        let action = "add a recovery code";
        let state = self.edit(action)?;
        state.owned_by(code.user, action)?;
        let row = RecoveryCodeRow {
            code: code.clone(),
            is_used: false,
        };
        add(&mut state.recovery_codes, *code.digest.as_bytes(), row, action)
    }

    async fn unused_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<StoredRecoveryCode>, StoreError> {
        let rows = self
            .view("find the recovery codes of an account")?
            .recovery_codes
            .values();
        let mut good: Vec<_> = rows
            .filter(|row| is_good(row, user, now))
            .map(|row| row.code.clone())
            .collect();
        good.sort_by_key(|code| code.created_at);
        Ok(good)
    }

    async fn spend(&mut self, user: UserId, digest: &Digest, now: Timestamp) -> Result<Consumption, StoreError> {
        let rows = &mut self.edit("spend a recovery code")?.recovery_codes;
        let row = rows.get_mut(digest.as_bytes());
        Ok(match row.filter(|row| is_good(row, user, now)) {
            Some(row) => {
                row.is_used = true;
                Consumption::First
            }
            None => Consumption::Spent,
        })
    }

    async fn delete_all_of(&mut self, user: UserId) -> Result<(), StoreError> {
        let rows = &mut self.edit("delete the recovery codes of an account")?.recovery_codes;
        forget(rows, |row| row.code.user != user);
        Ok(())
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let rows = &mut self.edit("purge recovery codes")?.recovery_codes;
        Ok(forget(rows, |row| row.code.expires_at.is_none_or(|end| end >= cutoff)))
    }
}
