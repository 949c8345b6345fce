//! Authorization requests that were pushed beforehand.

use application::ports::{Consumption, PushedRequests, StoreError};
use async_trait::async_trait;
use domain::pushed_request::StoredPushedRequest;
use domain::secret::Digest;
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::pushed_requests::{Column, Entity, Model};
use crate::row::{bytes, client_id, digest};
use crate::store::UnitOfWork;

#[async_trait]
impl PushedRequests for UnitOfWork {
    async fn insert(&mut self, request: &StoredPushedRequest) -> Result<(), StoreError> {
        let inserted = Entity::insert(row(request).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add a pushed request", inserted).map(|_| ())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredPushedRequest>, StoreError> {
        let found = Entity::find_by_id(bytes(digest))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find a pushed request", found, pushed_request)
    }

    async fn spend(&mut self, digest: &Digest) -> Result<Consumption, StoreError> {
        const ACTION: &str = "spend a pushed request";
        self.hold_owner_of_request(ACTION, digest).await?;
        let deleted = Entity::delete_by_id(bytes(digest)).exec(&self.transaction).await;
        Ok(match self.noted(ACTION, deleted)?.rows_affected {
            1 => Consumption::First,
            _ => Consumption::Spent,
        })
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let is_expired = Column::ExpiresAt.lte(now.micros());
        self.forget::<Entity>("forget pushed requests", Column::Digest, is_expired)
            .await
    }
}

fn row(request: &StoredPushedRequest) -> Model {
    Model {
        digest: bytes(&request.digest),
        client_id: request.client.to_string(),
        parameters: request.parameters.clone(),
        expires_at: request.expires_at.micros(),
    }
}

fn pushed_request(row: Model) -> Result<StoredPushedRequest, DbErr> {
    Ok(StoredPushedRequest {
        digest: digest("pushed_requests.digest", row.digest)?,
        client: client_id("pushed_requests.client_id", &row.client_id)?,
        parameters: row.parameters,
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}
