//! Logins that are not complete.

use application::ports::{AuthSessions, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::secret::Digest;
use domain::session::{AuthSession, StoredAuthSession};
use domain::time::Timestamp;
use domain::user::Epoch;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::auth_sessions::{Column, Entity, Model};
use crate::row::bytes;
use crate::store::UnitOfWork;

#[async_trait]
impl AuthSessions for UnitOfWork {
    async fn insert(&mut self, stored: &StoredAuthSession) -> Result<(), StoreError> {
        let inserted = Entity::insert(row(stored).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add an authentication session", inserted).map(|_| ())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError> {
        let found = Entity::find_by_id(bytes(digest))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find an authentication session", found, |row| Ok(auth_session(&row)))
    }

    async fn redeem(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .exec_with_returning(&self.transaction)
            .await;
        Ok(self
            .noted("redeem an authentication session", deleted)?
            .first()
            .map(auth_session))
    }

    async fn delete_all_of(&mut self, user: UserId) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::UserId.eq(user.as_uuid()))
            .exec(&self.transaction)
            .await;
        self.noted("forget the authentication sessions of an account", deleted)
            .map(|_| ())
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("forget authentication sessions", deleted)?.rows_affected)
    }
}

fn row(stored: &StoredAuthSession) -> Model {
    Model {
        digest: bytes(&stored.digest),
        user_id: stored.auth_session.user.as_uuid(),
        epoch: stored.auth_session.epoch.0,
        proved_at: stored.auth_session.proved_at.micros(),
        expires_at: stored.auth_session.expires_at.micros(),
    }
}

fn auth_session(row: &Model) -> AuthSession {
    AuthSession {
        user: UserId::from_uuid(row.user_id),
        epoch: Epoch(row.epoch),
        proved_at: Timestamp::from_micros(row.proved_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    }
}
