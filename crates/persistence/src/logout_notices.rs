//! Notices of logouts that wait for their delivery.

use application::ports::{LogoutNotices, StoreError};
use async_trait::async_trait;
use domain::id::{NoticeId, SessionId, UserId};
use domain::logout_notice::LogoutNotice;
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::logout_notices::{Column, Entity, Model};
use crate::row::{client_id, count};
use crate::store::UnitOfWork;

#[async_trait]
impl LogoutNotices for UnitOfWork {
    async fn insert(&mut self, notice: &LogoutNotice) -> Result<(), StoreError> {
        let inserted = Entity::insert(row(notice).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add a notice of a logout", inserted).map(|_| ())
    }

    async fn lease(&mut self, limit: u32, now: Timestamp, until: Timestamp) -> Result<Vec<LogoutNotice>, StoreError> {
        const ACTION: &str = "lease notices of logouts";
        // Those that somebody else is just taking are passed over; the others are locked before they are changed, and so are
        // nobody else's to take.
        let found = Entity::find()
            .filter(Column::DueAt.lte(now.micros()))
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
            .all(&self.transaction)
            .await;
        let due = self.noted(ACTION, found)?;
        let updated = Entity::update_many()
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1_i64))
            .col_expr(Column::DueAt, Expr::value(until.micros()))
            .filter(Column::Id.is_in(due.iter().map(|row| row.id)))
            .exec(&self.transaction)
            .await;
        self.noted(ACTION, updated)?;
        let leased = due.into_iter().map(|row| {
            notice(Model {
                attempts: row.attempts.saturating_add(1),
                due_at: until.micros(),
                ..row
            })
        });
        self.noted(ACTION, leased.collect())
    }

    async fn put_off(&mut self, id: NoticeId, due_at: Timestamp) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(due_at.micros()))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(&self.transaction)
            .await;
        self.noted("put off a notice of a logout", updated).map(|_| ())
    }

    async fn delete(&mut self, id: NoticeId) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(id.as_uuid()).exec(&self.transaction).await;
        Ok(self.noted("delete a notice of a logout", deleted)?.rows_affected == 1)
    }
}

fn row(notice: &LogoutNotice) -> Model {
    Model {
        id: notice.id.as_uuid(),
        client_id: notice.client.to_string(),
        endpoint: notice.endpoint.clone(),
        user_id: notice.user.as_uuid(),
        session_id: notice.session.as_uuid(),
        attempts: i64::from(notice.attempts),
        due_at: notice.due_at.micros(),
    }
}

fn notice(row: Model) -> Result<LogoutNotice, DbErr> {
    Ok(LogoutNotice {
        id: NoticeId::from_uuid(row.id),
        client: client_id("logout_notices.client_id", &row.client_id)?,
        endpoint: row.endpoint,
        user: UserId::from_uuid(row.user_id),
        session: SessionId::from_uuid(row.session_id),
        attempts: count("logout_notices.attempts", row.attempts)?,
        due_at: Timestamp::from_micros(row.due_at),
    })
}
