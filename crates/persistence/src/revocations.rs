//! The sequence of revocations that every node follows.

use application::ports::{Revocations, StoreError};
use async_trait::async_trait;
use domain::id::{SessionId, TokenId, UserId};
use domain::revocation::{Revocation, Revoked};
use domain::time::Timestamp;
use domain::user::Epoch;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::revocation_counter;
use crate::entity::revocations::{Column, Entity, Model};
use crate::row::unreadable;
use crate::store::UnitOfWork;

#[async_trait]
impl Revocations for UnitOfWork {
    async fn append(&mut self, revocation: Revocation) -> Result<i64, StoreError> {
        const ACTION: &str = "append a revocation";
        // The counter's row stays locked until the commit: places become visible in their order, and a place that is rolled
        // back is given out again.
        let counted = revocation_counter::Entity::update_many()
            .col_expr(
                revocation_counter::Column::Position,
                Expr::col(revocation_counter::Column::Position).add(1_i64),
            )
            .exec_with_returning(&self.transaction)
            .await;
        let position = counted.and_then(|rows| rows.first().map(|row| row.position).ok_or(DbErr::RecordNotUpdated));
        let position = self.noted(ACTION, position)?;
        let inserted = Entity::insert(row(position, revocation).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted(ACTION, inserted).map(|_| position)
    }

    async fn after(&mut self, position: i64, now: Timestamp, limit: u32) -> Result<Vec<(i64, Revocation)>, StoreError> {
        let found = Entity::find()
            .filter(Column::Position.gt(position))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .order_by_asc(Column::Position)
            .limit(u64::from(limit))
            .all(&self.transaction)
            .await;
        self.all("follow the revocations", found, |row| {
            Ok((row.position, revocation(&row)?))
        })
    }

    async fn position(&mut self) -> Result<i64, StoreError> {
        let found = revocation_counter::Entity::find().one(&self.transaction).await;
        let position = found.and_then(|row| row.map(|row| row.position).ok_or_else(|| missing("revocation_counter")));
        self.noted("find the end of the revocations", position)
    }

    async fn purge(&mut self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lt(cutoff.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("forget revocations", deleted)?.rows_affected)
    }
}

fn missing(table: &str) -> DbErr {
    DbErr::RecordNotFound(format!("{table} has lost its row"))
}

fn row(position: i64, revocation: Revocation) -> Model {
    let (kind, subject, epoch) = match revocation.revoked {
        Revoked::Token(token) => ("token", token.as_uuid(), None),
        Revoked::Session(session) => ("session", session.as_uuid(), None),
        Revoked::Before(user, epoch) => ("before", user.as_uuid(), Some(epoch.0)),
    };
    Model {
        position,
        kind: kind.to_owned(),
        subject,
        epoch,
        expires_at: revocation.expires_at.micros(),
    }
}

fn revocation(row: &Model) -> Result<Revocation, DbErr> {
    let revoked = match (row.kind.as_str(), row.epoch) {
        ("token", None) => Revoked::Token(TokenId::from_uuid(row.subject)),
        ("session", None) => Revoked::Session(SessionId::from_uuid(row.subject)),
        ("before", Some(epoch)) => Revoked::Before(UserId::from_uuid(row.subject), Epoch(epoch)),
        _ => return Err(unreadable("revocations.kind")),
    };
    Ok(Revocation {
        revoked,
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}
