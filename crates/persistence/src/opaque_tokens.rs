//! Access tokens that are references.

use application::ports::{OpaqueTokens, StoreError};
use async_trait::async_trait;
use domain::id::{SessionId, TokenId};
use domain::opaque_token::StoredOpaqueToken;
use domain::secret::Digest;
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::opaque_tokens::{Column, Entity, Model};
use crate::json;
use crate::row::{bytes, client_id, digest, scopes};
use crate::store::UnitOfWork;

#[async_trait]
impl OpaqueTokens for UnitOfWork {
    async fn insert(&mut self, token: &StoredOpaqueToken) -> Result<(), StoreError> {
        const ACTION: &str = "add an opaque token";
        let row = self.noted(ACTION, row(token))?;
        let inserted = Entity::insert(row.into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted(ACTION, inserted).map(|_| ())
    }

    async fn find(&mut self, digest: &Digest, now: Timestamp) -> Result<Option<StoredOpaqueToken>, StoreError> {
        let found = Entity::find_by_id(bytes(digest))
            .filter(Column::ExpiresAt.gt(now.micros()))
            .one(&self.transaction)
            .await;
        self.one("find an opaque token", found, opaque_token)
    }

    async fn delete(&mut self, digest: &Digest) -> Result<bool, StoreError> {
        let deleted = Entity::delete_by_id(bytes(digest)).exec(&self.transaction).await;
        Ok(self.noted("delete an opaque token", deleted)?.rows_affected == 1)
    }

    async fn purge(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let is_expired = Column::ExpiresAt.lte(now.micros());
        self.forget::<Entity>("forget opaque tokens", Column::Digest, is_expired)
            .await
    }
}

fn row(token: &StoredOpaqueToken) -> Result<Model, DbErr> {
    Ok(Model {
        digest: bytes(&token.digest),
        token: token.token.as_uuid(),
        session_id: token.session.map(|id| id.as_uuid()),
        client_id: token.client.to_string(),
        scopes: token.scopes.to_string(),
        audience: json::write("opaque_tokens.audience", &token.audience)?,
        issued_at: token.issued_at.micros(),
        expires_at: token.expires_at.micros(),
    })
}

fn opaque_token(row: Model) -> Result<StoredOpaqueToken, DbErr> {
    Ok(StoredOpaqueToken {
        digest: digest("opaque_tokens.digest", row.digest)?,
        token: TokenId::from_uuid(row.token),
        session: row.session_id.map(SessionId::from_uuid),
        client: client_id("opaque_tokens.client_id", &row.client_id)?,
        scopes: scopes("opaque_tokens.scopes", &row.scopes)?,
        audience: json::read("opaque_tokens.audience", &row.audience)?,
        issued_at: Timestamp::from_micros(row.issued_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}
