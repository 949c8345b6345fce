//! Authenticators.

use application::ports::{Authenticators, Consumption, StoreError};
use async_trait::async_trait;
use domain::authenticator::{Authenticator, AuthenticatorName, AuthenticatorState, OtpKind, OtpParameters};
use domain::factor::FactorType;
use domain::id::{AuthenticatorId, UserId};
use domain::one_time_code::{Digits, HashAlgorithm, Position};
use domain::secret::Sealed;
use domain::time::Timestamp;
use domain::totp::Period;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::entity::authenticators::{Column, Entity, Model};
use crate::row::{instant, micros, unreadable};
use crate::store::UnitOfWork;

const TOTP: &str = FactorType::Totp.name();
const HOTP: &str = FactorType::Hotp.name();
const PENDING: &str = "pending";
const ACTIVE: &str = "active";

#[async_trait]
impl Authenticators for UnitOfWork {
    async fn insert(&mut self, authenticator: &Authenticator) -> Result<(), StoreError> {
        let inserted = Entity::insert(row(authenticator).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add an authenticator", inserted).map(|_| ())
    }

    async fn of_user(&mut self, user: UserId) -> Result<Vec<Authenticator>, StoreError> {
        let found = Entity::find()
            .filter(Column::UserId.eq(user.as_uuid()))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .all(&self.transaction)
            .await;
        self.all("find the authenticators of an account", found, authenticator)
    }

    async fn confirm(
        &mut self,
        id: AuthenticatorId,
        position: Position,
        now: Timestamp,
    ) -> Result<Consumption, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::State, Expr::value(ACTIVE))
            .col_expr(Column::Position, Expr::value(position.number()))
            .col_expr(Column::ConfirmedAt, Expr::value(now.micros()))
            .col_expr(Column::ExpiresAt, Expr::value(None::<i64>))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::State.eq(PENDING))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .filter(Column::Position.lt(position.number()))
            .exec(&self.transaction)
            .await;
        self.consumed("confirm an authenticator", updated)
    }

    async fn advance(
        &mut self,
        id: AuthenticatorId,
        position: Position,
        now: Timestamp,
    ) -> Result<Consumption, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Position, Expr::value(position.number()))
            .col_expr(Column::UsedAt, Expr::value(now.micros()))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::State.eq(ACTIVE))
            .filter(Column::Position.lt(position.number()))
            .exec(&self.transaction)
            .await;
        self.consumed("advance an authenticator", updated)
    }

    async fn rename(
        &mut self,
        user: UserId,
        id: AuthenticatorId,
        name: &AuthenticatorName,
    ) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Name, Expr::value(name.as_str()))
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::UserId.eq(user.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("rename an authenticator", updated)?.rows_affected == 1)
    }

    async fn delete(&mut self, user: UserId, id: AuthenticatorId) -> Result<bool, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::UserId.eq(user.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("delete an authenticator", deleted)?.rows_affected == 1)
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("forget pending authenticators", deleted)?.rows_affected)
    }
}

fn row(authenticator: &Authenticator) -> Model {
    let OtpParameters {
        kind,
        algorithm,
        digits,
    } = authenticator.parameters;
    let period = match kind {
        OtpKind::Totp(period) => Some(i64::from(period.seconds())),
        OtpKind::Hotp => None,
    };
    let (state, expires_at, confirmed_at) = match authenticator.state {
        AuthenticatorState::Pending { expires_at } => (PENDING, Some(expires_at), None),
        AuthenticatorState::Active { confirmed_at } => (ACTIVE, None, Some(confirmed_at)),
    };
    Model {
        id: authenticator.id.as_uuid(),
        user_id: authenticator.user.as_uuid(),
        name: authenticator.name.as_str().to_owned(),
        kind: authenticator.parameters.factor().name().to_owned(),
        algorithm: algorithm.name().to_owned(),
        digits: i64::from(digits.number()),
        period,
        secret: authenticator.secret.as_bytes().to_vec(),
        state: state.to_owned(),
        position: authenticator.position.number(),
        created_at: authenticator.created_at.micros(),
        expires_at: micros(expires_at),
        confirmed_at: micros(confirmed_at),
        used_at: micros(authenticator.used_at),
        replaces: authenticator.replaces.map(|id| id.as_uuid()),
    }
}

fn authenticator(row: Model) -> Result<Authenticator, DbErr> {
    Ok(Authenticator {
        parameters: parameters(&row)?,
        state: state(&row)?,
        id: AuthenticatorId::from_uuid(row.id),
        user: UserId::from_uuid(row.user_id),
        name: AuthenticatorName::from_stored(row.name),
        secret: Sealed::from_bytes(row.secret),
        position: Position::new(row.position),
        created_at: Timestamp::from_micros(row.created_at),
        used_at: instant(row.used_at),
        replaces: row.replaces.map(AuthenticatorId::from_uuid),
    })
}

fn parameters(row: &Model) -> Result<OtpParameters, DbErr> {
    let kind = match (row.kind.as_str(), row.period) {
        (TOTP, Some(seconds)) => u8::try_from(seconds)
            .ok()
            .and_then(Period::from_seconds)
            .map(OtpKind::Totp)
            .ok_or_else(|| unreadable("authenticators.period"))?,
        (HOTP, None) => OtpKind::Hotp,
        _ => return Err(unreadable("authenticators.type")),
    };
    let digits = u8::try_from(row.digits).ok().and_then(Digits::from_number);
    Ok(OtpParameters {
        kind,
        algorithm: HashAlgorithm::from_name(&row.algorithm).ok_or_else(|| unreadable("authenticators.algorithm"))?,
        digits: digits.ok_or_else(|| unreadable("authenticators.digits"))?,
    })
}

fn state(row: &Model) -> Result<AuthenticatorState, DbErr> {
    match (row.state.as_str(), instant(row.expires_at), instant(row.confirmed_at)) {
        (PENDING, Some(expires_at), None) => Ok(AuthenticatorState::Pending { expires_at }),
        (ACTIVE, None, Some(confirmed_at)) => Ok(AuthenticatorState::Active { confirmed_at }),
        _ => Err(unreadable("authenticators.state")),
    }
}
