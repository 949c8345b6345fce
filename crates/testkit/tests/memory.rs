//! What the store in memory offers to tests of use cases, beyond the contract.

use application::ports::{Insertion, Store, StoreError};
use testkit::builders::{user, user_id};
use testkit::memory::MemoryStore;

async fn add(store: &MemoryStore, number: u32) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    assert_eq!(tx.users().insert(&user(number)).await?, Insertion::Done);
    tx.commit().await
}

async fn has(store: &MemoryStore, number: u32) -> Result<bool, StoreError> {
    let mut tx = store.read().await?;
    Ok(tx.users().find(user_id(number)).await?.is_some())
}

#[tokio::test]
async fn only_dropped_transactions_with_changes_are_counted() {
    let store = MemoryStore::default();
    add(&store, 1).await.unwrap();
    assert!(has(&store, 1).await.unwrap());
    let mut tx = store.begin().await.unwrap();
    tx.users().hold(user_id(1)).await.unwrap();
    assert_eq!(tx.users().insert(&user(1)).await.unwrap(), Insertion::UsernameTaken);
    drop(tx);
    assert_eq!(store.dropped_with_changes(), 0);
    let mut tx = store.begin().await.unwrap();
    tx.users().advance_epoch(user_id(1)).await.unwrap();
    drop(tx);
    assert_eq!(store.dropped_with_changes(), 1);
}

#[tokio::test]
async fn a_reading_transaction_refuses_to_write_and_to_hold() {
    let store = MemoryStore::default();
    let mut tx = store.read().await.unwrap();
    assert!(tx.users().insert(&user(1)).await.is_err());
    assert!(tx.users().hold(user_id(1)).await.is_err());
    assert!(tx.events().hold_head().await.is_err());
    tx.commit().await.unwrap();
    assert!(!has(&store, 1).await.unwrap());
}

#[tokio::test]
async fn a_commit_that_fails_keeps_nothing_and_is_the_only_one() {
    let store = MemoryStore::default();
    store.fail_next_commit();
    assert!(add(&store, 1).await.is_err());
    assert!(!has(&store, 1).await.unwrap());
    add(&store, 1).await.unwrap();
    store.fail_commit_after(1);
    add(&store, 2).await.unwrap();
    assert!(add(&store, 3).await.is_err());
    add(&store, 4).await.unwrap();
    assert_eq!(
        store.dropped_with_changes(),
        0,
        "a failed commit is not a forgotten one"
    );
}

#[tokio::test]
async fn a_store_that_is_down_fails_everything_until_it_recovers() {
    let store = MemoryStore::default();
    add(&store, 1).await.unwrap();
    let (mut writing, mut reading) = (store.begin().await.unwrap(), store.read().await.unwrap());
    store.fail_all();
    assert!(store.begin().await.is_err());
    assert!(store.read().await.is_err());
    assert!(writing.users().find(user_id(1)).await.is_err());
    assert!(reading.users().find(user_id(1)).await.is_err());
    assert!(writing.commit().await.is_err());
    drop(reading);
    store.recover();
    assert!(has(&store, 1).await.unwrap());
    add(&store, 2).await.unwrap();
}
