//! Completed logins. What belongs to them goes with them, by foreign key.

use application::ports::{Sessions, StoreError};
use async_trait::async_trait;
use domain::factor::Proved;
use domain::id::{AuthenticatorId, SessionId, UserId};
use domain::session::Session;
use domain::time::Timestamp;
use domain::user::Epoch;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::entity::sessions::{Column, Entity, Model};
use crate::json::ClaimsText;
use crate::row::{origin, scopes};
use crate::store::UnitOfWork;
use crate::{factors, json};

#[async_trait]
impl Sessions for UnitOfWork {
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError> {
        const ACTION: &str = "add a session";
        let row = self.noted(ACTION, row(session))?;
        let inserted = Entity::insert(row.into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted(ACTION, inserted).map(|_| ())
    }

    async fn find(&mut self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let found = Entity::find_by_id(id.as_uuid())
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find a session", found, session)
    }

    async fn live_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let own = Column::UserId.eq(user.as_uuid());
        self.live("list the sessions of an account", own, now).await
    }

    async fn children_of(&mut self, parent: SessionId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let children = Column::ParentId.eq(parent.as_uuid());
        self.live("list the sessions of a browser", children, now).await
    }

    async fn adopt(&mut self, from: SessionId, to: SessionId) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::ParentId, Expr::value(Some(to.as_uuid())))
            .filter(Column::ParentId.eq(from.as_uuid()))
            .exec(&self.transaction)
            .await;
        self.noted("give sessions to another browser's", updated).map(|_| ())
    }

    async fn live_of_client(&mut self, client: &str, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        // No stored text holds a NUL, and PostgreSQL does not take one as a parameter.
        if client.contains('\0') {
            return Ok(Vec::new());
        }
        let of_client = Column::ClientId.eq(client);
        self.live("list the sessions of a client", of_client, now).await
    }

    async fn touch(&mut self, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(now.micros()))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("note the use of a session", updated)?.rows_affected == 1)
    }

    async fn set_proved(
        &mut self,
        id: SessionId,
        proved: &Proved,
        authenticator: Option<AuthenticatorId>,
    ) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Factors, Expr::value(factors::text(proved)))
            .col_expr(Column::ProvedAt, Expr::value(proved.at().micros()))
            .col_expr(Column::Authenticator, Expr::value(authenticator.map(|id| id.as_uuid())))
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("set what a session has proved", updated)?.rows_affected == 1)
    }

    async fn end(&mut self, id: SessionId) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(id.as_uuid()).exec(&self.transaction).await;
        Ok(self.noted("end a session", deleted)?.rows_affected == 1)
    }

    async fn end_all_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::UserId.eq(user.as_uuid()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("end the sessions of an account", deleted)?.rows_affected)
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::ExpiresAt.lte(now.micros()))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("forget sessions", deleted)?.rows_affected)
    }
}

impl UnitOfWork {
    /// Those that have not expired at `now`, newest first.
    async fn live(&mut self, action: &'static str, which: Expr, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let found = Entity::find()
            .filter(which)
            .filter(Column::ExpiresAt.gt(now.micros()))
            .order_by_desc(Column::OpenedAt)
            .order_by_desc(Column::Id)
            .all(&self.transaction)
            .await;
        self.all(action, found, session)
    }
}

fn row(session: &Session) -> Result<Model, DbErr> {
    Ok(Model {
        id: session.id.as_uuid(),
        user_id: session.user.as_uuid(),
        client_id: session.client_id.clone(),
        scopes: session.scopes.to_string(),
        factors: factors::text(&session.proved),
        proved_at: session.proved.at().micros(),
        authenticator: session.authenticator.map(|id| id.as_uuid()),
        epoch: session.epoch.0,
        opened_at: session.opened_at.micros(),
        used_at: session.used_at.micros(),
        expires_at: session.expires_at.micros(),
        address: session.origin.address.clone(),
        user_agent: session.origin.user_agent.clone(),
        request_id: session.origin.request_id.clone(),
        parent_id: session.parent.map(|id| id.as_uuid()),
        audience: json::write("sessions.audience", &session.audience)?,
        actor: session.actor.clone(),
        claims: json::write("sessions.claims", &ClaimsText::of(&session.claims))?,
    })
}

fn session(row: Model) -> Result<Session, DbErr> {
    Ok(Session {
        id: SessionId::from_uuid(row.id),
        user: UserId::from_uuid(row.user_id),
        client_id: row.client_id,
        scopes: scopes("sessions.scopes", &row.scopes)?,
        proved: factors::proved("sessions.factors", &row.factors, row.proved_at)?,
        authenticator: row.authenticator.map(AuthenticatorId::from_uuid),
        epoch: Epoch(row.epoch),
        opened_at: Timestamp::from_micros(row.opened_at),
        used_at: Timestamp::from_micros(row.used_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        origin: origin(row.address, row.user_agent, row.request_id),
        parent: row.parent_id.map(SessionId::from_uuid),
        audience: json::read("sessions.audience", &row.audience)?,
        actor: row.actor,
        claims: json::read::<ClaimsText>("sessions.claims", &row.claims)?.claims(),
    })
}
