//! Secret keys.

use application::ports::{Consumption, SecretKeys, StoreError};
use async_trait::async_trait;
use domain::id::{SecretKeyId, UserId};
use domain::secret_key::StoredSecretKey;
use domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::entity::secret_keys::{Column, Entity, Model};
use crate::row::{bytes, digest, instant, micros};
use crate::store::UnitOfWork;

#[async_trait]
impl SecretKeys for UnitOfWork {
    async fn insert(&mut self, key: &StoredSecretKey) -> Result<(), StoreError> {
        let inserted = Entity::insert(row(key).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add a secret key", inserted).map(|_| ())
    }

    async fn live_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<StoredSecretKey>, StoreError> {
        let found = Entity::find()
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(ends_after(now))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .all(&self.transaction)
            .await;
        self.all("find the secret keys of an account", found, secret_key)
    }

    async fn supersede(&mut self, id: SecretKeyId, now: Timestamp, end: Timestamp) -> Result<Consumption, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::SupersededAt, Expr::value(now.micros()))
            .col_expr(Column::ExpiresAt, Expr::value(end.micros()))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::SupersededAt.is_null())
            .exec(&self.transaction)
            .await;
        self.consumed("supersede a secret key", updated)
    }

    async fn end_all_of(&mut self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        // A key that ended before keeps its end.
        let updated = Entity::update_many()
            .col_expr(Column::ExpiresAt, Expr::value(now.micros()))
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(ends_after(now))
            .exec(&self.transaction)
            .await;
        self.noted("end the secret keys of an account", updated).map(|_| ())
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lt(cutoff.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("forget secret keys", deleted)?.rows_affected)
    }
}

fn ends_after(now: Timestamp) -> Condition {
    Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(now.micros()))
}

fn row(key: &StoredSecretKey) -> Model {
    Model {
        id: key.id.as_uuid(),
        user_id: key.user.as_uuid(),
        digest: bytes(&key.digest),
        created_at: key.created_at.micros(),
        expires_at: micros(key.expires_at),
        superseded_at: micros(key.superseded_at),
    }
}

fn secret_key(row: Model) -> Result<StoredSecretKey, DbErr> {
    Ok(StoredSecretKey {
        id: SecretKeyId::from_uuid(row.id),
        user: UserId::from_uuid(row.user_id),
        digest: digest("secret_keys.digest", row.digest)?,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: instant(row.expires_at),
        superseded_at: instant(row.superseded_at),
    })
}
