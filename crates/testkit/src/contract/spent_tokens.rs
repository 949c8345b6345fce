//! One-use access tokens.

use application::ports::Consumption::{First, Spent};

use super::SharedStore;
use super::race::{CROWD, Ending, Works, count, crowd, interleave, write};
use crate::builders::{instant, later, token_id};

pub async fn a_token_is_spent_once(store: &SharedStore) {
    write(store, async |tx| {
        assert_eq!(tx.spent_tokens().spend(token_id(1), later()).await.works(), First);
        assert_eq!(
            tx.spent_tokens().spend(token_id(1), later()).await.works(),
            Spent,
            "in one transaction"
        );
    })
    .await;
    write(store, async |tx| {
        assert_eq!(
            tx.spent_tokens().spend(token_id(1), later()).await.works(),
            Spent,
            "in a later one"
        );
        assert_eq!(
            tx.spent_tokens().spend(token_id(2), later()).await.works(),
            First,
            "another, after a refusal"
        );
    })
    .await;
}

pub async fn a_token_spent_in_an_open_transaction_is_taken(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, Spent);
}

pub async fn a_token_whose_spending_is_rolled_back_can_be_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, First);
}

async fn race(store: &SharedStore, ending: Ending) -> application::ports::Consumption {
    interleave(
        store,
        ending,
        async |tx| assert_eq!(tx.spent_tokens().spend(token_id(1), later()).await.works(), First),
        async |tx| tx.spent_tokens().spend(token_id(1), later()).await.works(),
    )
    .await
}

pub async fn a_crowd_spends_a_token_once(store: &SharedStore) {
    let answers = crowd(store, |mut tx, _| async move {
        let answer = tx.spent_tokens().spend(token_id(1), later()).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &First), count(&answers, &Spent)),
        (1, CROWD as usize - 1)
    );
}

pub async fn purging_forgets_spent_tokens_that_expired_before_the_cutoff(store: &SharedStore) {
    write(store, async |tx| {
        for (number, expiry) in [(1, instant(9)), (2, instant(10)), (3, instant(11))] {
            assert_eq!(tx.spent_tokens().spend(token_id(number), expiry).await.works(), First);
        }
    })
    .await;
    write(store, async |tx| {
        assert_eq!(tx.spent_tokens().purge(instant(10)).await.works(), 1);
    })
    .await;
    write(store, async |tx| {
        assert_eq!(
            tx.spent_tokens().spend(token_id(1), later()).await.works(),
            First,
            "forgotten"
        );
        assert_eq!(
            tx.spent_tokens().spend(token_id(2), later()).await.works(),
            Spent,
            "expired at the cutoff, not before"
        );
        assert_eq!(tx.spent_tokens().spend(token_id(3), later()).await.works(), Spent);
    })
    .await;
}
