//! Secret keys.

use application::ports::Consumption::{self, First, Spent};
use domain::secret_key::StoredSecretKey;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_user, count, crowd, interleave, read, write};
use crate::builders::{instant, later, secret_key, secret_key_id, user, user_id};

async fn add(store: &SharedStore, keys: &[StoredSecretKey]) {
    write(store, async |tx| {
        for key in keys {
            tx.secret_keys().insert(key).await.works();
        }
    })
    .await;
}

async fn live(store: &SharedStore, now: Timestamp) -> Vec<StoredSecretKey> {
    read(store, async |tx| {
        tx.secret_keys().live_of(user_id(1), now).await.works()
    })
    .await
}

async fn supersede(store: &SharedStore, number: u32, now: Timestamp, end: Timestamp) -> Consumption {
    write(store, async |tx| {
        tx.secret_keys()
            .supersede(secret_key_id(number), now, end)
            .await
            .works()
    })
    .await
}

pub async fn a_secret_key_comes_back_with_every_field(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let full = StoredSecretKey {
        expires_at: Some(later()),
        superseded_at: Some(instant(77)),
        ..secret_key(2, user_id(1))
    };
    let bare = secret_key(1, user_id(1));
    add(store, &[bare.clone(), full.clone()]).await;
    assert!(live(store, instant(100)).await == [full, bare]);
}

pub async fn the_live_keys_of_an_account_are_listed_newest_first(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    let ended = StoredSecretKey {
        expires_at: Some(later()),
        ..secret_key(3, user_id(1))
    };
    let keys = [
        secret_key(4, user_id(1)),
        secret_key(5, user_id(1)),
        ended,
        secret_key(2, user_id(1)),
    ];
    add(store, &keys).await;
    add(store, &[secret_key(6, user_id(2))]).await;
    let numbers = async |now| {
        let keys = live(store, now).await;
        keys.iter().map(|key| key.id).collect::<Vec<_>>()
    };
    assert_eq!(numbers(instant(100)).await, [5, 4, 3, 2].map(secret_key_id));
    assert_eq!(
        numbers(later()).await,
        [5, 4, 2].map(secret_key_id),
        "a key does not work at the instant of its end"
    );
}

pub async fn an_account_without_keys_has_none(store: &SharedStore) {
    assert!(live(store, instant(0)).await.is_empty());
}

pub async fn a_key_is_superseded_once(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add(store, &[secret_key(1, user_id(1)), secret_key(2, user_id(1))]).await;
    assert_eq!(supersede(store, 1, instant(60), later()).await, First);
    assert_eq!(supersede(store, 1, instant(61), instant(9_999)).await, Spent);
    assert_eq!(
        supersede(store, 9, instant(61), later()).await,
        Spent,
        "there is no such key"
    );
    let superseded = StoredSecretKey {
        expires_at: Some(later()),
        superseded_at: Some(instant(60)),
        ..secret_key(1, user_id(1))
    };
    assert!(live(store, instant(100)).await == [secret_key(2, user_id(1)), superseded]);
    assert!(
        live(store, later()).await == [secret_key(2, user_id(1))],
        "it ends when the overlap does"
    );
}

pub async fn all_keys_of_an_account_end_at_once(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    let soon = StoredSecretKey {
        expires_at: Some(later()),
        ..secret_key(2, user_id(1))
    };
    let long_ended = StoredSecretKey {
        expires_at: Some(instant(10)),
        ..secret_key(3, user_id(1))
    };
    add(
        store,
        &[secret_key(1, user_id(1)), soon, long_ended, secret_key(4, user_id(2))],
    )
    .await;
    write(store, async |tx| {
        tx.secret_keys().end_all_of(user_id(1), instant(60)).await.works();
    })
    .await;
    assert!(live(store, instant(60)).await.is_empty());
    let of_other = read(store, async |tx| {
        tx.secret_keys().live_of(user_id(2), instant(60)).await.works()
    })
    .await;
    assert!(of_other == [secret_key(4, user_id(2))]);
    let purged = write(store, async |tx| tx.secret_keys().purge(instant(20)).await.works()).await;
    assert_eq!(purged, 1, "a key that had ended before keeps its own end");
}

pub async fn purging_forgets_keys_that_ended_before_the_cutoff(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let ends = [Some(instant(9)), Some(instant(10)), Some(instant(11)), None];
    for (number, expires_at) in (1..).zip(ends) {
        let key = StoredSecretKey {
            expires_at,
            ..secret_key(number, user_id(1))
        };
        add(store, &[key]).await;
    }
    let purge = async || write(store, async |tx| tx.secret_keys().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (1, 0));
    let left: Vec<_> = live(store, instant(0)).await.iter().map(|key| key.id).collect();
    assert_eq!(left, [4, 3, 2].map(secret_key_id));
}

async fn race(store: &SharedStore, ending: Ending) -> Consumption {
    add_user(store, &user(1)).await;
    add(store, &[secret_key(1, user_id(1))]).await;
    interleave(
        store,
        ending,
        async |tx| {
            let answer = tx
                .secret_keys()
                .supersede(secret_key_id(1), instant(60), later())
                .await
                .works();
            assert_eq!(answer, First);
        },
        async |tx| {
            tx.secret_keys()
                .supersede(secret_key_id(1), instant(61), instant(9_999))
                .await
                .works()
        },
    )
    .await
}

pub async fn a_key_superseded_in_an_open_transaction_is_superseded(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, Spent);
    assert!(live(store, later()).await.is_empty(), "the loser did not move its end");
}

pub async fn a_key_whose_superseding_is_rolled_back_can_be_superseded(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, First);
}

pub async fn a_crowd_supersedes_a_key_once(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add(store, &[secret_key(1, user_id(1))]).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = tx
            .secret_keys()
            .supersede(secret_key_id(1), instant(60), later())
            .await
            .works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &First), count(&answers, &Spent)),
        (1, CROWD as usize - 1)
    );
}
