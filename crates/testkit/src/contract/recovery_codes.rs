//! Recovery codes.

use application::ports::Consumption::{self, First, Spent};
use application::ports::Transaction;
use domain::recovery_code::{RecoveryOrigin, StoredRecoveryCode};
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_user, count, crowd, interleave, read, write};
use crate::builders::{digest, instant, later, recovery_code, user, user_id};

async fn add(store: &SharedStore, codes: &[StoredRecoveryCode]) {
    write(store, async |tx| {
        for code in codes {
            tx.recovery_codes().insert(code).await.works();
        }
    })
    .await;
}

/// Two accounts; the first with the codes 1 and 2, the second with 3.
async fn prepare(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    for (number, user) in [(1, 1), (2, 1), (3, 2)] {
        add(store, &[recovery_code(number, user_id(user))]).await;
    }
}

async fn unused(store: &SharedStore, user: u32, now: Timestamp) -> Vec<StoredRecoveryCode> {
    read(store, async |tx| {
        tx.recovery_codes().unused_of(user_id(user), now).await.works()
    })
    .await
}

async fn spend(tx: &mut dyn Transaction, user: u32, number: u32, now: Timestamp) -> Consumption {
    let codes = tx.recovery_codes();
    codes.spend(user_id(user), &digest(number), now).await.works()
}

async fn spend_at_once(store: &SharedStore, user: u32, number: u32, now: Timestamp) -> Consumption {
    write(store, async |tx| spend(tx, user, number, now).await).await
}

fn expiring(number: u32, expires_at: Timestamp) -> StoredRecoveryCode {
    StoredRecoveryCode {
        origin: RecoveryOrigin::Issued,
        expires_at: Some(expires_at),
        ..recovery_code(number, user_id(1))
    }
}

pub async fn a_recovery_code_comes_back_with_every_field(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let expected = [
        recovery_code(1, user_id(1)),
        expiring(2, later()),
        StoredRecoveryCode {
            origin: RecoveryOrigin::Issued,
            ..recovery_code(3, user_id(1))
        },
    ];
    add(store, &expected).await;
    assert!(unused(store, 1, instant(60)).await == expected);
}

pub async fn the_unused_recovery_codes_of_an_account_are_listed_oldest_first(store: &SharedStore) {
    prepare(store).await;
    add(store, &[recovery_code(5, user_id(1)), expiring(4, later())]).await;
    let at_once = StoredRecoveryCode {
        created_at: recovery_code(5, user_id(1)).created_at,
        ..recovery_code(6, user_id(1))
    };
    add(store, &[at_once]).await;
    assert_eq!(spend_at_once(store, 1, 2, instant(60)).await, First);
    let list = async |now| {
        let codes = unused(store, 1, now).await;
        codes.iter().map(|code| code.digest).collect::<Vec<_>>()
    };
    assert!(list(instant(60)).await == [1, 4, 5, 6].map(digest));
    assert!(
        list(later()).await == [1, 5, 6].map(digest),
        "a code does not work at the instant of its end"
    );
    assert!(unused(store, 9, instant(60)).await.is_empty());
}

pub async fn a_recovery_code_is_not_added_to_an_account_that_does_not_exist(store: &SharedStore) {
    let mut tx = store.begin().await.works();
    let added = tx.recovery_codes().insert(&recovery_code(1, user_id(1))).await;
    assert!(added.is_err());
    drop(tx);
    assert!(unused(store, 1, instant(60)).await.is_empty());
}

pub async fn a_recovery_code_is_spent_once(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(spend_at_once(store, 1, 1, instant(60)).await, First);
    assert_eq!(spend_at_once(store, 1, 1, instant(60)).await, Spent);
    assert_eq!(
        spend_at_once(store, 1, 1, instant(-60)).await,
        Spent,
        "at no other instant"
    );
    assert_eq!(
        spend_at_once(store, 1, 9, instant(60)).await,
        Spent,
        "there is no such code"
    );
    assert!(
        unused(store, 1, instant(60)).await == [recovery_code(2, user_id(1))],
        "another code is as it was"
    );
}

pub async fn a_recovery_code_is_spent_for_its_account_only(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(spend_at_once(store, 2, 1, instant(60)).await, Spent);
    assert_eq!(unused(store, 1, instant(60)).await.len(), 2, "and is not used by that");
    assert_eq!(spend_at_once(store, 1, 1, instant(60)).await, First);
}

pub async fn an_expired_recovery_code_is_not_spent(store: &SharedStore) {
    prepare(store).await;
    add(store, &[expiring(4, later())]).await;
    assert_eq!(spend_at_once(store, 1, 4, later()).await, Spent);
    let just_before = Timestamp::from_micros(later().micros() - 1);
    assert_eq!(
        spend_at_once(store, 1, 4, just_before).await,
        First,
        "to the microsecond"
    );
}

pub async fn the_recovery_codes_of_an_account_are_forgotten_together(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(spend_at_once(store, 1, 1, instant(60)).await, First);
    write(store, async |tx| {
        tx.recovery_codes().delete_all_of(user_id(1)).await.works();
    })
    .await;
    assert_eq!(spend_at_once(store, 1, 2, instant(60)).await, Spent);
    assert!(unused(store, 1, instant(60)).await.is_empty());
    assert!(unused(store, 2, instant(60)).await == [recovery_code(3, user_id(2))]);
    add(store, &[recovery_code(1, user_id(1))]).await;
    assert_eq!(
        unused(store, 1, instant(60)).await.len(),
        1,
        "the used one is gone, too"
    );
}

pub async fn purging_forgets_recovery_codes_that_expired_before_the_cutoff(store: &SharedStore) {
    prepare(store).await;
    for (number, seconds) in [(4, 9), (5, 10), (6, 11)] {
        add(store, &[expiring(number, instant(seconds))]).await;
    }
    assert_eq!(spend_at_once(store, 1, 2, instant(1)).await, First);
    let purge = async || write(store, async |tx| tx.recovery_codes().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (1, 0));
    let left = unused(store, 1, instant(0)).await;
    let left: Vec<_> = left.into_iter().map(|code| code.digest).collect();
    assert!(left == [1, 5, 6].map(digest));
    assert_eq!(
        spend_at_once(store, 1, 2, instant(1)).await,
        Spent,
        "a used one without end stays used"
    );
}

async fn race(store: &SharedStore, ending: Ending) -> Consumption {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert_eq!(spend(tx, 1, 1, instant(60)).await, First),
        async |tx| spend(tx, 1, 1, instant(61)).await,
    )
    .await
}

pub async fn a_recovery_code_spent_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, Spent);
}

pub async fn a_recovery_code_whose_spending_is_rolled_back_can_be_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, First);
}

pub async fn a_crowd_spends_a_recovery_code_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = spend(&mut *tx, 1, 1, instant(60)).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &First), count(&answers, &Spent)),
        (1, CROWD as usize - 1)
    );
    assert_eq!(unused(store, 1, instant(60)).await.len(), 1, "and no other");
}

async fn renewal_race(store: &SharedStore, ending: Ending) -> Consumption {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| {
            tx.recovery_codes().delete_all_of(user_id(1)).await.works();
            tx.recovery_codes().insert(&recovery_code(7, user_id(1))).await.works();
        },
        async |tx| spend(tx, 1, 1, instant(60)).await,
    )
    .await
}

pub async fn a_recovery_code_forgotten_in_an_open_transaction_is_not_spent(store: &SharedStore) {
    assert_eq!(renewal_race(store, Ending::Commit).await, Spent);
    assert!(unused(store, 1, instant(60)).await == [recovery_code(7, user_id(1))]);
}

pub async fn a_recovery_code_whose_forgetting_is_rolled_back_can_be_spent(store: &SharedStore) {
    assert_eq!(renewal_race(store, Ending::Drop).await, First);
    assert!(unused(store, 1, instant(60)).await == [recovery_code(2, user_id(1))]);
}
