//! What people allowed clients.

use application::ports::{Consents, StoreError};
use async_trait::async_trait;
use domain::client::ClientId;
use domain::consent::Consent;
use domain::id::UserId;
use domain::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::entity::consents::{Column, Entity, Model};
use crate::row::{client_id, scopes};
use crate::store::UnitOfWork;

#[async_trait]
impl Consents for UnitOfWork {
    async fn find(&mut self, user: UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let found = Entity::find_by_id((user.as_uuid(), client.to_string()))
            .one(&self.transaction)
            .await;
        self.one("find a consent", found, |row| consent(&row))
    }

    async fn put(&mut self, consent: &Consent) -> Result<(), StoreError> {
        let replacement = OnConflict::columns([Column::UserId, Column::ClientId])
            .update_columns([Column::Scopes, Column::GrantedAt])
            .to_owned();
        let written = Entity::insert(row(consent).into_active_model())
            .on_conflict(replacement)
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("write a consent", written).map(|_| ())
    }

    async fn of_user(&mut self, user: UserId) -> Result<Vec<Consent>, StoreError> {
        let found = Entity::find()
            .filter(Column::UserId.eq(user.as_uuid()))
            .order_by_asc(Column::ClientId)
            .all(&self.transaction)
            .await;
        self.all("list the consents of an account", found, |row| consent(&row))
    }

    async fn delete(&mut self, user: UserId, client: &ClientId) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id((user.as_uuid(), client.to_string()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("withdraw a consent", deleted)?.rows_affected == 1)
    }
}

fn row(consent: &Consent) -> Model {
    Model {
        user_id: consent.user.as_uuid(),
        client_id: consent.client.to_string(),
        scopes: consent.scopes.to_string(),
        granted_at: consent.granted_at.micros(),
    }
}

fn consent(row: &Model) -> Result<Consent, DbErr> {
    Ok(Consent {
        user: UserId::from_uuid(row.user_id),
        client: client_id("consents.client_id", &row.client_id)?,
        scopes: scopes("consents.scopes", &row.scopes)?,
        granted_at: Timestamp::from_micros(row.granted_at),
    })
}
