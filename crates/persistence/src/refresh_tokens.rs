//! Refresh tokens.

use application::ports::{RefreshTokens, Rotation, StoreError};
use async_trait::async_trait;
use domain::id::SessionId;
use domain::refresh_token::StoredRefreshToken;
use domain::secret::Digest;
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryResult, QuerySelect, Statement,
};

use crate::entity::refresh_tokens::{Column, Entity, Model};
use crate::entity::sessions;
use crate::row::bytes;
use crate::store::UnitOfWork;

/// The session is locked before its token, as by those who end it: a refresh and a logout at the same moment must not wait
/// for each other in a circle.
const ROTATE_ON_POSTGRES: &str = "WITH held AS MATERIALIZED (
    SELECT sessions.id FROM sessions JOIN refresh_tokens ON refresh_tokens.session_id = sessions.id
    WHERE refresh_tokens.digest = $1 FOR NO KEY UPDATE OF sessions)
    UPDATE refresh_tokens SET used_at = $2 FROM held
    WHERE digest = $1 AND session_id = held.id AND used_at IS NULL AND expires_at > $2
    RETURNING session_id";

#[async_trait]
impl RefreshTokens for UnitOfWork {
    async fn insert(&mut self, token: &StoredRefreshToken) -> Result<(), StoreError> {
        let inserted = Entity::insert(row(token).into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add a refresh token", inserted).map(|_| ())
    }

    async fn rotate(&mut self, digest: &Digest, now: Timestamp) -> Result<Rotation, StoreError> {
        const ACTION: &str = "use a refresh token";
        let used = if self.is_postgres() {
            self.use_on_postgres(digest, now).await
        } else {
            self.use_on_sqlite(digest, now).await
        };
        if let Some(session) = self.noted(ACTION, used)? {
            return Ok(Rotation::Rotated(session));
        }
        let found = Entity::find_by_id(bytes(digest)).one(&self.transaction).await;
        Ok(match self.noted(ACTION, found)? {
            Some(row) if row.used_at.is_some() => Rotation::Reused(SessionId::from_uuid(row.session_id)),
            _ => Rotation::Unknown,
        })
    }

    async fn retire_all_of(&mut self, session: SessionId, now: Timestamp) -> Result<(), StoreError> {
        const ACTION: &str = "retire the refresh tokens of a session";
        // By a statement of its own: one that waited for a rotation would not see the successor that the rotation added.
        let held = sessions::Entity::find_by_id(session.as_uuid())
            .lock(LockType::NoKeyUpdate)
            .one(&self.transaction)
            .await;
        self.noted(ACTION, held)?;
        let updated = Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(now.micros()))
            .filter(Column::SessionId.eq(session.as_uuid()))
            .filter(Column::UsedAt.is_null())
            .exec(&self.transaction)
            .await;
        self.noted(ACTION, updated).map(|_| ())
    }

    async fn session_of(&mut self, digest: &Digest) -> Result<Option<SessionId>, StoreError> {
        let found = Entity::find_by_id(bytes(digest)).one(&self.transaction).await;
        self.one("find the session of a refresh token", found, |row| {
            Ok(SessionId::from_uuid(row.session_id))
        })
    }
}

impl UnitOfWork {
    async fn use_on_postgres(&self, digest: &Digest, now: Timestamp) -> Result<Option<SessionId>, DbErr> {
        let values = [bytes(digest).into(), now.micros().into()];
        let statement =
            Statement::from_sql_and_values(self.transaction.get_database_backend(), ROTATE_ON_POSTGRES, values);
        let changed = self.transaction.query_one_raw(statement).await?;
        changed
            .map(|row: QueryResult| row.try_get("", "session_id").map(SessionId::from_uuid))
            .transpose()
    }

    async fn use_on_sqlite(&self, digest: &Digest, now: Timestamp) -> Result<Option<SessionId>, DbErr> {
        let changed = Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(now.micros()))
            .filter(Column::Digest.eq(bytes(digest)))
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(now.micros()))
            .exec_with_returning(&self.transaction)
            .await?;
        Ok(changed.first().map(|row| SessionId::from_uuid(row.session_id)))
    }
}

fn row(token: &StoredRefreshToken) -> Model {
    Model {
        digest: bytes(&token.digest),
        session_id: token.session.as_uuid(),
        issued_at: token.issued_at.micros(),
        expires_at: token.expires_at.micros(),
        used_at: None,
    }
}
