//! Sessions of clients: the browser's session that they came from, what they are for, and who acts.

use domain::authorization::RequestedClaims;
use domain::id::SessionId;
use domain::session::Session;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{Ending, Works, add_user, interleave, read, write};
use crate::builders::{client_id, instant, later, scopes, session, session_id, user, user_id};

/// A session of a client that came from the browser's session 1, with everything that it can have.
fn child(number: u32) -> Session {
    Session {
        client_id: client_id(1).to_string(),
        scopes: scopes("orders:read"),
        parent: Some(session_id(1)),
        audience: vec!["https://api.example/\"b\"".into(), "urn:example:a 𝔯".into()],
        actor: Some(client_id(2).to_string()),
        claims: RequestedClaims {
            userinfo: vec!["email".into()],
            id_token: vec!["https://example.org/\"claim\"".into(), "name".into()],
        },
        ..session(number, user_id(1))
    }
}

async fn add(store: &SharedStore, sessions: &[Session]) {
    write(store, async |tx| {
        for session in sessions {
            tx.sessions().insert(session).await.works();
        }
    })
    .await;
}

/// Two accounts with the sessions 1 and 2; the first has the children 3 and 4, of which 4 ends [`later`].
async fn prepare(store: &SharedStore) {
    for number in [1, 2] {
        add_user(store, &user(number)).await;
        add(store, &[session(number, user_id(number))]).await;
    }
    let expiring = Session {
        expires_at: later(),
        ..child(4)
    };
    add(store, &[child(3), expiring]).await;
}

async fn find(store: &SharedStore, number: u32) -> Option<Session> {
    read(store, async |tx| {
        tx.sessions().find(session_id(number), instant(60)).await.works()
    })
    .await
}

fn ids(sessions: Vec<Session>) -> Vec<SessionId> {
    let mut ids: Vec<_> = sessions.into_iter().map(|session| session.id).collect();
    ids.sort_unstable();
    ids
}

async fn children(store: &SharedStore, number: u32, now: Timestamp) -> Vec<SessionId> {
    let found = read(store, async |tx| {
        tx.sessions().children_of(session_id(number), now).await.works()
    })
    .await;
    ids(found)
}

pub async fn a_session_of_a_client_comes_back_with_every_field(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(find(store, 3).await, Some(child(3)));
    let found = read(store, async |tx| {
        tx.sessions().children_of(session_id(1), later()).await.works()
    })
    .await;
    assert_eq!(found, [child(3)], "and so in a list");
    assert_eq!(
        find(store, 1).await,
        Some(session(1, user_id(1))),
        "another has nothing of it"
    );
}

pub async fn the_live_sessions_from_a_browser_are_listed(store: &SharedStore) {
    prepare(store).await;
    let just_before = Timestamp::from_micros(later().micros() - 1);
    assert_eq!(children(store, 1, just_before).await, [3, 4].map(session_id));
    assert_eq!(children(store, 1, later()).await, [session_id(3)]);
    assert!(children(store, 2, instant(60)).await.is_empty());
    assert!(children(store, 9, instant(60)).await.is_empty());
}

pub async fn the_sessions_of_one_browser_are_given_to_another(store: &SharedStore) {
    prepare(store).await;
    add(store, &[session(5, user_id(1)), session(6, user_id(1))]).await;
    let other = Session {
        parent: Some(session_id(6)),
        ..child(7)
    };
    add(store, &[other]).await;
    write(store, async |tx| {
        tx.sessions().adopt(session_id(1), session_id(5)).await.works();
        // Nobody's children: nothing to do.
        tx.sessions().adopt(session_id(9), session_id(5)).await.works();
    })
    .await;
    assert!(children(store, 1, instant(60)).await.is_empty());
    assert_eq!(children(store, 5, instant(60)).await, [3, 4].map(session_id));
    assert_eq!(children(store, 6, instant(60)).await, [session_id(7)]);
    let expected = Session {
        parent: Some(session_id(5)),
        ..child(3)
    };
    assert_eq!(find(store, 3).await, Some(expected));
}

pub async fn the_live_sessions_of_a_client_are_listed(store: &SharedStore) {
    prepare(store).await;
    let of_client = async |client: &str, now| {
        let found = read(store, async |tx| {
            tx.sessions().live_of_client(client, now).await.works()
        })
        .await;
        ids(found)
    };
    let client = client_id(1).to_string();
    assert_eq!(of_client(&client, instant(60)).await, [3, 4].map(session_id));
    assert_eq!(of_client(&client, later()).await, [session_id(3)]);
    assert!(of_client(&client.to_uppercase(), later()).await.is_empty());
    assert!(of_client("a\0", later()).await.is_empty());
    let own = session(2, user_id(2)).client_id;
    assert_eq!(of_client(&own, later()).await, [session_id(2)]);
}

pub async fn sessions_stay_without_parent_when_their_browser_ends(store: &SharedStore) {
    prepare(store).await;
    assert!(write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    let expected = Session {
        parent: None,
        ..child(3)
    };
    assert_eq!(find(store, 3).await, Some(expected));
    assert!(children(store, 1, instant(60)).await.is_empty());
    assert!(find(store, 4).await.is_some());
}

pub async fn sessions_stay_without_parent_when_their_browser_is_purged(store: &SharedStore) {
    prepare(store).await;
    let short = Session {
        expires_at: instant(10),
        ..session(5, user_id(1))
    };
    let of_short = Session {
        parent: Some(session_id(5)),
        ..child(6)
    };
    add(store, &[short, of_short.clone()]).await;
    let purged = write(store, async |tx| tx.sessions().purge(instant(10)).await.works()).await;
    assert_eq!(purged, 1);
    let expected = Session {
        parent: None,
        ..of_short
    };
    assert_eq!(find(store, 6).await, Some(expected));
    assert_eq!(find(store, 3).await, Some(child(3)));
}

pub async fn all_sessions_of_an_account_end_parents_and_children_alike(store: &SharedStore) {
    prepare(store).await;
    let ended = write(store, async |tx| tx.sessions().end_all_of(user_id(1)).await.works()).await;
    assert_eq!(ended, 3);
    assert_eq!(find(store, 3).await, None);
    assert!(find(store, 2).await.is_some());
}

pub async fn a_session_is_not_added_to_a_parent_that_does_not_exist(store: &SharedStore) {
    prepare(store).await;
    let orphan = Session {
        parent: Some(session_id(9)),
        ..child(5)
    };
    let mut tx = store.begin().await.works();
    assert!(tx.sessions().insert(&orphan).await.is_err());
    drop(tx);
    assert_eq!(find(store, 5).await, None);
}

/// Whether a child is used after its browser's session ended beside it.
async fn race(store: &SharedStore, ending: Ending) -> bool {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert!(tx.sessions().end(session_id(1)).await.works()),
        async |tx| tx.sessions().touch(session_id(3), later()).await.works(),
    )
    .await
}

pub async fn a_session_is_used_while_its_browser_ends_in_an_open_transaction(store: &SharedStore) {
    assert!(race(store, Ending::Commit).await);
    let expected = Session {
        parent: None,
        used_at: later(),
        ..child(3)
    };
    assert_eq!(find(store, 3).await, Some(expected));
}

pub async fn a_session_keeps_its_parent_when_the_end_of_its_browser_is_rolled_back(store: &SharedStore) {
    assert!(race(store, Ending::Drop).await);
    assert_eq!(
        find(store, 3).await.and_then(|session| session.parent),
        Some(session_id(1))
    );
}
