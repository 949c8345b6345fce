//! The table `users`.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) username: String,
    pub(crate) email: Option<String>,
    pub(crate) email_key: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) display_name_key: Option<String>,
    pub(crate) role: String,
    pub(crate) state: String,
    pub(crate) password_hash: String,
    pub(crate) password_is_weak: bool,
    pub(crate) enrolment: String,
    pub(crate) epoch: i64,
    pub(crate) created_at: i64,
    pub(crate) password_changed_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
