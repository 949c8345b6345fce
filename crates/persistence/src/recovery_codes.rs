//! Recovery codes.

use application::ports::{Consumption, RecoveryCodes, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::recovery_code::{RecoveryOrigin, StoredRecoveryCode};
use domain::secret::Digest;
use domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::entity::recovery_codes::{Column, Entity, Model};
use crate::row::{bytes, digest, instant, micros, unreadable};
use crate::store::UnitOfWork;

#[async_trait]
impl RecoveryCodes for UnitOfWork {
    async fn insert(&mut self, code: &StoredRecoveryCode) -> Result<(), StoreError> {
        let inserted = Entity::insert(row(code).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add a recovery code", inserted).map(|_| ())
    }

    async fn unused_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<StoredRecoveryCode>, StoreError> {
        let found = Entity::find()
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(is_good(now))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Digest)
            .all(&self.transaction)
            .await;
        self.all("find the recovery codes of an account", found, recovery_code)
    }

    async fn spend(&mut self, user: UserId, digest: &Digest, now: Timestamp) -> Result<Consumption, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(now.micros()))
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(is_good(now))
            .exec(&self.transaction)
            .await;
        self.consumed("spend a recovery code", updated)
    }

    async fn delete_all_of(&mut self, user: UserId) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::UserId.eq(user.as_uuid()))
            .exec(&self.transaction)
            .await;
        self.noted("forget the recovery codes of an account", deleted)
            .map(|_| ())
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lt(cutoff.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("forget recovery codes", deleted)?.rows_affected)
    }
}

fn is_good(now: Timestamp) -> Condition {
    let does_not_end_before = Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(now.micros()));
    Condition::all().add(Column::UsedAt.is_null()).add(does_not_end_before)
}

fn row(code: &StoredRecoveryCode) -> Model {
    Model {
        digest: bytes(&code.digest),
        user_id: code.user.as_uuid(),
        origin: code.origin.name().to_owned(),
        created_at: code.created_at.micros(),
        expires_at: micros(code.expires_at),
        used_at: None,
    }
}

fn recovery_code(row: Model) -> Result<StoredRecoveryCode, DbErr> {
    Ok(StoredRecoveryCode {
        user: UserId::from_uuid(row.user_id),
        digest: digest("recovery_codes.digest", row.digest)?,
        origin: RecoveryOrigin::from_name(&row.origin).ok_or_else(|| unreadable("recovery_codes.origin"))?,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: instant(row.expires_at),
    })
}
