//! Resets of passwords.

use application::ports::Transaction;
use domain::password_reset::ResetStage::{self, Link, Proved};
use domain::password_reset::StoredPasswordReset;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{Ending, Works, add_user, crowd, interleave, read, write};
use crate::builders::{digest, instant, later, password_reset, user, user_id};

async fn put(store: &SharedStore, reset: &StoredPasswordReset) {
    write(store, async |tx| tx.password_resets().put(reset).await.works()).await;
}

/// Two accounts, each with the reset of its number.
async fn prepare(store: &SharedStore) {
    for number in [1, 2] {
        add_user(store, &user(number)).await;
        put(store, &password_reset(number, user_id(number))).await;
    }
}

async fn find(store: &SharedStore, number: u32, now: Timestamp) -> Option<StoredPasswordReset> {
    read(store, async |tx| {
        tx.password_resets().find(&digest(number), now).await.works()
    })
    .await
}

async fn redeem(
    tx: &mut dyn Transaction,
    number: u32,
    stage: ResetStage,
    now: Timestamp,
) -> Option<StoredPasswordReset> {
    tx.password_resets().redeem(&digest(number), stage, now).await.works()
}

async fn redeem_at_once(
    store: &SharedStore,
    number: u32,
    stage: ResetStage,
    now: Timestamp,
) -> Option<StoredPasswordReset> {
    write(store, async |tx| redeem(tx, number, stage, now).await).await
}

fn proved(number: u32, user: u32) -> StoredPasswordReset {
    StoredPasswordReset {
        stage: Proved,
        expires_at: instant(7_300),
        ..password_reset(number, user_id(user))
    }
}

pub async fn a_reset_comes_back_with_every_field(store: &SharedStore) {
    prepare(store).await;
    put(store, &proved(2, 2)).await;
    for (number, expected) in [(1, password_reset(1, user_id(1))), (2, proved(2, 2))] {
        for _ in 0..2 {
            assert!(
                find(store, number, later()).await.as_ref() == Some(&expected),
                "finding does not spend it"
            );
        }
        let redeemed = redeem_at_once(store, number, expected.stage, later()).await;
        assert!(redeemed == Some(expected));
    }
    assert!(find(store, 9, later()).await.is_none());
}

pub async fn a_reset_takes_the_place_of_any_other_of_the_account(store: &SharedStore) {
    prepare(store).await;
    put(store, &proved(3, 1)).await;
    assert!(find(store, 1, later()).await.is_none());
    assert!(redeem_at_once(store, 1, Link, later()).await.is_none());
    assert!(find(store, 3, later()).await == Some(proved(3, 1)));
    assert!(find(store, 2, later()).await.is_some(), "that of another account stays");
    let mut tx = store.begin().await.works();
    let same = password_reset(2, user_id(1));
    assert!(
        tx.password_resets().put(&same).await.is_err(),
        "a token belongs to one account"
    );
}

pub async fn a_reset_is_redeemed_once_and_at_its_stage_only(store: &SharedStore) {
    prepare(store).await;
    assert!(redeem_at_once(store, 1, Proved, later()).await.is_none());
    assert!(redeem_at_once(store, 1, Link, later()).await.is_some());
    assert!(redeem_at_once(store, 1, Link, later()).await.is_none());
    assert!(find(store, 1, later()).await.is_none());
    put(store, &proved(1, 1)).await;
    assert!(redeem_at_once(store, 1, Link, later()).await.is_none());
    assert!(redeem_at_once(store, 1, Proved, later()).await.is_some());
    assert!(find(store, 2, later()).await.is_some());
}

pub async fn an_expired_reset_is_not_redeemed(store: &SharedStore) {
    prepare(store).await;
    let end = password_reset(1, user_id(1)).expires_at;
    assert!(find(store, 1, end).await.is_none());
    assert!(redeem_at_once(store, 1, Link, end).await.is_none());
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert!(find(store, 1, just_before).await.is_some());
    assert!(
        redeem_at_once(store, 1, Link, just_before).await.is_some(),
        "to the microsecond"
    );
}

pub async fn a_reset_needs_its_account_and_goes_with_it(store: &SharedStore) {
    prepare(store).await;
    let mut tx = store.begin().await.works();
    assert!(tx.password_resets().put(&password_reset(9, user_id(9))).await.is_err());
    drop(tx);
    assert!(write(store, async |tx| tx.users().delete(user_id(1)).await.works()).await);
    assert!(find(store, 1, later()).await.is_none());
    assert!(find(store, 2, later()).await.is_some());
}

pub async fn purging_forgets_expired_resets(store: &SharedStore) {
    for (number, seconds) in [(1, 9), (2, 10), (3, 11)] {
        add_user(store, &user(number)).await;
        let expiring = StoredPasswordReset {
            expires_at: instant(seconds),
            ..password_reset(number, user_id(number))
        };
        put(store, &expiring).await;
    }
    let purge = async || write(store, async |tx| tx.password_resets().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (2, 0));
    assert!(find(store, 2, instant(0)).await.is_none());
    assert!(find(store, 3, instant(0)).await.is_some());
}

async fn race(store: &SharedStore, ending: Ending) -> Option<StoredPasswordReset> {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert!(redeem(tx, 1, Link, later()).await.is_some()),
        async |tx| redeem(tx, 1, Link, later()).await,
    )
    .await
}

pub async fn a_reset_redeemed_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert!(race(store, Ending::Commit).await.is_none());
}

pub async fn a_reset_whose_redemption_is_rolled_back_can_be_redeemed(store: &SharedStore) {
    assert!(race(store, Ending::Drop).await == Some(password_reset(1, user_id(1))));
}

pub async fn a_crowd_redeems_a_reset_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = redeem(&mut *tx, 1, Link, later()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(answers.into_iter().flatten().count(), 1);
}

async fn renewal_race(store: &SharedStore, ending: Ending) -> Option<StoredPasswordReset> {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| tx.password_resets().put(&password_reset(3, user_id(1))).await.works(),
        async |tx| redeem(tx, 1, Link, later()).await,
    )
    .await
}

pub async fn a_reset_replaced_in_an_open_transaction_is_not_redeemed(store: &SharedStore) {
    assert!(renewal_race(store, Ending::Commit).await.is_none());
    assert!(find(store, 3, later()).await.is_some());
}

pub async fn a_reset_whose_replacement_is_rolled_back_can_be_redeemed(store: &SharedStore) {
    assert!(renewal_race(store, Ending::Drop).await.is_some());
    assert!(find(store, 3, later()).await.is_none());
}
