//! The audit log.

use application::ports::{EventFilter, Transaction};
use domain::event::{Event, EventHead, EventKind, StoredEvent};
use domain::secret::Digest;
use domain::session::Origin;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_user, assert_gapless, crowd, interleave, read, write};
use crate::builders::{digest, event, user, user_id};

/// An entry of the log whose link follows from its place.
fn entry(position: u32, event: Event) -> StoredEvent {
    StoredEvent {
        position: i64::from(position),
        event,
        link: digest(position),
    }
}

async fn append(store: &SharedStore, entry: &StoredEvent) {
    write(store, async |tx| {
        let head = tx.events().hold_head().await.works();
        assert_eq!(head.position + 1, entry.position);
        tx.events().append(entry).await.works();
    })
    .await;
}

async fn list(store: &SharedStore, filter: &EventFilter, limit: u32) -> Vec<i64> {
    let entries = read(store, async |tx| tx.events().list(filter, limit).await.works()).await;
    entries.into_iter().map(|entry| entry.position).collect()
}

async fn head(store: &SharedStore) -> EventHead {
    read(store, async |tx| tx.events().head().await.works()).await
}

fn is_head(head: EventHead, position: u32) -> bool {
    head.position == i64::from(position) && head.link == digest(position)
}

pub async fn an_empty_log_has_the_empty_head(store: &SharedStore) {
    assert!(head(store).await == EventHead::EMPTY);
    assert!(write(store, async |tx| tx.events().hold_head().await.works()).await == EventHead::EMPTY);
    assert!(list(store, &EventFilter::default(), 9).await.is_empty());
}

pub async fn an_entry_comes_back_with_every_field(store: &SharedStore) {
    let bare = Event {
        actor: None,
        subject: None,
        origin: Origin::default(),
        details: vec![],
        ..event(2)
    };
    let empty = Event {
        subject: None,
        origin: Origin {
            address: Some(String::new()),
            user_agent: None,
            request_id: Some(String::new()),
        },
        ..event(3)
    };
    let mut expected = vec![entry(1, event(1)), entry(2, bare), entry(3, empty)];
    for (position, kind) in (4..).zip(EventKind::ALL) {
        expected.push(entry(
            position,
            Event {
                kind: *kind,
                ..event(position)
            },
        ));
    }
    for entry in &expected {
        append(store, entry).await;
    }
    assert!(
        read(store, async |tx| tx.events().after(0, 99).await.works()).await == expected,
        "oldest first"
    );
    expected.reverse();
    let filter = EventFilter::default();
    assert!(
        read(store, async |tx| tx.events().list(&filter, 99).await.works()).await == expected,
        "newest first"
    );
}

pub async fn the_head_is_the_last_entry(store: &SharedStore) {
    for position in 1..=3 {
        append(store, &entry(position, event(position))).await;
        assert!(is_head(head(store).await, position));
        assert!(is_head(
            write(store, async |tx| tx.events().hold_head().await.works()).await,
            position
        ));
    }
}

pub async fn several_entries_are_appended_in_one_transaction(store: &SharedStore) {
    write(store, async |tx| {
        for position in 1..=3 {
            let held = tx.events().hold_head().await.works();
            assert_eq!(held.position + 1, i64::from(position));
            tx.events().append(&entry(position, event(position))).await.works();
        }
    })
    .await;
    assert!(is_head(head(store).await, 3));
    assert_eq!(list(store, &EventFilter::default(), 9).await, [3, 2, 1]);
}

pub async fn an_entry_that_does_not_follow_the_head_is_refused(store: &SharedStore) {
    append(store, &entry(1, event(1))).await;
    for position in [0, 1, 3] {
        let mut tx = store.begin().await.works();
        tx.events().hold_head().await.works();
        assert!(
            tx.events().append(&entry(position, event(position))).await.is_err(),
            "{position} after 1"
        );
        drop(tx);
    }
    assert!(is_head(head(store).await, 1));
    assert_eq!(list(store, &EventFilter::default(), 9).await, [1]);
}

pub async fn a_dropped_entry_leaves_no_trace(store: &SharedStore) {
    let mut tx = store.begin().await.works();
    tx.events().hold_head().await.works();
    tx.events().append(&entry(1, event(1))).await.works();
    drop(tx);
    assert!(head(store).await == EventHead::EMPTY);
    append(store, &entry(1, event(2))).await;
}

pub async fn entries_are_filtered_by_kind_subject_and_place(store: &SharedStore) {
    for position in 1..=8 {
        let kind = if position % 2 == 0 {
            EventKind::LoginRefused
        } else {
            EventKind::LoginSucceeded
        };
        let subject = Some(user_id(u32::from(position > 4)));
        let filtered = Event {
            kind,
            subject,
            actor: Some(user_id(1)),
            ..event(position)
        };
        append(store, &entry(position, filtered)).await;
    }
    let refused = EventFilter {
        kind: Some(EventKind::LoginRefused),
        ..EventFilter::default()
    };
    let about = EventFilter {
        subject: Some(user_id(1)),
        ..EventFilter::default()
    };
    let before = EventFilter {
        before: Some(4),
        ..EventFilter::default()
    };
    let all = EventFilter {
        kind: refused.kind,
        subject: about.subject,
        before: Some(8),
    };
    assert_eq!(list(store, &refused, 99).await, [8, 6, 4, 2]);
    assert_eq!(list(store, &about, 99).await, [8, 7, 6, 5], "an actor is not a subject");
    assert_eq!(list(store, &before, 99).await, [3, 2, 1]);
    assert_eq!(list(store, &all, 99).await, [6]);
    assert_eq!(list(store, &refused, 3).await, [8, 6, 4]);
    assert!(list(store, &refused, 0).await.is_empty());
}

pub async fn entries_after_a_place_come_oldest_first_up_to_a_limit(store: &SharedStore) {
    for position in 1..=5 {
        append(store, &entry(position, event(position))).await;
    }
    let after = async |position, limit| {
        let entries = read(store, async |tx| tx.events().after(position, limit).await.works()).await;
        entries.into_iter().map(|entry| entry.position).collect::<Vec<_>>()
    };
    assert_eq!(after(0, 2).await, [1, 2]);
    assert_eq!(after(2, 99).await, [3, 4, 5]);
    assert!(after(5, 99).await.is_empty());
}

pub async fn entries_outlive_the_account_that_they_are_about(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let about = Event {
        subject: Some(user_id(1)),
        ..event(1)
    };
    append(store, &entry(1, about.clone())).await;
    assert!(write(store, async |tx| tx.users().delete(user_id(1)).await.works()).await);
    assert!(read(store, async |tx| tx.events().after(0, 9).await.works()).await == [entry(1, about)]);
}

async fn race(store: &SharedStore, ending: Ending) -> EventHead {
    interleave(
        store,
        ending,
        async |tx| {
            tx.events().hold_head().await.works();
            tx.events().append(&entry(1, event(1))).await.works();
        },
        async |tx| tx.events().hold_head().await.works(),
    )
    .await
}

pub async fn an_entry_appended_in_an_open_transaction_is_the_head(store: &SharedStore) {
    assert!(is_head(race(store, Ending::Commit).await, 1));
}

pub async fn an_entry_whose_appending_is_rolled_back_is_not_the_head(store: &SharedStore) {
    assert!(race(store, Ending::Drop).await == EventHead::EMPTY);
}

/// The link of an entry: its own place and the one before, so that a chain with a wrong predecessor shows.
fn chained(before: EventHead) -> Digest {
    let mut bytes = [0; 32];
    for (byte, part) in bytes
        .iter_mut()
        .zip(before.position.to_be_bytes().into_iter().chain(*before.link.as_bytes()))
    {
        *byte = part.wrapping_add(1);
    }
    Digest::from_bytes(bytes)
}

async fn append_next(tx: &mut dyn Transaction, event: Event) -> i64 {
    let before = tx.events().hold_head().await.works();
    let next = StoredEvent {
        position: before.position + 1,
        event,
        link: chained(before),
    };
    tx.events().append(&next).await.works();
    next.position
}

pub async fn a_crowd_appends_to_one_chain(store: &SharedStore) {
    let answers = crowd(store, |mut tx, number| async move {
        let position = append_next(&mut *tx, event(number)).await;
        tx.commit().await.works();
        position
    })
    .await;
    assert_gapless(answers);
    let mut before = EventHead::EMPTY;
    for entry in read(store, async |tx| tx.events().after(0, CROWD + 1).await.works()).await {
        assert_eq!(entry.position, before.position + 1);
        assert!(
            entry.link == chained(before),
            "entry {} follows another one",
            entry.position
        );
        before = EventHead {
            position: entry.position,
            link: entry.link,
        };
    }
    assert!(head(store).await == before);
}
