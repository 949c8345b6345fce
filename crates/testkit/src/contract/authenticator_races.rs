//! Authenticators, when several transactions meet.

use application::ports::Consumption::{self, First, Spent};
use application::ports::Transaction;
use domain::authenticator::Authenticator;
use domain::one_time_code::Position;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_user, count, crowd, interleave, read, write};
use crate::builders::{authenticator, authenticator_id, instant, later, pending_authenticator, user, user_id};

/// One account with this authenticator, number 1.
async fn prepare(store: &SharedStore, authenticator: Authenticator) {
    add_user(store, &user(1)).await;
    write(store, async |tx| {
        tx.authenticators().insert(&authenticator).await.works();
    })
    .await;
}

async fn find(store: &SharedStore) -> Option<Authenticator> {
    let own = read(store, async |tx| tx.authenticators().of_user(user_id(1)).await.works()).await;
    own.into_iter().next()
}

/// So many positions after the one that the active sample has.
fn position(later_by: i64) -> Position {
    authenticator(1, user_id(1)).position.later(later_by)
}

async fn confirm(tx: &mut dyn Transaction, position: i64, now: Timestamp) -> Consumption {
    tx.authenticators()
        .confirm(authenticator_id(1), Position::new(position), now)
        .await
        .works()
}

async fn advance(tx: &mut dyn Transaction, later_by: i64, now: Timestamp) -> Consumption {
    tx.authenticators()
        .advance(authenticator_id(1), position(later_by), now)
        .await
        .works()
}

async fn confirmation_race(store: &SharedStore, ending: Ending) -> Consumption {
    prepare(store, pending_authenticator(1, user_id(1))).await;
    interleave(
        store,
        ending,
        async |tx| assert_eq!(confirm(tx, 7, instant(60)).await, First),
        async |tx| confirm(tx, 8, instant(61)).await,
    )
    .await
}

pub async fn an_authenticator_confirmed_in_an_open_transaction_is_confirmed(store: &SharedStore) {
    assert_eq!(confirmation_race(store, Ending::Commit).await, Spent);
    let found = find(store).await;
    assert!(
        found.is_some_and(|found| found.position == Position::new(7)),
        "the loser changed nothing"
    );
}

pub async fn an_authenticator_whose_confirmation_is_rolled_back_can_be_confirmed(store: &SharedStore) {
    assert_eq!(confirmation_race(store, Ending::Drop).await, First);
    assert!(
        find(store)
            .await
            .is_some_and(|found| found.position == Position::new(8))
    );
}

pub async fn a_crowd_confirms_an_authenticator_once(store: &SharedStore) {
    prepare(store, pending_authenticator(1, user_id(1))).await;
    let answers = crowd(store, |mut tx, number| async move {
        let answer = confirm(&mut *tx, i64::from(number), later()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &First), count(&answers, &Spent)),
        (1, CROWD as usize - 1)
    );
}

async fn advance_race(store: &SharedStore, ending: Ending, second: i64) -> Consumption {
    prepare(store, authenticator(1, user_id(1))).await;
    interleave(
        store,
        ending,
        async |tx| assert_eq!(advance(tx, 2, instant(60)).await, First),
        async |tx| advance(tx, second, instant(61)).await,
    )
    .await
}

pub async fn a_code_accepted_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert_eq!(advance_race(store, Ending::Commit, 2).await, Spent);
    let found = find(store).await;
    assert!(
        found.is_some_and(|found| found.position == position(2) && found.used_at == Some(instant(60))),
        "the loser changed nothing"
    );
}

pub async fn a_code_whose_acceptance_is_rolled_back_can_be_accepted(store: &SharedStore) {
    assert_eq!(advance_race(store, Ending::Drop, 2).await, First);
}

pub async fn a_code_before_one_accepted_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert_eq!(advance_race(store, Ending::Commit, 1).await, Spent);
    assert!(find(store).await.is_some_and(|found| found.position == position(2)));
}

pub async fn a_code_before_one_whose_acceptance_is_rolled_back_can_be_accepted(store: &SharedStore) {
    assert_eq!(advance_race(store, Ending::Drop, 1).await, First);
    assert!(find(store).await.is_some_and(|found| found.position == position(1)));
}

pub async fn a_code_after_one_accepted_in_an_open_transaction_is_accepted(store: &SharedStore) {
    assert_eq!(advance_race(store, Ending::Commit, 3).await, First);
    assert!(find(store).await.is_some_and(|found| found.position == position(3)));
}

pub async fn a_crowd_has_a_code_accepted_once(store: &SharedStore) {
    prepare(store, authenticator(1, user_id(1))).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = advance(&mut *tx, 1, later()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &First), count(&answers, &Spent)),
        (1, CROWD as usize - 1)
    );
}

pub async fn a_crowd_with_different_codes_never_moves_an_authenticator_back(store: &SharedStore) {
    prepare(store, authenticator(1, user_id(1))).await;
    let answers = crowd(store, |mut tx, number| async move {
        let answer = advance(&mut *tx, 1 + i64::from(number), later()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        answers.last(),
        Some(&First),
        "the last position is later than all others"
    );
    let last = position(i64::from(CROWD));
    assert!(find(store).await.is_some_and(|found| found.position == last));
}

async fn deletion_race(store: &SharedStore, ending: Ending) -> Consumption {
    prepare(store, authenticator(1, user_id(1))).await;
    interleave(
        store,
        ending,
        async |tx| {
            let deleted = tx.authenticators().delete(user_id(1), authenticator_id(1)).await;
            assert!(deleted.works());
        },
        async |tx| advance(tx, 1, later()).await,
    )
    .await
}

pub async fn a_code_of_an_authenticator_deleted_in_an_open_transaction_is_not_accepted(store: &SharedStore) {
    assert_eq!(deletion_race(store, Ending::Commit).await, Spent);
    assert!(find(store).await.is_none());
}

pub async fn a_code_of_an_authenticator_whose_deletion_is_rolled_back_can_be_accepted(store: &SharedStore) {
    assert_eq!(deletion_race(store, Ending::Drop).await, First);
}
