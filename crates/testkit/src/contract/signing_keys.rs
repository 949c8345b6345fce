//! The key ring.

use application::ports::Addition::{self, Done, Occupied};
use application::ports::Consumption::{self, First, Spent};
use domain::secret::Sealed;
use domain::signing_key::KeyState::{self, Active, Next, Retired, Retiring};
use domain::signing_key::{Algorithm, KeyPurpose, Kid, SigningKey};

use super::SharedStore;
use super::race::{CROWD, Ending, Works, count, crowd, interleave, read, write};
use crate::builders::{instant, later, signing_key};

async fn insert(store: &SharedStore, key: &SigningKey) -> Addition {
    write(store, async |tx| tx.signing_keys().insert(key).await.works()).await
}

async fn add(store: &SharedStore, number: u32, state: KeyState) {
    assert_eq!(insert(store, &signing_key(number, state)).await, Done);
}

async fn advance(store: &SharedStore, number: u32, from: KeyState, to: KeyState) -> Consumption {
    let kid = kid(number);
    write(store, async |tx| {
        tx.signing_keys().advance(&kid, from, to, later()).await.works()
    })
    .await
}

fn kid(number: u32) -> Kid {
    signing_key(number, Next).kid
}

async fn list(store: &SharedStore) -> Vec<SigningKey> {
    read(store, async |tx| tx.signing_keys().list(99).await.works()).await
}

async fn in_state(store: &SharedStore, state: KeyState) -> usize {
    list(store).await.iter().filter(|key| key.state == state).count()
}

pub async fn a_signing_key_comes_back_with_every_field(store: &SharedStore) {
    let mut expected = Vec::new();
    for (number, state) in (0..).zip(KeyState::ALL) {
        expected.push(signing_key(number, state));
    }
    for (number, algorithm) in (10..).zip(Algorithm::ALL) {
        expected.push(SigningKey {
            algorithm,
            purpose: KeyPurpose::Orion,
            public_der: vec![],
            private: Sealed::from_bytes((0..=255).cycle().take(4_000).collect()),
            kid: Kid::new(format!("Ω-{number}")),
            ..signing_key(number, Retired)
        });
    }
    for key in &expected {
        assert_eq!(insert(store, key).await, Done);
    }
    expected.reverse();
    assert!(list(store).await == expected);
    expected.retain(|key| key.state != Retired);
    expected.reverse();
    assert!(read(store, async |tx| tx.signing_keys().published().await.works()).await == expected);
}

pub async fn published_keys_come_oldest_first_and_retired_ones_not_at_all(store: &SharedStore) {
    for (number, state) in [(4, Next), (3, Active), (1, Retiring), (2, Retiring), (0, Retired)] {
        add(store, number, state).await;
    }
    let published = read(store, async |tx| tx.signing_keys().published().await.works()).await;
    let kids: Vec<_> = published.into_iter().map(|key| key.kid).collect();
    assert_eq!(kids, [1, 2, 3, 4].map(kid));
}

pub async fn keys_are_listed_newest_first_up_to_a_limit(store: &SharedStore) {
    for number in [2, 0, 3, 1] {
        add(store, number, Retired).await;
    }
    let list = async |limit| {
        let keys = read(store, async |tx| tx.signing_keys().list(limit).await.works()).await;
        keys.into_iter().map(|key| key.kid).collect::<Vec<_>>()
    };
    assert_eq!(list(99).await, [3, 2, 1, 0].map(kid));
    assert_eq!(list(2).await, [3, 2].map(kid));
    assert!(list(0).await.is_empty());
}

pub async fn each_purpose_has_places_of_its_own(store: &SharedStore) {
    let of = |purpose, number, state| SigningKey {
        purpose,
        ..signing_key(number, state)
    };
    let orion = |number, state| of(KeyPurpose::Orion, number, state);
    let identity = |number, state| of(KeyPurpose::IdToken, number, state);
    add(store, 1, Active).await;
    add(store, 2, Next).await;
    assert_eq!(insert(store, &orion(3, Next)).await, Done);
    assert_eq!(insert(store, &orion(4, Next)).await, Occupied);
    assert_eq!(
        advance(store, 3, Next, Active).await,
        First,
        "the active key of another purpose is not in its way"
    );
    assert_eq!(insert(store, &orion(5, Active)).await, Occupied);
    assert_eq!(insert(store, &orion(6, Next)).await, Done);
    assert_eq!(insert(store, &identity(8, Active)).await, Done);
    assert_eq!(insert(store, &identity(9, Next)).await, Done);
    for state in [Active, Next] {
        assert_eq!(insert(store, &signing_key(7, state)).await, Occupied);
        assert_eq!(in_state(store, state).await, KeyPurpose::ALL.len());
    }
    let published = read(store, async |tx| tx.signing_keys().published().await.works()).await;
    let purposes: Vec<_> = published.into_iter().map(|key| (key.kid, key.purpose)).collect();
    assert_eq!(
        purposes,
        [
            (kid(1), KeyPurpose::AccessToken),
            (kid(2), KeyPurpose::AccessToken),
            (kid(3), KeyPurpose::Orion),
            (kid(6), KeyPurpose::Orion),
            (kid(8), KeyPurpose::IdToken),
            (kid(9), KeyPurpose::IdToken),
        ]
    );
}

pub async fn an_occupied_place_is_refused_and_the_transaction_goes_on(store: &SharedStore) {
    for (number, state) in [(1, Next), (2, Active), (3, Retiring), (4, Retired)] {
        add(store, number, state).await;
    }
    write(store, async |tx| {
        let keys = tx.signing_keys();
        assert_eq!(keys.insert(&signing_key(11, Next)).await.works(), Occupied);
        assert_eq!(keys.insert(&signing_key(12, Active)).await.works(), Occupied);
        assert_eq!(keys.insert(&signing_key(13, Retiring)).await.works(), Done);
        assert_eq!(keys.insert(&signing_key(14, Retired)).await.works(), Done);
    })
    .await;
    let kids: Vec<_> = list(store).await.into_iter().map(|key| key.kid).collect();
    assert_eq!(
        kids,
        [14, 13, 4, 3, 2, 1].map(kid),
        "what came after the conflict is kept"
    );
}

pub async fn a_key_advances_once_from_the_state_it_is_in(store: &SharedStore) {
    add(store, 1, Next).await;
    add(store, 2, Retiring).await;
    assert_eq!(
        advance(store, 1, Active, Retiring).await,
        Spent,
        "it is in another state"
    );
    assert_eq!(advance(store, 9, Next, Active).await, Spent, "there is no such key");
    assert_eq!(advance(store, 1, Next, Active).await, First);
    assert_eq!(advance(store, 1, Next, Active).await, Spent);
    let expected = SigningKey {
        state_since: later(),
        ..signing_key(1, Active)
    };
    assert!(
        list(store).await == [signing_key(2, Retiring), expected],
        "state and instant change, nothing else"
    );
}

pub async fn a_ring_turns_in_one_transaction(store: &SharedStore) {
    add(store, 1, Active).await;
    add(store, 2, Next).await;
    write(store, async |tx| {
        let keys = tx.signing_keys();
        assert_eq!(keys.advance(&kid(1), Active, Retiring, later()).await.works(), First);
        assert_eq!(keys.advance(&kid(2), Next, Active, later()).await.works(), First);
        assert_eq!(keys.insert(&signing_key(3, Next)).await.works(), Done);
    })
    .await;
    let states: Vec<_> = list(store).await.into_iter().map(|key| (key.kid, key.state)).collect();
    assert_eq!(states, [(kid(3), Next), (kid(2), Active), (kid(1), Retiring)]);
}

pub async fn a_key_does_not_advance_into_an_occupied_place(store: &SharedStore) {
    add(store, 1, Active).await;
    add(store, 2, Next).await;
    let mut tx = store.begin().await.works();
    let answer = tx.signing_keys().advance(&kid(2), Next, Active, later()).await;
    assert!(!matches!(answer, Ok(First)));
    drop(tx);
    assert_eq!((in_state(store, Active).await, in_state(store, Next).await), (1, 1));
}

async fn insertion_race(store: &SharedStore, state: KeyState, ending: Ending) -> Addition {
    interleave(
        store,
        ending,
        async |tx| assert_eq!(tx.signing_keys().insert(&signing_key(1, state)).await.works(), Done),
        async |tx| {
            let answer = tx.signing_keys().insert(&signing_key(2, state)).await.works();
            let next = tx.signing_keys().insert(&signing_key(3, Retired)).await.works();
            assert_eq!(next, Done, "the transaction goes on");
            answer
        },
    )
    .await
}

pub async fn an_active_key_added_in_an_open_transaction_is_the_only_one(store: &SharedStore) {
    assert_eq!(insertion_race(store, Active, Ending::Commit).await, Occupied);
    assert_eq!(in_state(store, Active).await, 1);
}

pub async fn an_active_key_whose_addition_is_rolled_back_leaves_the_place_free(store: &SharedStore) {
    assert_eq!(insertion_race(store, Active, Ending::Drop).await, Done);
}

pub async fn a_next_key_added_in_an_open_transaction_is_the_only_one(store: &SharedStore) {
    assert_eq!(insertion_race(store, Next, Ending::Commit).await, Occupied);
    assert_eq!(in_state(store, Next).await, 1);
}

pub async fn a_next_key_whose_addition_is_rolled_back_leaves_the_place_free(store: &SharedStore) {
    assert_eq!(insertion_race(store, Next, Ending::Drop).await, Done);
}

pub async fn a_crowd_adds_one_active_key(store: &SharedStore) {
    let answers = crowd(store, |mut tx, number| async move {
        let answer = tx.signing_keys().insert(&signing_key(number, Active)).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &Done), count(&answers, &Occupied)),
        (1, CROWD as usize - 1)
    );
    assert_eq!(list(store).await.len(), 1);
}

async fn advance_race(store: &SharedStore, ending: Ending) -> Consumption {
    add(store, 1, Active).await;
    interleave(
        store,
        ending,
        async |tx| {
            let answer = tx
                .signing_keys()
                .advance(&kid(1), Active, Retiring, instant(60))
                .await
                .works();
            assert_eq!(answer, First);
        },
        async |tx| {
            tx.signing_keys()
                .advance(&kid(1), Active, Retiring, later())
                .await
                .works()
        },
    )
    .await
}

pub async fn a_key_advanced_in_an_open_transaction_has_advanced(store: &SharedStore) {
    assert_eq!(advance_race(store, Ending::Commit).await, Spent);
    assert!(
        list(store).await.iter().all(|key| key.state_since == instant(60)),
        "the loser changed nothing"
    );
}

pub async fn a_key_whose_advance_is_rolled_back_can_advance(store: &SharedStore) {
    assert_eq!(advance_race(store, Ending::Drop).await, First);
}

pub async fn a_crowd_turns_the_ring_once(store: &SharedStore) {
    add(store, 1, Active).await;
    add(store, 2, Next).await;
    let answers = crowd(store, |mut tx, number| async move {
        let keys = tx.signing_keys();
        let vacated = keys.advance(&kid(1), Active, Retiring, later()).await.works();
        if vacated == First {
            assert_eq!(keys.advance(&kid(2), Next, Active, later()).await.works(), First);
            assert_eq!(keys.insert(&signing_key(100 + number, Next)).await.works(), Done);
        }
        tx.commit().await.works();
        vacated
    })
    .await;
    assert_eq!(
        (count(&answers, &First), count(&answers, &Spent)),
        (1, CROWD as usize - 1)
    );
    let states: Vec<_> = list(store).await.into_iter().map(|key| key.state).collect();
    assert_eq!(states, [Next, Active, Retiring]);
}
