//! The table `codes`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) client_id: String,
    pub(crate) user_id: Uuid,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) request: String,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) login: String,
    pub(crate) expires_at: i64,
    pub(crate) opened: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
