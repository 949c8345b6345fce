//! Requests of devices that several decide or redeem at once.

use domain::authorization::CompletedLogin;
use domain::device::{DeviceState, StoredDevice};

use super::SharedStore;
use super::devices::{approved_by, decide, decide_at_once, find, login_of, prepare, redeem, redeem_at_once};
use super::race::{CROWD, Ending, Works, count, crowd, interleave, write};
use crate::builders::{device, later, session_id, user_code};

async fn decision_race(store: &SharedStore, ending: Ending) -> bool {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert!(decide(tx, &DeviceState::Denied, later()).await),
        async |tx| decide(tx, &approved_by(2), later()).await,
    )
    .await
}

pub async fn a_device_refused_in_an_open_transaction_is_not_approved(store: &SharedStore) {
    assert!(!decision_race(store, Ending::Commit).await);
    assert_eq!(redeem_at_once(store, later()).await, None);
}

pub async fn a_device_whose_refusal_is_rolled_back_can_be_approved(store: &SharedStore) {
    assert!(decision_race(store, Ending::Drop).await);
    assert_eq!(redeem_at_once(store, later()).await, Some(login_of(2)));
}

pub async fn a_crowd_decides_a_device_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, number| async move {
        let answer = decide(&mut *tx, &approved_by(1 + number % 2), later()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &true), count(&answers, &false)),
        (1, CROWD as usize - 1)
    );
    let winner = (0..).zip(&answers).find(|(_, answer)| **answer);
    let login = winner.map(|(number, _)| login_of(1 + number % 2));
    assert_eq!(redeem_at_once(store, later()).await, login);
}

async fn redemption_race(store: &SharedStore, ending: Ending) -> Option<CompletedLogin> {
    prepare(store).await;
    assert!(decide_at_once(store, &approved_by(1), later()).await);
    interleave(
        store,
        ending,
        async |tx| assert!(redeem(tx, later()).await.is_some()),
        async |tx| redeem(tx, later()).await,
    )
    .await
}

pub async fn a_device_redeemed_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert_eq!(redemption_race(store, Ending::Commit).await, None);
}

pub async fn a_device_whose_redemption_is_rolled_back_can_be_redeemed(store: &SharedStore) {
    assert_eq!(redemption_race(store, Ending::Drop).await, Some(login_of(1)));
}

pub async fn a_crowd_redeems_a_device_once(store: &SharedStore) {
    prepare(store).await;
    assert!(decide_at_once(store, &approved_by(1), later()).await);
    let answers = crowd(store, |mut tx, _| async move {
        let answer = redeem(&mut *tx, later()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(answers.into_iter().flatten().collect::<Vec<_>>(), [login_of(1)]);
}

async fn logout_race(store: &SharedStore, ending: Ending) -> Option<CompletedLogin> {
    prepare(store).await;
    assert!(decide_at_once(store, &approved_by(1), later()).await);
    interleave(
        store,
        ending,
        async |tx| assert!(tx.sessions().end(session_id(1)).await.works()),
        async |tx| redeem(tx, later()).await,
    )
    .await
}

pub async fn a_device_of_a_browser_logged_out_in_an_open_transaction_is_not_redeemed(store: &SharedStore) {
    assert_eq!(logout_race(store, Ending::Commit).await, None);
}

pub async fn a_device_of_a_browser_whose_logout_is_rolled_back_can_be_redeemed(store: &SharedStore) {
    assert_eq!(logout_race(store, Ending::Drop).await, Some(login_of(1)));
}

/// The devices of a crowd, which differ in everything but the user code.
fn namesake(number: u32) -> StoredDevice {
    StoredDevice {
        user_code: user_code(99),
        ..device(100 + number)
    }
}

async fn user_code_race(store: &SharedStore, ending: Ending) -> bool {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert!(tx.oauth().devices().insert(&namesake(1)).await.works()),
        async |tx| tx.oauth().devices().insert(&namesake(2)).await.works(),
    )
    .await
}

pub async fn a_user_code_taken_in_an_open_transaction_is_taken(store: &SharedStore) {
    assert!(!user_code_race(store, Ending::Commit).await);
    assert!(find(store, 102).await.is_none());
}

pub async fn a_user_code_whose_taking_is_rolled_back_is_free(store: &SharedStore) {
    assert!(user_code_race(store, Ending::Drop).await);
    assert!(find(store, 102).await.is_some());
}

pub async fn a_crowd_gets_a_user_code_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, number| async move {
        let answer = tx.oauth().devices().insert(&namesake(number)).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    let deleted = write(store, async |tx| {
        let mut deleted = 0;
        for number in 0..CROWD {
            let is_there = tx.oauth().devices().delete(&namesake(number).digest).await.works();
            deleted += u32::from(is_there);
        }
        deleted
    })
    .await;
    assert_eq!(deleted, 1);
}
