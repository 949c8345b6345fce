//! Counters of attempts.

use application::ports::{AttemptKey, Attempts, StoreError};
use async_trait::async_trait;
use domain::id::UserId;
use domain::lockout::{Budget, Tally};
use domain::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, Statement};

use crate::entity::attempts::{Column, Entity, Model};
use crate::row::{count, instant, micros, unreadable};
use crate::store::UnitOfWork;

/// Rows that somebody holds are passed over. The inner query of each runs once, so the limit is exact.
const PURGE_ON_POSTGRES: &str = "DELETE FROM attempts WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM attempts WHERE (last_admitted IS NULL OR last_admitted < $1)
    AND (network <> '' OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = attempts.account))
    LIMIT $2 FOR UPDATE SKIP LOCKED))";
const PURGE_ON_SQLITE: &str = "DELETE FROM attempts WHERE (account, budget, network) IN (
    SELECT account, budget, network FROM attempts WHERE (last_admitted IS NULL OR last_admitted < ?1)
    AND (network <> '' OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = attempts.account))
    LIMIT ?2)";

#[async_trait]
impl Attempts for UnitOfWork {
    async fn hold(&mut self, key: &AttemptKey) -> Result<Tally, StoreError> {
        const ACTION: &str = "hold a counter of attempts";
        if self.is_postgres() {
            // Makes the row or locks it, in one statement; an update that changes nothing is what takes the lock.
            let held = Entity::insert(row(key, Tally::default()).into_active_model())
                .on_conflict(OnConflict::columns(KEY).update_column(Column::Network).to_owned())
                .exec_with_returning(&self.transaction)
                .await;
            return self.noted(ACTION, held.and_then(|row| tally(&row)));
        }
        // The one writer holds every row, also those that do not exist yet.
        let id = (key.account.as_uuid(), key.budget.name().to_owned(), key.network.clone());
        let found = Entity::find_by_id(id).one(&self.transaction).await;
        Ok(self.one(ACTION, found, |row| tally(&row))?.unwrap_or_default())
    }

    async fn record(&mut self, key: &AttemptKey, tally: Tally) -> Result<(), StoreError> {
        const FACTS: [Column; 4] = [
            Column::Streak,
            Column::StreakBegan,
            Column::Consecutive,
            Column::LastAdmitted,
        ];
        let written = Entity::insert(row(key, tally).into_active_model())
            .on_conflict(OnConflict::columns(KEY).update_columns(FACTS).to_owned())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("record an attempt", written).map(|_| ())
    }

    async fn clear(&mut self, key: &AttemptKey) -> Result<(), StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::Account.eq(key.account.as_uuid()))
            .filter(Column::Budget.eq(key.budget.name()))
            .filter(Column::Network.eq(key.network.as_str()))
            .exec(&self.transaction)
            .await;
        self.noted("clear a counter of attempts", deleted).map(|_| ())
    }

    async fn clear_account(&mut self, account: UserId) -> Result<(), StoreError> {
        // In the order in which logins take them, budget by budget: one statement would take them in any order.
        for budget in Budget::ALL {
            let deleted = Entity::delete_many()
                .filter(Column::Account.eq(account.as_uuid()))
                .filter(Column::Budget.eq(budget.name()))
                .exec(&self.transaction)
                .await;
            self.noted("clear the counters of an account", deleted)?;
        }
        Ok(())
    }

    async fn of_account(&mut self, account: UserId) -> Result<Vec<(AttemptKey, Tally)>, StoreError> {
        // A counter that was held and never charged is at nothing.
        let found = Entity::find()
            .filter(Column::Account.eq(account.as_uuid()))
            .filter(
                Condition::any()
                    .add(Column::Streak.gt(0))
                    .add(Column::Consecutive.gt(0))
                    .add(Column::LastAdmitted.is_not_null()),
            )
            .all(&self.transaction)
            .await;
        self.all("list the counters of an account", found, |row| {
            Ok((key(&row)?, tally(&row)?))
        })
    }

    async fn purge(&mut self, cutoff: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let sql = if self.is_postgres() {
            PURGE_ON_POSTGRES
        } else {
            PURGE_ON_SQLITE
        };
        let values = [cutoff.micros().into(), i64::from(limit).into()];
        let statement = Statement::from_sql_and_values(self.transaction.get_database_backend(), sql, values);
        let deleted = self.transaction.execute_raw(statement).await;
        Ok(self.noted("forget counters of attempts", deleted)?.rows_affected())
    }
}

const KEY: [Column; 3] = [Column::Account, Column::Budget, Column::Network];

fn row(key: &AttemptKey, tally: Tally) -> Model {
    Model {
        account: key.account.as_uuid(),
        budget: key.budget.name().to_owned(),
        network: key.network.clone(),
        streak: i64::from(tally.streak),
        streak_began: micros(tally.streak_began),
        consecutive: i64::from(tally.consecutive),
        last_admitted: micros(tally.last_admitted),
    }
}

fn key(row: &Model) -> Result<AttemptKey, DbErr> {
    Ok(AttemptKey {
        account: UserId::from_uuid(row.account),
        budget: Budget::from_name(&row.budget).ok_or_else(|| unreadable("attempts.budget"))?,
        network: row.network.clone(),
    })
}

fn tally(row: &Model) -> Result<Tally, DbErr> {
    Ok(Tally {
        streak: count("attempts.streak", row.streak)?,
        streak_began: instant(row.streak_began),
        consecutive: count("attempts.consecutive", row.consecutive)?,
        last_admitted: instant(row.last_admitted),
    })
}
