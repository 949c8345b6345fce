//! The table `devices`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "devices")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) user_code: Vec<u8>,
    pub(crate) client_id: String,
    pub(crate) request: String,
    pub(crate) state: String,
    pub(crate) login: Option<String>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) poll_interval: i64,
    pub(crate) polled_at: Option<i64>,
    pub(crate) expires_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
