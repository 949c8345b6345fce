//! The sequence of revocations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::revocation::{Revocation, Revoked};
use domain::time::Timestamp;
use domain::user::Epoch;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, assert_gapless, crowd, interleave, read, write};
use crate::builders::{instant, later, session_id, token_id, user_id};

fn revocation(number: u32) -> Revocation {
    Revocation {
        revoked: Revoked::Token(token_id(number)),
        expires_at: later(),
    }
}

async fn append(store: &SharedStore, revocation: Revocation) -> i64 {
    write(store, async |tx| tx.revocations().append(revocation).await.works()).await
}

async fn after(store: &SharedStore, position: i64, now: Timestamp, limit: u32) -> Vec<(i64, Revocation)> {
    read(store, async |tx| {
        tx.revocations().after(position, now, limit).await.works()
    })
    .await
}

async fn position(store: &SharedStore) -> i64 {
    read(store, async |tx| tx.revocations().position().await.works()).await
}

pub async fn a_revocation_comes_back_with_every_field(store: &SharedStore) {
    let revoked = [
        Revoked::Token(token_id(1)),
        Revoked::Session(session_id(2)),
        Revoked::Before(user_id(3), Epoch(7)),
        Revoked::Before(user_id(4), Epoch::END),
    ];
    let mut expected = Vec::new();
    for (place, revoked) in (1..).zip(revoked) {
        let revocation = Revocation {
            revoked,
            expires_at: instant(60 + place),
        };
        assert_eq!(append(store, revocation).await, place);
        expected.push((place, revocation));
    }
    assert_eq!(after(store, 0, instant(60), 99).await, expected);
}

pub async fn an_empty_sequence_is_at_zero(store: &SharedStore) {
    assert_eq!(position(store).await, 0);
    assert!(after(store, 0, instant(0), 99).await.is_empty());
}

pub async fn places_count_up_within_and_over_transactions(store: &SharedStore) {
    let places = write(store, async |tx| {
        let mut places = Vec::new();
        for number in 0..3 {
            places.push(tx.revocations().append(revocation(number)).await.works());
        }
        places
    })
    .await;
    assert_eq!(places, [1, 2, 3]);
    assert_eq!(append(store, revocation(3)).await, 4);
    assert_eq!(position(store).await, 4);
}

pub async fn the_same_thing_can_be_revoked_again(store: &SharedStore) {
    assert_eq!(append(store, revocation(1)).await, 1);
    assert_eq!(append(store, revocation(1)).await, 2);
}

pub async fn a_dropped_revocation_leaves_no_gap(store: &SharedStore) {
    append(store, revocation(1)).await;
    let mut tx = store.begin().await.works();
    assert_eq!(tx.revocations().append(revocation(2)).await.works(), 2);
    drop(tx);
    assert_eq!(append(store, revocation(3)).await, 2);
    assert_eq!(after(store, 1, instant(0), 99).await, [(2, revocation(3))]);
}

pub async fn revocations_are_read_in_order_from_a_place_on_up_to_a_limit(store: &SharedStore) {
    for number in 1..=7 {
        append(store, revocation(number)).await;
    }
    let mut seen = Vec::new();
    while let page = after(store, seen.last().copied().unwrap_or(0), instant(0), 3).await
        && !page.is_empty()
    {
        assert!(page.len() <= 3);
        seen.extend(page.into_iter().map(|(place, _)| place));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
    assert!(after(store, 0, instant(0), 0).await.is_empty());
}

pub async fn expired_revocations_are_not_read_and_do_not_fill_the_limit(store: &SharedStore) {
    for (number, seconds) in [(1, 9), (2, 10), (3, 11), (4, 5), (5, 12)] {
        let expiring = Revocation {
            expires_at: instant(seconds),
            ..revocation(number)
        };
        append(store, expiring).await;
    }
    let places = async |limit| {
        let read = after(store, 0, instant(10), limit).await;
        read.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
    };
    assert_eq!(places(99).await, [3, 5]);
    assert_eq!(places(1).await, [3]);
}

pub async fn purging_revocations_does_not_move_the_place(store: &SharedStore) {
    for (number, seconds) in [(1, 9), (2, 11), (3, 10), (4, 5)] {
        let expiring = Revocation {
            expires_at: instant(seconds),
            ..revocation(number)
        };
        append(store, expiring).await;
    }
    let purge = async |cutoff| write(store, async |tx| tx.revocations().purge(cutoff).await.works()).await;
    assert_eq!((purge(instant(10)).await, purge(instant(10)).await), (2, 0));
    let places: Vec<_> = after(store, 0, instant(0), 99)
        .await
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(
        places,
        [2, 3],
        "one that expires at the cutoff has not expired before it"
    );
    assert_eq!(purge(later()).await, 2);
    assert_eq!(position(store).await, 4);
    assert_eq!(append(store, revocation(5)).await, 5, "no place is given twice");
}

async fn race(store: &SharedStore, ending: Ending) -> i64 {
    interleave(
        store,
        ending,
        async |tx| assert_eq!(tx.revocations().append(revocation(1)).await.works(), 1),
        async |tx| tx.revocations().append(revocation(2)).await.works(),
    )
    .await
}

pub async fn a_place_taken_in_an_open_transaction_is_taken(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, 2);
    assert_eq!(
        after(store, 0, instant(0), 9).await,
        [(1, revocation(1)), (2, revocation(2))]
    );
}

pub async fn a_place_whose_taking_is_rolled_back_is_given_again(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, 1);
    assert_eq!(after(store, 0, instant(0), 9).await, [(1, revocation(2))]);
}

pub async fn a_later_place_is_not_visible_before_an_earlier_one(store: &SharedStore) {
    let mut open = store.begin().await.works();
    assert_eq!(open.revocations().append(revocation(1)).await.works(), 1);
    let mut second = std::pin::pin!(append(store, revocation(2)));
    // The second may wait for the first, or fail to; in no case may its place be seen while the first is open.
    let early = tokio::time::timeout(super::race::ARRIVAL, &mut second).await;
    assert!(
        after(store, 0, instant(0), 9).await.is_empty(),
        "place 2 is seen, and place 1 will come after it"
    );
    open.commit().await.works();
    if early.is_err() {
        assert_eq!(second.await, 2);
    }
}

pub async fn a_crowd_gets_each_place_once_and_a_follower_misses_none(store: &SharedStore) {
    let is_over = Arc::new(AtomicBool::new(false));
    let (followed, over) = (Arc::clone(store), Arc::clone(&is_over));
    let follower = tokio::spawn(async move {
        let mut seen = Vec::new();
        loop {
            // Asked before reading, so that the last reading comes after the last commit.
            let is_last = over.load(Ordering::SeqCst);
            let last = seen.last().copied().unwrap_or(0);
            let mut reading = followed.read().await.works();
            let news = reading.revocations().after(last, instant(0), 99).await.works();
            reading.commit().await.works();
            seen.extend(news.into_iter().map(|(place, _)| place));
            if is_last {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    });
    let answers = crowd(store, |mut tx, number| async move {
        let place = tx.revocations().append(revocation(number)).await.works();
        // Gives a later place time to be committed first, if the store lets it.
        tokio::task::yield_now().await;
        tx.commit().await.works();
        place
    })
    .await;
    is_over.store(true, Ordering::SeqCst);
    assert_gapless(answers);
    let seen = follower.await.expect("the follower does not fail");
    assert_eq!(seen, (1..=i64::from(CROWD)).collect::<Vec<_>>());
}
