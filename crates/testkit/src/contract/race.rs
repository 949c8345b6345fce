//! How two transactions are made to meet, and how a crowd is let loose.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use application::ports::{ClientInsertion, Insertion, StoreError, Transaction};
use domain::user::User;
use tokio::sync::Barrier;

use super::SharedStore;
use crate::builders::client;

/// How many race in a crowd.
pub const CROWD: u32 = 32;

/// How long the second transaction has to arrive at the row that the first one holds. Too short a time can only miss a
/// fault, never invent one.
pub const ARRIVAL: Duration = Duration::from_millis(300);

/// A call to the store that must not fail.
pub trait Works<T> {
    /// The answer; a panic with every cause if there is none.
    fn works(self) -> T;
}

impl<T> Works<T> for Result<T, StoreError> {
    #[track_caller]
    fn works(self) -> T {
        match self {
            Ok(value) => value,
            Err(error) => panic!("{error}: {:?}", error.cause),
        }
    }
}

/// How the first transaction ends.
#[derive(Debug, Clone, Copy)]
pub enum Ending {
    /// Its writes count.
    Commit,
    /// They never were.
    Drop,
}

/// Writes in a transaction of its own, and commits.
pub async fn write<T>(store: &SharedStore, work: impl AsyncFnOnce(&mut dyn Transaction) -> T) -> T {
    let mut transaction = store.begin().await.works();
    let answer = work(&mut *transaction).await;
    transaction.commit().await.works();
    answer
}

/// Adds an account that must be new.
pub async fn add_user(store: &SharedStore, user: &User) {
    let answer = write(store, async |tx| tx.users().insert(user).await.works()).await;
    assert_eq!(answer, Insertion::Done);
}

/// Adds the clients `1..=count`, which must be new.
pub async fn add_clients(store: &SharedStore, count: u32) {
    write(store, async |tx| {
        for number in 1..=count {
            let answer = tx.oauth().clients().insert(&client(number)).await.works();
            assert_eq!(answer, ClientInsertion::Done);
        }
    })
    .await;
}

/// Reads in a transaction of its own.
pub async fn read<T>(store: &SharedStore, work: impl AsyncFnOnce(&mut dyn Transaction) -> T) -> T {
    let mut transaction = store.read().await.works();
    let answer = work(&mut *transaction).await;
    transaction.commit().await.works();
    answer
}

/// Forced interleaving: `first` writes and stays open; `second` begins, works and commits, as far as it is let; then the
/// first ends. The answer is that of `second`.
///
/// On a store with one writer the second waits where it begins; on others, where it meets the first.
pub async fn interleave<T>(
    store: &SharedStore,
    ending: Ending,
    first: impl AsyncFnOnce(&mut dyn Transaction),
    second: impl AsyncFnOnce(&mut dyn Transaction) -> T,
) -> T {
    let mut open = store.begin().await.works();
    first(&mut *open).await;
    let mut arriving = pin!(write(store, second));
    if let Ok(answer) = tokio::time::timeout(ARRIVAL, &mut arriving).await {
        end(open, ending).await;
        return answer;
    }
    let ((), answer) = tokio::join!(end(open, ending), arriving);
    answer
}

async fn end(open: Box<dyn Transaction>, ending: Ending) {
    match ending {
        Ending::Commit => open.commit().await.works(),
        Ending::Drop => drop(open),
    }
}

/// Forced interleaving for what is held: while `first` holds and stays open, `second` begins, works and commits, as far as
/// it is let; `still` then looks, in the first transaction, at what must not have changed.
pub async fn interleave_under_hold<T>(
    store: &SharedStore,
    first: impl AsyncFnOnce(&mut dyn Transaction),
    second: impl AsyncFnOnce(&mut dyn Transaction) -> T,
    still: impl AsyncFnOnce(&mut dyn Transaction),
) -> T {
    let mut open = store.begin().await.works();
    first(&mut *open).await;
    let mut arriving = pin!(write(store, second));
    let early = tokio::time::timeout(ARRIVAL, &mut arriving).await;
    still(&mut *open).await;
    if let Ok(answer) = early {
        end(open, Ending::Commit).await;
        return answer;
    }
    let ((), answer) = tokio::join!(end(open, Ending::Commit), arriving);
    answer
}

/// [`CROWD`] racers, each on a task of its own with a transaction that it commits itself, let loose at once. The answers
/// come in the order of the racers' numbers.
pub async fn crowd<T, F>(store: &SharedStore, racer: fn(Box<dyn Transaction>, u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(CROWD as usize));
    let racers: Vec<_> = (0..CROWD)
        .map(|number| {
            let (barrier, store) = (Arc::clone(&barrier), Arc::clone(store));
            tokio::spawn(async move {
                barrier.wait().await;
                racer(store.begin().await.works(), number).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.expect("no racer fails"));
    }
    answers
}

/// How many of the answers are this one.
pub fn count<T: PartialEq>(answers: &[T], wanted: &T) -> usize {
    answers.iter().filter(|answer| *answer == wanted).count()
}

/// Checks that the answers, in whatever order, are exactly `1..=CROWD`.
#[track_caller]
pub fn assert_gapless(mut answers: Vec<i64>) {
    answers.sort_unstable();
    let places: Vec<i64> = (1..=i64::from(CROWD)).collect();
    assert_eq!(answers, places, "each place is given once, and none is left out");
}
