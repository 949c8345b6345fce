//! Authorization codes.

use application::ports::{CodeSpending, Codes, StoreError};
use async_trait::async_trait;
use domain::authorization::StoredCode;
use domain::id::SessionId;
use domain::secret::Digest;
use domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::codes::{Column, Entity, Model};
use crate::json;
use crate::owners::LoginTable;
use crate::row::{bytes, digest};
use crate::store::UnitOfWork;

#[async_trait]
impl Codes for UnitOfWork {
    async fn insert(&mut self, code: &StoredCode) -> Result<(), StoreError> {
        const ACTION: &str = "add a code";
        let row = self.noted(ACTION, row(code))?;
        let inserted = Entity::insert(row.into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted(ACTION, inserted).map(|_| ())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredCode>, StoreError> {
        let found = Entity::find_by_id(bytes(digest))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find a code", found, code)
    }

    async fn spend(&mut self, digest: &Digest, session: SessionId, now: Timestamp) -> Result<CodeSpending, StoreError> {
        const ACTION: &str = "spend a code";
        self.hold_owners(ACTION, LoginTable::Codes, digest).await?;
        let updated = Entity::update_many()
            .col_expr(Column::Opened, Expr::value(session.as_uuid()))
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::Opened.is_null())
            .filter(Column::ExpiresAt.gt(now.micros()))
            .exec(&self.transaction)
            .await;
        if self.noted(ACTION, updated)?.rows_affected == 1 {
            return Ok(CodeSpending::First);
        }
        let found = Entity::find_by_id(bytes(digest)).one(&self.transaction).await;
        let opened = self.noted(ACTION, found)?.and_then(|row| row.opened);
        Ok(opened.map_or(CodeSpending::Unknown, |session| {
            CodeSpending::Spent(SessionId::from_uuid(session))
        }))
    }

    async fn purge(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let is_expired = Column::ExpiresAt.lt(before.micros());
        self.forget::<Entity>("forget codes", Column::Digest, is_expired).await
    }
}

fn row(code: &StoredCode) -> Result<Model, DbErr> {
    Ok(Model {
        digest: bytes(&code.digest),
        client_id: code.request.client.to_string(),
        user_id: code.login.user.as_uuid(),
        parent_id: code.login.parent.map(|id| id.as_uuid()),
        request: json::request_text("codes.request", &code.request)?,
        redirect_uri: code.redirect_uri.clone(),
        login: json::login_text("codes.login", &code.login)?,
        expires_at: code.expires_at.micros(),
        opened: None,
    })
}

fn code(row: Model) -> Result<StoredCode, DbErr> {
    Ok(StoredCode {
        digest: digest("codes.digest", row.digest)?,
        request: json::request("codes.request", &row.request)?,
        redirect_uri: row.redirect_uri,
        login: json::login("codes.login", &row.login)?,
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}
