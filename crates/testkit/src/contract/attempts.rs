//! Counters of attempts.

use application::ports::AttemptKey;
use domain::lockout::{Budget, Tally};

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_user, assert_gapless, crowd, interleave, read, write};
use crate::builders::{attempt_key, instant, later, tally, user, user_id};

fn password() -> AttemptKey {
    attempt_key(user_id(1), Budget::Password)
}

fn of_network(network: &str) -> AttemptKey {
    AttemptKey {
        network: network.to_owned(),
        ..attempt_key(user_id(1), Budget::KeyDuringHold)
    }
}

async fn record(store: &SharedStore, key: &AttemptKey, tally: Tally) {
    write(store, async |tx| {
        tx.attempts().hold(key).await.works();
        tx.attempts().record(key, tally).await.works();
    })
    .await;
}

async fn tally_of(store: &SharedStore, key: &AttemptKey) -> Tally {
    write(store, async |tx| tx.attempts().hold(key).await.works()).await
}

pub async fn a_counter_that_does_not_exist_is_at_nothing(store: &SharedStore) {
    assert_eq!(tally_of(store, &password()).await, Tally::default());
    assert_eq!(
        tally_of(store, &password()).await,
        Tally::default(),
        "after it was created by being held"
    );
    let listed = read(store, async |tx| tx.attempts().of_account(user_id(1)).await.works()).await;
    assert!(listed.is_empty(), "a counter at nothing is not listed");
}

pub async fn a_tally_comes_back_with_every_field(store: &SharedStore) {
    let largest = Tally {
        streak: u32::MAX,
        consecutive: u32::MAX - 1,
        ..tally(1)
    };
    let bare = Tally {
        streak_began: None,
        last_admitted: None,
        ..tally(2)
    };
    for expected in [tally(3), largest, bare, Tally::default()] {
        record(store, &password(), expected).await;
        assert_eq!(tally_of(store, &password()).await, expected);
    }
}

pub async fn a_tally_can_be_held_twice_and_recorded_in_one_transaction(store: &SharedStore) {
    write(store, async |tx| {
        assert_eq!(tx.attempts().hold(&password()).await.works(), Tally::default());
        tx.attempts().record(&password(), tally(1)).await.works();
        assert_eq!(tx.attempts().hold(&password()).await.works(), tally(1));
        tx.attempts().record(&password(), tally(2)).await.works();
    })
    .await;
    assert_eq!(tally_of(store, &password()).await, tally(2));
}

pub async fn counters_of_other_accounts_budgets_and_networks_are_others(store: &SharedStore) {
    let mut keys: Vec<_> = Budget::ALL
        .into_iter()
        .map(|budget| attempt_key(user_id(1), budget))
        .collect();
    keys.push(attempt_key(user_id(2), Budget::Password));
    keys.extend(["192.0.2.7", "2001:db8::/64", "2001:DB8::/64"].map(of_network));
    for (number, key) in (0..).zip(&keys) {
        record(store, key, tally(number)).await;
    }
    for (number, key) in (0..).zip(&keys) {
        assert_eq!(tally_of(store, key).await, tally(number), "{key:?}");
    }
}

pub async fn clearing_sets_one_counter_back(store: &SharedStore) {
    let other = attempt_key(user_id(1), Budget::SecondFactor);
    record(store, &password(), tally(1)).await;
    record(store, &other, tally(2)).await;
    write(store, async |tx| tx.attempts().clear(&password()).await.works()).await;
    write(store, async |tx| {
        tx.attempts().clear(&of_network("never seen")).await.works();
    })
    .await;
    assert_eq!(tally_of(store, &password()).await, Tally::default());
    assert_eq!(tally_of(store, &other).await, tally(2));
}

pub async fn clearing_an_account_sets_all_its_counters_back(store: &SharedStore) {
    let others = attempt_key(user_id(2), Budget::Password);
    for key in [&password(), &of_network("192.0.2.7"), &others] {
        record(store, key, tally(1)).await;
    }
    write(store, async |tx| tx.attempts().clear_account(user_id(1)).await.works()).await;
    assert_eq!(tally_of(store, &password()).await, Tally::default());
    assert_eq!(tally_of(store, &of_network("192.0.2.7")).await, Tally::default());
    assert_eq!(tally_of(store, &others).await, tally(1));
}

pub async fn the_counters_of_an_account_are_listed(store: &SharedStore) {
    let others = attempt_key(user_id(2), Budget::Password);
    let cleared = attempt_key(user_id(1), Budget::SecondFactor);
    let mut own = [(password(), tally(1)), (of_network("192.0.2.7"), tally(2))];
    for (key, tally) in &own {
        record(store, key, *tally).await;
    }
    record(store, &others, tally(3)).await;
    record(store, &cleared, tally(4)).await;
    write(store, async |tx| tx.attempts().clear(&cleared).await.works()).await;
    let mut listed = read(store, async |tx| tx.attempts().of_account(user_id(1)).await.works()).await;
    listed.sort_by(|one, other| one.0.cmp(&other.0));
    own.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(listed, own);
}

pub async fn purging_leaves_the_counters_of_accounts(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let of_nobody = attempt_key(user_id(9), Budget::Password);
    for key in [&password(), &of_network("192.0.2.7"), &of_nobody] {
        record(store, key, tally(1)).await;
    }
    assert_eq!(
        write(store, async |tx| tx.attempts().purge(later(), 99).await.works()).await,
        2
    );
    assert_eq!(
        tally_of(store, &password()).await,
        tally(1),
        "its cap never restarts by time"
    );
    assert_eq!(tally_of(store, &of_network("192.0.2.7")).await, Tally::default());
    assert_eq!(tally_of(store, &of_nobody).await, Tally::default());
}

pub async fn purging_counters_heeds_cutoff_and_limit(store: &SharedStore) {
    for seconds in 0..6 {
        let used = Tally {
            last_admitted: Some(instant(seconds)),
            ..tally(1)
        };
        record(store, &of_network(&seconds.to_string()), used).await;
    }
    let purge = async |limit| write(store, async |tx| tx.attempts().purge(instant(4), limit).await.works()).await;
    assert_eq!(purge(0).await, 0);
    assert_eq!((purge(3).await, purge(3).await, purge(3).await), (3, 1, 0));
    let left = read(store, async |tx| tx.attempts().of_account(user_id(1)).await.works()).await;
    let mut left: Vec<_> = left.into_iter().map(|(key, _)| key.network).collect();
    left.sort();
    assert_eq!(left, ["4", "5"], "admitted at the cutoff is not before it");
}

async fn race(store: &SharedStore, ending: Ending) -> Tally {
    interleave(
        store,
        ending,
        async |tx| {
            tx.attempts().hold(&password()).await.works();
            tx.attempts().record(&password(), tally(5)).await.works();
        },
        async |tx| tx.attempts().hold(&password()).await.works(),
    )
    .await
}

pub async fn a_first_attempt_in_an_open_transaction_is_counted(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, tally(5));
}

pub async fn a_first_attempt_that_is_rolled_back_is_not_counted(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, Tally::default());
}

pub async fn a_further_attempt_in_an_open_transaction_is_counted(store: &SharedStore) {
    record(store, &password(), tally(1)).await;
    assert_eq!(race(store, Ending::Commit).await, tally(5));
}

pub async fn a_further_attempt_that_is_rolled_back_is_not_counted(store: &SharedStore) {
    record(store, &password(), tally(1)).await;
    assert_eq!(race(store, Ending::Drop).await, tally(1));
}

async fn clearing_race(store: &SharedStore, ending: Ending) -> Tally {
    record(store, &password(), tally(1)).await;
    interleave(
        store,
        ending,
        async |tx| tx.attempts().clear(&password()).await.works(),
        async |tx| {
            let held = tx.attempts().hold(&password()).await.works();
            tx.attempts().record(&password(), tally(7)).await.works();
            held
        },
    )
    .await
}

pub async fn an_attempt_beside_a_clearing_in_an_open_transaction_is_the_first_again(store: &SharedStore) {
    assert_eq!(clearing_race(store, Ending::Commit).await, Tally::default());
    assert_eq!(
        tally_of(store, &password()).await,
        tally(7),
        "and it is not lost with what was cleared"
    );
}

pub async fn an_attempt_beside_a_clearing_that_is_rolled_back_counts_on(store: &SharedStore) {
    assert_eq!(clearing_race(store, Ending::Drop).await, tally(1));
    assert_eq!(tally_of(store, &password()).await, tally(7));
}

async fn count_in_crowd(store: &SharedStore) -> Vec<i64> {
    crowd(store, |mut tx, _| async move {
        let held = tx.attempts().hold(&password()).await.works();
        let counted = Tally {
            consecutive: held.consecutive + 1,
            ..held
        };
        tx.attempts().record(&password(), counted).await.works();
        tx.commit().await.works();
        i64::from(counted.consecutive)
    })
    .await
}

pub async fn a_crowd_of_first_attempts_is_counted_exactly(store: &SharedStore) {
    assert_gapless(count_in_crowd(store).await);
    assert_eq!(tally_of(store, &password()).await.consecutive, CROWD);
}

pub async fn a_crowd_of_further_attempts_is_counted_exactly(store: &SharedStore) {
    let begun = Tally {
        consecutive: 1_000,
        ..tally(1)
    };
    record(store, &password(), begun).await;
    assert_gapless(
        count_in_crowd(store)
            .await
            .into_iter()
            .map(|number| number - 1_000)
            .collect(),
    );
}
