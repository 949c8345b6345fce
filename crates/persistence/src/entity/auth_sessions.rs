//! The table `auth_sessions`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) user_id: Uuid,
    pub(crate) epoch: i64,
    pub(crate) purpose: String,
    pub(crate) factors: String,
    pub(crate) proved_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) request: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
