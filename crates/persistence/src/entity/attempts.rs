//! The table `attempts`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) budget: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) network: String,
    pub(crate) streak: i64,
    pub(crate) streak_began: Option<i64>,
    pub(crate) consecutive: i64,
    pub(crate) last_admitted: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
