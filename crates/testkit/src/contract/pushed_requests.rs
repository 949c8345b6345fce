//! Authorization requests that were pushed beforehand.

use application::ports::Consumption::{self, First, Spent};
use application::ports::Transaction;
use domain::pushed_request::StoredPushedRequest;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_clients, count, crowd, interleave, read, write};
use crate::builders::{client_id, digest, instant, later, pushed_request};

async fn add(store: &SharedStore, requests: &[StoredPushedRequest]) {
    write(store, async |tx| {
        for request in requests {
            tx.oauth().pushed_requests().insert(request).await.works();
        }
    })
    .await;
}

/// Two clients, of which the first has the request 1.
async fn prepare(store: &SharedStore) {
    add_clients(store, 2).await;
    add(store, &[pushed_request(1)]).await;
}

async fn find(store: &SharedStore, number: u32, now: Timestamp) -> Option<StoredPushedRequest> {
    read(store, async |tx| {
        tx.oauth().pushed_requests().find(&digest(number), now).await.works()
    })
    .await
}

async fn spend(tx: &mut dyn Transaction, number: u32) -> Consumption {
    tx.oauth().pushed_requests().spend(&digest(number)).await.works()
}

async fn spend_at_once(store: &SharedStore, number: u32) -> Consumption {
    write(store, async |tx| spend(tx, number).await).await
}

pub async fn a_pushed_request_comes_back_with_every_field(store: &SharedStore) {
    prepare(store).await;
    let other = StoredPushedRequest {
        client: client_id(2),
        parameters: String::new(),
        ..pushed_request(2)
    };
    add(store, std::slice::from_ref(&other)).await;
    for _ in 0..2 {
        assert!(
            find(store, 1, later()).await == Some(pushed_request(1)),
            "finding does not spend it"
        );
        assert!(find(store, 2, later()).await == Some(other.clone()));
    }
    assert!(find(store, 3, later()).await.is_none());
}

pub async fn an_expired_pushed_request_is_not_found(store: &SharedStore) {
    prepare(store).await;
    let end = pushed_request(1).expires_at;
    assert!(find(store, 1, end).await.is_none());
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert!(find(store, 1, just_before).await.is_some(), "to the microsecond");
}

pub async fn a_pushed_request_is_spent_once(store: &SharedStore) {
    prepare(store).await;
    add(store, &[pushed_request(2)]).await;
    assert_eq!(spend_at_once(store, 1).await, First);
    assert_eq!(spend_at_once(store, 1).await, Spent);
    assert_eq!(spend_at_once(store, 9).await, Spent, "there is no such request");
    assert!(find(store, 1, later()).await.is_none());
    assert!(find(store, 2, later()).await.is_some());
}

pub async fn a_pushed_request_needs_its_client(store: &SharedStore) {
    let mut tx = store.begin().await.works();
    assert!(tx.oauth().pushed_requests().insert(&pushed_request(1)).await.is_err());
    drop(tx);
    assert!(find(store, 1, later()).await.is_none());
}

pub async fn purging_forgets_expired_pushed_requests(store: &SharedStore) {
    add_clients(store, 1).await;
    for (number, seconds) in [(1, 9), (2, 10), (3, 11)] {
        let expiring = StoredPushedRequest {
            expires_at: instant(seconds),
            ..pushed_request(number)
        };
        add(store, &[expiring]).await;
    }
    let purge = async || {
        write(store, async |tx| {
            tx.oauth().pushed_requests().purge(instant(10)).await.works()
        })
        .await
    };
    assert_eq!((purge().await, purge().await), (2, 0));
    assert!(find(store, 2, instant(0)).await.is_none());
    assert!(find(store, 3, instant(0)).await.is_some());
}

async fn race(store: &SharedStore, ending: Ending) -> Consumption {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert_eq!(spend(tx, 1).await, First),
        async |tx| spend(tx, 1).await,
    )
    .await
}

pub async fn a_pushed_request_spent_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, Spent);
}

pub async fn a_pushed_request_whose_spending_is_rolled_back_can_be_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, First);
}

pub async fn a_crowd_spends_a_pushed_request_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = spend(&mut *tx, 1).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &First), count(&answers, &Spent)),
        (1, CROWD as usize - 1)
    );
}
