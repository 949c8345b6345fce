//! Resets of passwords.

use application::ports::{PasswordResets, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::password_reset::{ResetStage, StoredPasswordReset};
use domain::secret::Digest;
use domain::time::Timestamp;
use domain::user::Epoch;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::password_resets::{Column, Entity, Model};
use crate::row::{bytes, digest, unreadable};
use crate::store::UnitOfWork;

#[async_trait]
impl PasswordResets for UnitOfWork {
    async fn put(&mut self, reset: &StoredPasswordReset) -> Result<(), StoreError> {
        let replacement = OnConflict::column(Column::UserId)
            .update_columns([Column::Digest, Column::Epoch, Column::Stage, Column::ExpiresAt])
            .to_owned();
        let written = Entity::insert(row(reset).into_active_model())
            .on_conflict(replacement)
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("write a reset of a password", written).map(|_| ())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredPasswordReset>, StoreError> {
        let found = Entity::find()
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find a reset of a password", found, password_reset)
    }

    async fn redeem(
        &mut self,
        digest: &Digest,
        stage: ResetStage,
        now: Timestamp,
    ) -> Result<Option<StoredPasswordReset>, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::Stage.eq(stage.name()))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .exec_with_returning(&self.transaction)
            .await;
        let deleted = deleted.map(|rows| rows.into_iter().next());
        self.one("redeem a reset of a password", deleted, password_reset)
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let is_expired = Column::ExpiresAt.lte(now.micros());
        self.forget::<Entity>("forget resets of passwords", Column::UserId, is_expired)
            .await
    }
}

fn row(reset: &StoredPasswordReset) -> Model {
    Model {
        user_id: reset.user.as_uuid(),
        digest: bytes(&reset.digest),
        epoch: reset.epoch.0,
        stage: reset.stage.name().to_owned(),
        expires_at: reset.expires_at.micros(),
    }
}

fn password_reset(row: Model) -> Result<StoredPasswordReset, DbErr> {
    Ok(StoredPasswordReset {
        digest: digest("password_resets.digest", row.digest)?,
        user: UserId::from_uuid(row.user_id),
        epoch: Epoch(row.epoch),
        stage: ResetStage::from_name(&row.stage).ok_or_else(|| unreadable("password_resets.stage"))?,
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}
