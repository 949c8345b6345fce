//! Browsers that are logged in to the pages.

use domain::id::SessionId;

use super::SharedStore;
use super::race::{Ending, Works, add_user, interleave, read, write};
use crate::builders::{browser, digest, instant, session, session_id, user, user_id};

/// An account with two sessions, each of which has the browser of its number; that of the second has expired.
async fn prepare(store: &SharedStore) {
    add_user(store, &user(1)).await;
    write(store, async |tx| {
        for number in [1, 2] {
            let mut session = session(number, user_id(1));
            if number == 2 {
                session.expires_at = instant(60);
            }
            tx.sessions().insert(&session).await.works();
            let browser = browser(number, session_id(number));
            tx.browsers().insert(&browser).await.works();
        }
    })
    .await;
}

async fn session_of(store: &SharedStore, number: u32) -> Option<SessionId> {
    read(store, async |tx| {
        tx.browsers().session_of(&digest(number)).await.works()
    })
    .await
}

pub async fn the_session_of_a_browser_is_found_expired_or_not(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(session_of(store, 1).await, Some(session_id(1)));
    assert_eq!(session_of(store, 2).await, Some(session_id(2)));
    assert_eq!(session_of(store, 3).await, None);
}

pub async fn a_browser_is_forgotten_with_its_session(store: &SharedStore) {
    prepare(store).await;
    assert!(write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    assert_eq!(session_of(store, 1).await, None);
    assert_eq!(session_of(store, 2).await, Some(session_id(2)));
    assert_eq!(
        write(store, async |tx| tx.sessions().purge(instant(60)).await.works()).await,
        1
    );
    assert_eq!(session_of(store, 2).await, None);
}

pub async fn a_browser_is_not_added_to_a_session_that_does_not_exist(store: &SharedStore) {
    prepare(store).await;
    let mut tx = store.begin().await.works();
    assert!(tx.browsers().insert(&browser(3, session_id(3))).await.is_err());
    drop(tx);
    assert_eq!(session_of(store, 3).await, None);
}

pub async fn a_cookie_belongs_to_one_session(store: &SharedStore) {
    prepare(store).await;
    let mut tx = store.begin().await.works();
    assert!(tx.browsers().insert(&browser(1, session_id(2))).await.is_err());
    drop(tx);
    assert_eq!(session_of(store, 1).await, Some(session_id(1)));
}

pub async fn a_session_gets_another_cookie_and_the_old_one_is_good_for_nothing(store: &SharedStore) {
    prepare(store).await;
    let replace = async |old, new| {
        write(store, async |tx| {
            tx.browsers().replace(&digest(old), &digest(new)).await.works()
        })
        .await
    };
    assert!(replace(1, 5).await);
    assert_eq!(
        (session_of(store, 1).await, session_of(store, 5).await),
        (None, Some(session_id(1)))
    );
    assert!(!replace(1, 6).await, "it was replaced already");
    assert_eq!(session_of(store, 6).await, None);
    assert_eq!(
        session_of(store, 2).await,
        Some(session_id(2)),
        "others stay as they are"
    );
}

pub async fn a_cookie_is_replaced_by_one_of_two_at_once(store: &SharedStore) {
    prepare(store).await;
    let second = interleave(
        store,
        Ending::Commit,
        async |tx| assert!(tx.browsers().replace(&digest(1), &digest(5)).await.works()),
        async |tx| tx.browsers().replace(&digest(1), &digest(6)).await.works(),
    )
    .await;
    assert!(!second);
    assert_eq!(
        (session_of(store, 5).await, session_of(store, 6).await),
        (Some(session_id(1)), None)
    );
}
