//! Forgetting what has expired without waiting for those who have it in hand.

use application::ports::StoreError;
use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::store::UnitOfWork;

impl UnitOfWork {
    /// Deletes the rows of a table for which `is_expired` holds and that nobody else has in hand, and counts them.
    pub(crate) async fn forget<E: EntityTrait>(
        &mut self,
        action: &'static str,
        key: E::Column,
        is_expired: Expr,
    ) -> Result<u64, StoreError> {
        let deleted = E::delete_many()
            .filter(unheld::<E>(key, is_expired))
            .exec(&self.transaction)
            .await;
        Ok(self.noted(action, deleted)?.rows_affected)
    }
}

/// That a row is among those for which `is_expired` holds, and that nobody else has it in hand: those come with the next purge.
/// On a database with one writer nobody has.
fn unheld<E: EntityTrait>(key: E::Column, is_expired: Expr) -> Expr {
    let mut rows = Query::select();
    rows.column(key)
        .from(E::default().table_ref())
        .and_where(is_expired)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    key.in_subquery(rows)
}
