//! Refresh tokens.

use application::ports::Rotation::{self, Reused, Rotated, Unknown};
use application::ports::Transaction;
use domain::refresh_token::StoredRefreshToken;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_user, count, crowd, interleave, read, write};
use crate::builders::{digest, later, refresh_token, session, session_id, user, user_id};

/// One account, the sessions 1 and 2, and a refresh token of each with the same number.
async fn prepare(store: &SharedStore) {
    add_user(store, &user(1)).await;
    for number in [1, 2] {
        write(store, async |tx| {
            tx.sessions().insert(&session(number, user_id(1))).await.works();
            tx.refresh_tokens()
                .insert(&refresh_token(number, session_id(number)))
                .await
                .works();
        })
        .await;
    }
}

async fn rotate(store: &SharedStore, number: u32, now: Timestamp) -> Rotation {
    write(store, async |tx| {
        tx.refresh_tokens().rotate(&digest(number), now).await.works()
    })
    .await
}

fn expiry() -> Timestamp {
    refresh_token(1, session_id(1)).expires_at
}

pub async fn a_refresh_token_is_rotated_once(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(rotate(store, 1, later()).await, Rotated(session_id(1)));
    assert_eq!(rotate(store, 1, later()).await, Reused(session_id(1)));
    assert_eq!(
        rotate(store, 2, later()).await,
        Rotated(session_id(2)),
        "another one is another one"
    );
}

pub async fn a_refresh_token_that_does_not_exist_is_unknown(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(rotate(store, 9, later()).await, Unknown);
    assert_eq!(
        read(store, async |tx| tx
            .refresh_tokens()
            .session_of(&digest(9))
            .await
            .works())
        .await,
        None
    );
}

pub async fn an_expired_refresh_token_is_unknown(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(rotate(store, 1, expiry()).await, Unknown);
    assert_eq!(rotate(store, 1, expiry()).await, Unknown, "it was not used by that");
    let just_before = Timestamp::from_micros(expiry().micros() - 1);
    assert_eq!(
        rotate(store, 1, just_before).await,
        Rotated(session_id(1)),
        "to the microsecond"
    );
}

pub async fn a_used_refresh_token_is_reused_ever_after(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(rotate(store, 1, later()).await, Rotated(session_id(1)));
    for now in [later(), expiry(), Timestamp::from_micros(i64::MAX)] {
        assert_eq!(
            rotate(store, 1, now).await,
            Reused(session_id(1)),
            "also when it would have expired"
        );
    }
    assert!(write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    assert_eq!(rotate(store, 1, later()).await, Unknown, "until its session is gone");
}

pub async fn the_session_of_a_refresh_token_is_found_used_or_not(store: &SharedStore) {
    prepare(store).await;
    let find = async || {
        read(store, async |tx| {
            tx.refresh_tokens().session_of(&digest(1)).await.works()
        })
        .await
    };
    assert_eq!(find().await, Some(session_id(1)));
    assert_eq!(rotate(store, 1, later()).await, Rotated(session_id(1)));
    assert_eq!(find().await, Some(session_id(1)));
}

pub async fn a_refresh_token_is_not_added_to_a_session_that_does_not_exist(store: &SharedStore) {
    let mut tx = store.begin().await.works();
    assert!(
        tx.refresh_tokens()
            .insert(&refresh_token(1, session_id(1)))
            .await
            .is_err()
    );
    drop(tx);
    assert_eq!(rotate(store, 1, later()).await, Unknown);
}

async fn retire(tx: &mut dyn Transaction) {
    tx.refresh_tokens().retire_all_of(session_id(1), later()).await.works();
}

/// Adds a further token of the session 1.
async fn add(tx: &mut dyn Transaction, token: &StoredRefreshToken) {
    tx.refresh_tokens().insert(token).await.works();
}

pub async fn the_refresh_tokens_of_a_session_are_retired_together(store: &SharedStore) {
    prepare(store).await;
    let expired = StoredRefreshToken {
        expires_at: later(),
        ..refresh_token(4, session_id(1))
    };
    write(store, async |tx| {
        add(tx, &refresh_token(3, session_id(1))).await;
        add(tx, &expired).await;
    })
    .await;
    assert_eq!(rotate(store, 3, later()).await, Rotated(session_id(1)));
    write(store, retire).await;
    for number in [1, 3, 4] {
        assert_eq!(rotate(store, number, later()).await, Reused(session_id(1)));
    }
    assert_eq!(
        rotate(store, 2, later()).await,
        Rotated(session_id(2)),
        "those of another session go on"
    );
    write(store, async |tx| add(tx, &refresh_token(5, session_id(1))).await).await;
    assert_eq!(
        rotate(store, 5, later()).await,
        Rotated(session_id(1)),
        "one that is added afterwards can be used"
    );
}

async fn retirement_race(store: &SharedStore, ending: Ending) -> Rotation {
    prepare(store).await;
    interleave(store, ending, retire, async |tx| {
        tx.refresh_tokens().rotate(&digest(1), later()).await.works()
    })
    .await
}

pub async fn a_refresh_token_retired_in_an_open_transaction_is_reused(store: &SharedStore) {
    assert_eq!(retirement_race(store, Ending::Commit).await, Reused(session_id(1)));
}

pub async fn a_refresh_token_whose_retirement_is_rolled_back_can_be_rotated(store: &SharedStore) {
    assert_eq!(retirement_race(store, Ending::Drop).await, Rotated(session_id(1)));
}

/// The successor is number 3, and comes from a rotation that meets a retirement.
async fn successor_race(store: &SharedStore, ending: Ending) -> Rotation {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| {
            let answer = tx.refresh_tokens().rotate(&digest(1), later()).await.works();
            assert_eq!(answer, Rotated(session_id(1)));
            add(tx, &refresh_token(3, session_id(1))).await;
        },
        retire,
    )
    .await;
    assert_eq!(rotate(store, 1, later()).await, Reused(session_id(1)));
    rotate(store, 3, later()).await
}

pub async fn a_successor_added_in_an_open_transaction_is_retired_with_the_others(store: &SharedStore) {
    assert_eq!(successor_race(store, Ending::Commit).await, Reused(session_id(1)));
}

pub async fn a_successor_whose_addition_is_rolled_back_is_unknown_after_the_retirement(store: &SharedStore) {
    assert_eq!(successor_race(store, Ending::Drop).await, Unknown);
}

async fn race(store: &SharedStore, ending: Ending) -> Rotation {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| {
            let answer = tx.refresh_tokens().rotate(&digest(1), later()).await.works();
            assert_eq!(answer, Rotated(session_id(1)));
        },
        async |tx| tx.refresh_tokens().rotate(&digest(1), later()).await.works(),
    )
    .await
}

pub async fn a_refresh_token_rotated_in_an_open_transaction_is_reused(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, Reused(session_id(1)));
}

pub async fn a_refresh_token_whose_rotation_is_rolled_back_can_be_rotated(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, Rotated(session_id(1)));
}

pub async fn a_crowd_rotates_a_refresh_token_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = tx.refresh_tokens().rotate(&digest(1), later()).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(count(&answers, &Rotated(session_id(1))), 1);
    assert_eq!(count(&answers, &Reused(session_id(1))), CROWD as usize - 1);
}
