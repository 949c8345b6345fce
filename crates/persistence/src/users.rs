//! Accounts.

use application::ports::{Attempts, Insertion, StoreError, UserFilter, UserProfile, Users};
use async_trait::async_trait;
use domain::email::Email;
use domain::id::UserId;
use domain::secret::PasswordHash;
use domain::time::Timestamp;
use domain::user::{Enrolment, Epoch, Role, User, UserState};
use domain::username::Username;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, SqlErr, TransactionTrait,
};
use uuid::Uuid;

use crate::entity::users::{Column, Entity, Model};
use crate::row::unreadable;
use crate::store::UnitOfWork;

/// The advisory lock that makes those who count the administrators wait for one another.
const ADMINS_LOCK: i64 = i64::from_be_bytes(*b"csadmins");

/// How often a conflict is looked into: what stood in the way can be gone by then.
const INSERT_ATTEMPTS: u32 = 3;

#[async_trait]
impl Users for UnitOfWork {
    async fn insert(&mut self, user: &User) -> Result<Insertion, StoreError> {
        const ACTION: &str = "add an account";
        for _ in 0..INSERT_ATTEMPTS {
            let inserted = Entity::insert(row(user).into_active_model())
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_without_returning(&self.transaction)
                .await;
            if self.noted(ACTION, inserted)? == 1 {
                return Ok(Insertion::Done);
            }
            if self.exists(ACTION, Column::Username.eq(user.username.as_str())).await? {
                return Ok(Insertion::UsernameTaken);
            }
            let Some(email) = &user.email else { continue };
            if self.exists(ACTION, Column::EmailKey.eq(email.key())).await? {
                return Ok(Insertion::EmailTaken);
            }
        }
        self.noted(ACTION, Err(DbErr::RecordNotInserted))
    }

    async fn find(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let found = Entity::find_by_id(id.as_uuid()).one(&self.transaction).await;
        self.one("find an account", found, account)
    }

    async fn find_by_username(&mut self, username: &Username) -> Result<Option<User>, StoreError> {
        let found = Entity::find()
            .filter(Column::Username.eq(username.as_str()))
            .one(&self.transaction)
            .await;
        self.one("find an account by its name", found, account)
    }

    async fn find_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError> {
        let found = Entity::find()
            .filter(Column::EmailKey.eq(email.key()))
            .one(&self.transaction)
            .await;
        self.one("find an account by its address", found, account)
    }

    /// The lock leaves room for rows that refer to the account, which others may add meanwhile: it keeps out changes and
    /// deletion only, and so cannot close a circle of waiting with them.
    async fn hold(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let found = Entity::find_by_id(id.as_uuid())
            .lock(LockType::NoKeyUpdate)
            .one(&self.transaction)
            .await;
        self.one("hold an account", found, account)
    }

    async fn set_password(&mut self, id: UserId, hash: &PasswordHash, now: Timestamp) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(hash.as_phc()))
            .col_expr(Column::PasswordIsWeak, Expr::value(false))
            .col_expr(Column::PasswordChangedAt, Expr::value(now.micros()))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("set a password", updated)?.rows_affected == 1)
    }

    async fn rehash_password(
        &mut self,
        id: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(new.as_phc()))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::PasswordHash.eq(old.as_phc()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("renew the hash of a password", updated)?.rows_affected == 1)
    }

    async fn set_profile(&mut self, id: UserId, profile: &UserProfile) -> Result<Insertion, StoreError> {
        const ACTION: &str = "change an account";
        // A savepoint: on PostgreSQL a violated constraint would otherwise end the whole transaction.
        let savepoint = self.transaction.begin().await;
        let savepoint = self.noted(ACTION, savepoint)?;
        let updated = Entity::update_many()
            .col_expr(Column::Email, Expr::value(profile.email.as_ref().map(Email::as_str)))
            .col_expr(Column::EmailKey, Expr::value(profile.email.as_ref().map(Email::key)))
            .col_expr(Column::DisplayName, Expr::value(profile.display_name.as_deref()))
            .col_expr(
                Column::DisplayNameKey,
                Expr::value(lower(profile.display_name.as_deref())),
            )
            .col_expr(Column::Role, Expr::value(profile.role.name()))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(&savepoint)
            .await;
        let (outcome, ended) = match updated {
            Ok(result) if result.rows_affected == 1 => (Ok(Insertion::Done), savepoint.commit().await),
            Ok(_) => (Err(DbErr::RecordNotUpdated), savepoint.rollback().await),
            Err(error) if is_taken(&error) => (Ok(Insertion::EmailTaken), savepoint.rollback().await),
            Err(error) => (Err(error), savepoint.rollback().await),
        };
        let outcome = self.noted(ACTION, outcome)?;
        self.noted(ACTION, ended).map(|()| outcome)
    }

    async fn set_state(&mut self, id: UserId, state: UserState) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::State, Expr::value(state.name()))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("set the state of an account", updated)?.rows_affected == 1)
    }

    async fn set_enrolment(&mut self, id: UserId, enrolment: Enrolment) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Enrolment, Expr::value(enrolment.name()))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("set what an account owes", updated)?.rows_affected == 1)
    }

    async fn advance_epoch(&mut self, id: UserId) -> Result<Option<Epoch>, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Epoch, Expr::col(Column::Epoch).add(1_i64))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec_with_returning(&self.transaction)
            .await;
        Ok(self
            .noted("advance the epoch of an account", updated)?
            .first()
            .map(|row| Epoch(row.epoch)))
    }

    async fn delete(&mut self, id: UserId) -> Result<bool, StoreError> {
        const ACTION: &str = "delete an account";
        // The order of tables in which everybody waits: the account, its attempts, and then (by foreign keys) the rest.
        if Users::hold(self, id).await?.is_none() {
            return Ok(false);
        }
        Attempts::clear_account(self, id).await?;
        let deleted = Entity::delete_by_id(id.as_uuid()).exec(&self.transaction).await;
        Ok(self.noted(ACTION, deleted)?.rows_affected == 1)
    }

    async fn list(&mut self, filter: &UserFilter, limit: u32) -> Result<Vec<User>, StoreError> {
        let mut query = Entity::find();
        if let Some(text) = &filter.search {
            // No stored text holds a NUL, and PostgreSQL does not take one as a parameter.
            if text.contains('\0') {
                return Ok(Vec::new());
            }
            query = query.filter(self.contains(&text.to_lowercase()));
        }
        if let Some(state) = filter.state {
            query = query.filter(Column::State.eq(state.name()));
        }
        if let Some(after) = &filter.after {
            query = query.filter(Column::Username.gt(after.as_str()));
        }
        let found = query
            .order_by_asc(Column::Username)
            .limit(u64::from(limit))
            .all(&self.transaction)
            .await;
        self.all("list accounts", found, account)
    }

    async fn hold_active_admins(&mut self) -> Result<Vec<UserId>, StoreError> {
        const ACTION: &str = "hold the administrators";
        if self.is_postgres() {
            let lock = format!("SELECT pg_advisory_xact_lock({ADMINS_LOCK})");
            let locked = self.transaction.execute_unprepared(&lock).await;
            self.noted(ACTION, locked)?;
        }
        let found = Entity::find()
            .filter(Column::Role.eq(Role::Admin.name()))
            .filter(Column::State.eq(UserState::Active.name()))
            .order_by_asc(Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&self.transaction)
            .await;
        self.all(ACTION, found, |row| Ok(UserId::from_uuid(row.id)))
    }

    async fn count(&mut self) -> Result<u64, StoreError> {
        let count = Entity::find().count(&self.transaction).await;
        self.noted("count the accounts", count)
    }
}

impl UnitOfWork {
    async fn exists(&mut self, action: &'static str, condition: Expr) -> Result<bool, StoreError> {
        let found: Result<Option<Uuid>, DbErr> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(condition)
            .into_tuple()
            .one(&self.transaction)
            .await;
        Ok(self.noted(action, found)?.is_some())
    }

    /// The text occurs in one of the columns, taken literally: `LIKE` would know wild cards.
    fn contains(&self, text: &str) -> Condition {
        let place = if self.is_postgres() { "strpos" } else { "instr" };
        [Column::Username, Column::EmailKey, Column::DisplayNameKey]
            .into_iter()
            .fold(Condition::any(), |any, column| {
                any.add(Expr::from(Func::cust(place).arg(Expr::col(column)).arg(text)).gt(0))
            })
    }
}

fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

fn lower(text: Option<&str>) -> Option<String> {
    text.map(str::to_lowercase)
}

fn row(user: &User) -> Model {
    Model {
        id: user.id.as_uuid(),
        username: user.username.as_str().to_owned(),
        email: user.email.as_ref().map(|email| email.as_str().to_owned()),
        email_key: user.email.as_ref().map(Email::key),
        display_name: user.display_name.clone(),
        display_name_key: lower(user.display_name.as_deref()),
        role: user.role.name().to_owned(),
        state: user.state.name().to_owned(),
        password_hash: user.password_hash.as_phc().to_owned(),
        password_is_weak: user.password_is_weak,
        enrolment: user.enrolment.name().to_owned(),
        epoch: user.epoch.0,
        created_at: user.created_at.micros(),
        password_changed_at: user.password_changed_at.micros(),
    }
}

fn account(row: Model) -> Result<User, DbErr> {
    Ok(User {
        id: UserId::from_uuid(row.id),
        username: Username::from_stored(row.username),
        email: row.email.map(Email::from_stored),
        display_name: row.display_name,
        role: Role::from_name(&row.role).ok_or_else(|| unreadable("users.role"))?,
        state: UserState::from_name(&row.state).ok_or_else(|| unreadable("users.state"))?,
        password_hash: PasswordHash::from_phc(row.password_hash),
        password_is_weak: row.password_is_weak,
        enrolment: Enrolment::from_name(&row.enrolment).ok_or_else(|| unreadable("users.enrolment"))?,
        epoch: Epoch(row.epoch),
        created_at: Timestamp::from_micros(row.created_at),
        password_changed_at: Timestamp::from_micros(row.password_changed_at),
    })
}
