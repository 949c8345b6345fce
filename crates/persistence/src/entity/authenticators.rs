//! The table `authenticators`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authenticators")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    #[sea_orm(column_name = "type")]
    pub(crate) kind: String,
    pub(crate) algorithm: String,
    pub(crate) digits: i64,
    pub(crate) period: Option<i64>,
    pub(crate) secret: Vec<u8>,
    pub(crate) state: String,
    pub(crate) position: i64,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) confirmed_at: Option<i64>,
    pub(crate) used_at: Option<i64>,
    pub(crate) replaces: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
