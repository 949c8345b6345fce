//! Browsers that are logged in to the pages.

use application::ports::{Browsers, StoreError};
use async_trait::async_trait;
use domain::browser::StoredBrowser;
use domain::id::SessionId;
use domain::secret::Digest;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::browsers::{Column, Entity, Model};
use crate::row::bytes;
use crate::store::UnitOfWork;

#[async_trait]
impl Browsers for UnitOfWork {
    async fn insert(&mut self, browser: &StoredBrowser) -> Result<(), StoreError> {
        let row = Model {
            digest: bytes(&browser.digest),
            session_id: browser.session.as_uuid(),
        };
        let inserted = Entity::insert(row.into_active_model())
            .exec_without_returning(&self.transaction)
            .await;
        self.noted("add a browser", inserted).map(|_| ())
    }

    async fn session_of(&mut self, digest: &Digest) -> Result<Option<SessionId>, StoreError> {
        let found = Entity::find_by_id(bytes(digest)).one(&self.transaction).await;
        self.one("find the session of a browser", found, |row| {
            Ok(SessionId::from_uuid(row.session_id))
        })
    }

    async fn replace(&mut self, old: &Digest, new: &Digest) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Digest, Expr::value(bytes(new)))
            .filter(Column::Digest.eq(bytes(old)))
            .exec(&self.transaction)
            .await;
        Ok(self.noted("replace the cookie of a browser", updated)?.rows_affected == 1)
    }
}
