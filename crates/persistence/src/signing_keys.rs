//! The key ring.

use application::ports::{Addition, Consumption, SigningKeys, StoreError};
use async_trait::async_trait;
use domain::secret::Sealed;
use domain::signing_key::{Algorithm, KeyPurpose, KeyState, Kid, SigningKey};
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::signing_keys::{Column, Entity, Model};
use crate::row::unreadable;
use crate::store::UnitOfWork;

#[async_trait]
impl SigningKeys for UnitOfWork {
    async fn insert(&mut self, key: &SigningKey) -> Result<Addition, StoreError> {
        // The partial unique index over the states of which each purpose has one decides.
        let inserted = Entity::insert(row(key).into_active_model())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.transaction)
            .await;
        let added = self.noted("add a signing key", inserted)?;
        Ok(if added == 1 { Addition::Done } else { Addition::Occupied })
    }

    async fn published(&mut self) -> Result<Vec<SigningKey>, StoreError> {
        let found = Entity::find()
            .filter(Column::State.ne(KeyState::Retired.name()))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Kid)
            .all(&self.transaction)
            .await;
        self.all("find the signing keys", found, signing_key)
    }

    async fn list(&mut self, limit: u32) -> Result<Vec<SigningKey>, StoreError> {
        let found = Entity::find()
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Kid)
            .limit(u64::from(limit))
            .all(&self.transaction)
            .await;
        self.all("list the signing keys", found, signing_key)
    }

    async fn advance(
        &mut self,
        kid: &Kid,
        from: KeyState,
        to: KeyState,
        now: Timestamp,
    ) -> Result<Consumption, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::State, Expr::value(to.name()))
            .col_expr(Column::StateSince, Expr::value(now.micros()))
            .filter(Column::Kid.eq(kid.as_str()))
            .filter(Column::State.eq(from.name()))
            .exec(&self.transaction)
            .await;
        self.consumed("advance a signing key", updated)
    }
}

fn row(key: &SigningKey) -> Model {
    Model {
        kid: key.kid.as_str().to_owned(),
        purpose: key.purpose.name().to_owned(),
        algorithm: key.algorithm.name().to_owned(),
        public_der: key.public_der.clone(),
        private: key.private.as_bytes().to_vec(),
        state: key.state.name().to_owned(),
        created_at: key.created_at.micros(),
        state_since: key.state_since.micros(),
    }
}

fn signing_key(row: Model) -> Result<SigningKey, DbErr> {
    Ok(SigningKey {
        kid: Kid::new(row.kid),
        purpose: KeyPurpose::from_name(&row.purpose).ok_or_else(|| unreadable("signing_keys.purpose"))?,
        algorithm: Algorithm::from_name(&row.algorithm).ok_or_else(|| unreadable("signing_keys.algorithm"))?,
        public_der: row.public_der,
        private: Sealed::from_bytes(row.private),
        state: KeyState::from_name(&row.state).ok_or_else(|| unreadable("signing_keys.state"))?,
        created_at: Timestamp::from_micros(row.created_at),
        state_since: Timestamp::from_micros(row.state_since),
    })
}
