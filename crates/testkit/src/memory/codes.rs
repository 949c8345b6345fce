//! Authorization codes.

use application::ports::{CodeSpending, Codes, StoreError};
use async_trait::async_trait;
use domain::authorization::StoredCode;
use domain::id::SessionId;
use domain::secret::Digest;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{CodeRow, add, forget};

#[async_trait]
impl Codes for MemoryTransaction {
    async fn insert(&mut self, code: &StoredCode) -> Result<(), StoreError> {
        let action = "add a code";
        let state = self.edit(action)?;
        state.owned_by(code.login.user, action)?;
        state.of_client(&code.request.client, action)?;
        state.of_session(code.login.parent, action)?;
        let row = CodeRow {
            code: code.clone(),
            spent_for: None,
        };
        add(&mut state.codes, *code.digest.as_bytes(), row, action)
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredCode>, StoreError> {
        let row = self.view("find a code")?.codes.get(digest.as_bytes());
        Ok(row.filter(|row| now < row.code.expires_at).map(|row| row.code.clone()))
    }

    async fn spend(&mut self, digest: &Digest, session: SessionId, now: Timestamp) -> Result<CodeSpending, StoreError> {
        let row = self.edit("spend a code")?.codes.get_mut(digest.as_bytes());
        Ok(match row {
            Some(CodeRow {
                spent_for: Some(session),
                ..
            }) => CodeSpending::Spent(*session),
            Some(row) if now < row.code.expires_at => {
                row.spent_for = Some(session);
                CodeSpending::First
            }
            _ => CodeSpending::Unknown,
        })
    }

    async fn purge(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let codes = &mut self.edit("purge codes")?.codes;
        Ok(forget(codes, |row| row.code.expires_at >= before))
    }
}
