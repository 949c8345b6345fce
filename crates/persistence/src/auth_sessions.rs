//! Logins that are not complete.

use application::ports::{AuthSessions, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::secret::Digest;
use domain::session::{AuthPurpose, AuthSession, StoredAuthSession};
use domain::time::Timestamp;
use domain::user::Epoch;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::auth_sessions::{Column, Entity, Model};
use crate::row::{bytes, unreadable};
use crate::store::UnitOfWork;
use crate::{factors, json};

#[async_trait]
impl AuthSessions for UnitOfWork {
    async fn insert(&mut self, stored: &StoredAuthSession) -> Result<(), StoreError> {
        const ACTION: &str = "add an authentication session";
        let replacement = OnConflict::column(Column::Digest)
            .update_columns([
                Column::UserId,
                Column::Epoch,
                Column::Purpose,
                Column::Factors,
                Column::ProvedAt,
                Column::ExpiresAt,
                Column::Request,
            ])
            .to_owned();
        let row = self.noted(ACTION, row(stored))?;
        let inserted = Entity::insert(row.into_active_model())
            .on_conflict(replacement)
            .exec_without_returning(&self.transaction)
            .await;
        self.noted(ACTION, inserted).map(|_| ())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError> {
        let found = Entity::find_by_id(bytes(digest))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find an authentication session", found, |row| auth_session(&row))
    }

    async fn redeem(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<AuthSession>, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .exec_with_returning(&self.transaction)
            .await;
        let deleted = deleted.map(|rows| rows.into_iter().next());
        self.one("redeem an authentication session", deleted, |row| auth_session(&row))
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

fn row(stored: &StoredAuthSession) -> Result<Model, DbErr> {
    let auth_session = &stored.auth_session;
    let request = auth_session.request.as_ref();
    Ok(Model {
        digest: bytes(&stored.digest),
        user_id: auth_session.user.as_uuid(),
        epoch: auth_session.epoch.0,
        purpose: auth_session.purpose.name().to_owned(),
        factors: factors::text(&auth_session.proved),
        proved_at: auth_session.proved.at().micros(),
        expires_at: auth_session.expires_at.micros(),
        request: request
            .map(|request| json::request_text("auth_sessions.request", request))
            .transpose()?,
    })
}

fn auth_session(row: &Model) -> Result<AuthSession, DbErr> {
    Ok(AuthSession {
        user: UserId::from_uuid(row.user_id),
        epoch: Epoch(row.epoch),
        purpose: AuthPurpose::from_name(&row.purpose).ok_or_else(|| unreadable("auth_sessions.purpose"))?,
        proved: factors::proved("auth_sessions.factors", &row.factors, row.proved_at)?,
        expires_at: Timestamp::from_micros(row.expires_at),
        request: row
            .request
            .as_deref()
            .map(|text| json::request("auth_sessions.request", text))
            .transpose()?,
    })
}
