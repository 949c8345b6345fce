//! Requests of devices without a browser.

use std::time::Duration;

use application::ports::{Devices, StoreError};
use async_trait::async_trait;
use domain::authorization::CompletedLogin;
use domain::device::{DeviceState, StoredDevice};
use domain::secret::Digest;
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use crate::entity::devices::{Column, Entity, Model};
use crate::json;
use crate::owners::LoginTable;
use crate::row::{bytes, digest, duration, instant, micros, span, unreadable};
use crate::store::UnitOfWork;

const PENDING: &str = "pending";
const APPROVED: &str = "approved";
const DENIED: &str = "denied";

#[async_trait]
impl Devices for UnitOfWork {
    async fn insert(&mut self, device: &StoredDevice) -> Result<bool, StoreError> {
        const ACTION: &str = "add the request of a device";
        let row = self.noted(ACTION, row(device))?;
        let inserted = Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::column(Column::UserCode).do_nothing().to_owned())
            .exec_without_returning(&self.transaction)
            .await;
        Ok(self.noted(ACTION, inserted)? == 1)
    }

    async fn find(&mut self, digest: &Digest) -> Result<Option<StoredDevice>, StoreError> {
        let found = Entity::find_by_id(bytes(digest)).one(&self.transaction).await;
        self.one("find the request of a device", found, device)
    }

    async fn find_by_user_code(
        &mut self,
        user_code: &Digest,
        now: Timestamp,
    ) -> Result<Option<StoredDevice>, StoreError> {
        let found = Entity::find()
            .filter(Column::UserCode.eq(bytes(user_code)))
            .filter(Column::State.eq(PENDING))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find the request of a device by its user code", found, device)
    }

    async fn polled(&mut self, digest: &Digest, now: Timestamp, interval: Duration) -> Result<(), StoreError> {
        const ACTION: &str = "note the poll of a device";
        self.hold_owners(ACTION, LoginTable::Devices, digest).await?;
        let updated = Entity::update_many()
            .col_expr(Column::PolledAt, Expr::value(now.micros()))
            .col_expr(Column::PollInterval, Expr::value(span(interval)))
            .filter(Column::Digest.eq(bytes(digest)))
            .exec(&self.transaction)
            .await;
        self.noted(ACTION, updated).map(|_| ())
    }

    async fn decide(&mut self, digest: &Digest, state: &DeviceState, now: Timestamp) -> Result<bool, StoreError> {
        const ACTION: &str = "decide the request of a device";
        let columns = self.noted(ACTION, StateColumns::of(state))?;
        self.hold_owners(ACTION, LoginTable::Devices, digest).await?;
        let updated = Entity::update_many()
            .col_expr(Column::State, Expr::value(columns.state))
            .col_expr(Column::Login, Expr::value(columns.login))
            .col_expr(Column::UserId, Expr::value(columns.user_id))
            .col_expr(Column::ParentId, Expr::value(columns.parent_id))
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::State.eq(PENDING))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted(ACTION, updated)?.rows_affected == 1)
    }

    async fn redeem(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<CompletedLogin>, StoreError> {
        const ACTION: &str = "redeem the request of a device";
        self.hold_owners(ACTION, LoginTable::Devices, digest).await?;
        let deleted = Entity::delete_many()
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::State.eq(APPROVED))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .exec_with_returning(&self.transaction)
            .await;
        let deleted = deleted.map(|rows| rows.into_iter().next());
        self.one(ACTION, deleted, |row| login(row.login.as_deref()))
    }

    async fn delete(&mut self, digest: &Digest) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(bytes(digest)).exec(&self.transaction).await;
        Ok(self.noted("delete the request of a device", deleted)?.rows_affected == 1)
    }

    async fn purge(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let is_expired = Column::ExpiresAt.lt(before.micros());
        self.forget::<Entity>("forget requests of devices", Column::Digest, is_expired)
            .await
    }
}

/// What the columns hold of a decision.
struct StateColumns {
    state: &'static str,
    login: Option<String>,
    user_id: Option<Uuid>,
    parent_id: Option<Uuid>,
}

impl StateColumns {
    fn of(state: &DeviceState) -> Result<Self, DbErr> {
        let undecided = |state| Self {
            state,
            login: None,
            user_id: None,
            parent_id: None,
        };
        Ok(match state {
            DeviceState::Pending => undecided(PENDING),
            DeviceState::Denied => undecided(DENIED),
            DeviceState::Approved(login) => Self {
                state: APPROVED,
                login: Some(json::login_text("devices.login", login)?),
                user_id: Some(login.user.as_uuid()),
                parent_id: login.parent.map(|id| id.as_uuid()),
            },
        })
    }
}

fn row(device: &StoredDevice) -> Result<Model, DbErr> {
    let columns = StateColumns::of(&device.state)?;
    Ok(Model {
        digest: bytes(&device.digest),
        user_code: bytes(&device.user_code),
        client_id: device.request.client.to_string(),
        request: json::request_text("devices.request", &device.request)?,
        state: columns.state.to_owned(),
        login: columns.login,
        user_id: columns.user_id,
        parent_id: columns.parent_id,
        poll_interval: span(device.interval),
        polled_at: micros(device.polled_at),
        expires_at: device.expires_at.micros(),
    })
}

fn device(row: Model) -> Result<StoredDevice, DbErr> {
    let state = match (row.state.as_str(), row.login.as_deref()) {
        (PENDING, None) => DeviceState::Pending,
        (DENIED, None) => DeviceState::Denied,
        (APPROVED, text) => DeviceState::Approved(login(text)?),
        _ => return Err(unreadable("devices.state")),
    };
    Ok(StoredDevice {
        digest: digest("devices.digest", row.digest)?,
        user_code: digest("devices.user_code", row.user_code)?,
        request: json::request("devices.request", &row.request)?,
        state,
        interval: duration("devices.poll_interval", row.poll_interval)?,
        polled_at: instant(row.polled_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}

fn login(text: Option<&str>) -> Result<CompletedLogin, DbErr> {
    let text = text.ok_or_else(|| unreadable("devices.login"))?;
    json::login("devices.login", text)
}
