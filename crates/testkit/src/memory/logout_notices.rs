//! Notices of logouts that wait for their delivery.

use application::ports::{LogoutNotices, StoreError};
use async_trait::async_trait;
use domain::id::NoticeId;
use domain::logout_notice::LogoutNotice;
use domain::time::Timestamp;

use super::MemoryTransaction;
use super::state::{add, at_most};

#[async_trait]
impl LogoutNotices for MemoryTransaction {
    async fn insert(&mut self, notice: &LogoutNotice) -> Result<(), StoreError> {
        let action = "add a notice of a logout";
        let notices = &mut self.edit(action)?.logout_notices;
        add(notices, notice.id, notice.clone(), action)
    }

    async fn lease(&mut self, limit: u32, now: Timestamp, until: Timestamp) -> Result<Vec<LogoutNotice>, StoreError> {
        let notices = self.edit("lease notices of logouts")?.logout_notices.values_mut();
        let mut due: Vec<_> = notices.filter(|notice| notice.due_at <= now).collect();
        due.sort_by_key(|notice| (notice.due_at, notice.id));
        due.truncate(at_most(limit));
        let leased = due.into_iter().map(|notice| {
            notice.attempts = notice.attempts.saturating_add(1);
            notice.due_at = until;
            notice.clone()
        });
        Ok(leased.collect())
    }

    async fn put_off(&mut self, id: NoticeId, due_at: Timestamp) -> Result<(), StoreError> {
        let notices = &mut self.edit("put off a notice of a logout")?.logout_notices;
        if let Some(notice) = notices.get_mut(&id) {
            notice.due_at = due_at;
        }
        Ok(())
    }

    async fn delete(&mut self, id: NoticeId) -> Result<bool, StoreError> {
        let notices = &mut self.edit("delete a notice of a logout")?.logout_notices;
        Ok(notices.remove(&id).is_some())
    }
}
