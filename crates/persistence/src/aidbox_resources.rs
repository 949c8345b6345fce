//! Documents of the Aidbox profile.

use application::ports::{AidboxResources, StoreError};
use async_trait::async_trait;
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::id::UserId;
use domain::time::Timestamp;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::aidbox_resources::{Column, Entity, Model};
use crate::row::unreadable;
use crate::store::UnitOfWork;

#[async_trait]
impl AidboxResources for UnitOfWork {
    async fn put(&mut self, resource: &AidboxResource) -> Result<(), StoreError> {
        let replacement = OnConflict::columns([Column::Kind, Column::Id])
            .update_columns([Column::AccountId, Column::Document, Column::Version, Column::UpdatedAt])
            .to_owned();
        let written = Entity::insert(row(resource).into_active_model())
            .on_conflict(replacement)
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("write a document", written).map(|_| ())
    }

    async fn hold(&mut self, kind: ResourceKind, id: &str) -> Result<Option<AidboxResource>, StoreError> {
        if cannot_be_stored(id) {
            return Ok(None);
        }
        let found = Entity::find_by_id(key(kind, id))
            .lock(LockType::NoKeyUpdate)
            .one(&self.transaction)
            .await;
        self.one("hold a document", found, resource)
    }

    async fn find(&mut self, kind: ResourceKind, id: &str) -> Result<Option<AidboxResource>, StoreError> {
        if cannot_be_stored(id) {
            return Ok(None);
        }
        let found = Entity::find_by_id(key(kind, id)).one(&self.transaction).await;
        self.one("find a document", found, resource)
    }

    async fn of_account(&mut self, user: UserId) -> Result<Option<AidboxResource>, StoreError> {
        let found = Entity::find()
            .filter(Column::AccountId.eq(user.as_uuid()))
            .filter(Column::Kind.eq(ResourceKind::User.name()))
            .order_by_asc(Column::Id)
            .one(&self.transaction)
            .await;
        self.one("find the document of an account", found, resource)
    }

    async fn list(
        &mut self,
        kind: ResourceKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AidboxResource>, StoreError> {
        let mut query = Entity::find().filter(Column::Kind.eq(kind.name()));
        if let Some(after) = after {
            // What follows a text with a NUL follows what stands before the NUL, for no stored text has one.
            let comparable = after.split('\0').next().unwrap_or_default();
            query = query.filter(Column::Id.gt(comparable));
        }
        let found = query
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .all(&self.transaction)
            .await;
        self.all("list documents", found, resource)
    }

    async fn delete(&mut self, kind: ResourceKind, id: &str) -> Result<bool, StoreError> {
        if cannot_be_stored(id) {
            return Ok(false);
        }
        let deleted = Entity::delete_by_id(key(kind, id)).exec(&self.transaction).await;
        Ok(self.noted("delete a document", deleted)?.rows_affected == 1)
    }
}

/// No stored text holds a NUL, and PostgreSQL does not take one as a parameter.
fn cannot_be_stored(id: &str) -> bool {
    id.contains('\0')
}

fn key(kind: ResourceKind, id: &str) -> (String, String) {
    (kind.name().to_owned(), id.to_owned())
}

fn row(resource: &AidboxResource) -> Model {
    Model {
        kind: resource.kind.name().to_owned(),
        id: resource.id.clone(),
        account_id: resource.account.map(|id| id.as_uuid()),
        document: resource.document.clone(),
        version: resource.version,
        created_at: resource.created_at.micros(),
        updated_at: resource.updated_at.micros(),
    }
}

fn resource(row: Model) -> Result<AidboxResource, DbErr> {
    Ok(AidboxResource {
        kind: ResourceKind::from_name(&row.kind).ok_or_else(|| unreadable("aidbox_resources.kind"))?,
        id: row.id,
        account: row.account_id.map(UserId::from_uuid),
        document: row.document,
        version: row.version,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    })
}
