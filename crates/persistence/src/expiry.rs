//! Forgetting what has expired without waiting for those who have it in hand.

use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query};
use sea_orm::{ColumnTrait, EntityTrait};

/// That a row is among those for which `is_expired` holds, and that nobody else has it in hand: those come with the next purge.
/// On a database with one writer nobody has.
pub(crate) fn unheld<E: EntityTrait>(key: E::Column, is_expired: Expr) -> Expr {
    let mut rows = Query::select();
    rows.column(key)
        .from(E::default().table_ref())
        .and_where(is_expired)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    key.in_subquery(rows)
}
