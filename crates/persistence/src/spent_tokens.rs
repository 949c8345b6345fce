//! One-use access tokens that were used.

use application::ports::{Consumption, SpentTokens, StoreError};
use async_trait::async_trait;
use domain::id::TokenId;
use domain::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::spent_tokens::{Column, Entity, Model};
use crate::store::UnitOfWork;

#[async_trait]
impl SpentTokens for UnitOfWork {
    async fn spend(&mut self, token: TokenId, expires_at: Timestamp) -> Result<Consumption, StoreError> {
        let row = Model {
            token: token.as_uuid(),
            expires_at: expires_at.micros(),
        };
        let inserted = Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.transaction)
            .await;
        let added = self.noted("spend a token", inserted)?;
        Ok(if added == 1 {
            Consumption::First
        } else {
            Consumption::Spent
        })
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lt(cutoff.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("forget spent tokens", deleted)?.rows_affected)
    }
}
