//! Access tokens that are references.

use domain::opaque_token::StoredOpaqueToken;
use domain::scope::Scopes;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{Works, add_clients, add_user, read, write};
use crate::builders::{client_id, digest, instant, later, opaque_token, session, session_id, user, user_id};

async fn add(store: &SharedStore, tokens: &[StoredOpaqueToken]) {
    write(store, async |tx| {
        for token in tokens {
            tx.oauth().opaque_tokens().insert(token).await.works();
        }
    })
    .await;
}

/// Two clients and an account with the session 1; the first client has the tokens 1, of that session, and 2, for itself.
async fn prepare(store: &SharedStore) {
    add_clients(store, 2).await;
    add_user(store, &user(1)).await;
    write(store, async |tx| {
        tx.sessions().insert(&session(1, user_id(1))).await.works();
    })
    .await;
    add(store, &[opaque_token(1, Some(session_id(1))), opaque_token(2, None)]).await;
}

async fn find(store: &SharedStore, number: u32, now: Timestamp) -> Option<StoredOpaqueToken> {
    read(store, async |tx| {
        tx.oauth().opaque_tokens().find(&digest(number), now).await.works()
    })
    .await
}

pub async fn an_opaque_token_comes_back_with_every_field(store: &SharedStore) {
    prepare(store).await;
    let bare = StoredOpaqueToken {
        client: client_id(2),
        scopes: Scopes::default(),
        audience: Vec::new(),
        ..opaque_token(3, None)
    };
    add(store, std::slice::from_ref(&bare)).await;
    assert!(find(store, 1, later()).await == Some(opaque_token(1, Some(session_id(1)))));
    assert!(find(store, 2, later()).await == Some(opaque_token(2, None)));
    assert!(find(store, 3, later()).await == Some(bare));
    assert!(find(store, 9, later()).await.is_none());
}

pub async fn an_expired_opaque_token_is_not_found(store: &SharedStore) {
    prepare(store).await;
    let end = opaque_token(1, None).expires_at;
    assert!(find(store, 1, end).await.is_none());
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert!(find(store, 1, just_before).await.is_some(), "to the microsecond");
}

pub async fn an_opaque_token_is_deleted_once(store: &SharedStore) {
    prepare(store).await;
    let delete = async || {
        write(store, async |tx| {
            tx.oauth().opaque_tokens().delete(&digest(1)).await.works()
        })
        .await
    };
    assert!(delete().await);
    assert!(!delete().await);
    assert!(find(store, 1, later()).await.is_none());
    assert!(find(store, 2, later()).await.is_some());
}

pub async fn an_opaque_token_is_forgotten_with_its_session(store: &SharedStore) {
    prepare(store).await;
    assert!(write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    assert!(find(store, 1, later()).await.is_none());
    assert!(find(store, 2, later()).await.is_some(), "a client's own has none");
}

pub async fn an_opaque_token_needs_its_client_and_its_session(store: &SharedStore) {
    prepare(store).await;
    let mut of_no_client = opaque_token(3, None);
    of_no_client.client = client_id(9);
    for orphan in [of_no_client, opaque_token(3, Some(session_id(9)))] {
        let mut tx = store.begin().await.works();
        assert!(tx.oauth().opaque_tokens().insert(&orphan).await.is_err());
        drop(tx);
    }
    assert!(find(store, 3, later()).await.is_none());
}

pub async fn purging_forgets_expired_opaque_tokens(store: &SharedStore) {
    prepare(store).await;
    for (number, seconds) in [(3, 9), (4, 10), (5, 11)] {
        let expiring = StoredOpaqueToken {
            expires_at: instant(seconds),
            ..opaque_token(number, None)
        };
        add(store, &[expiring]).await;
    }
    let purge = async || {
        write(store, async |tx| {
            tx.oauth().opaque_tokens().purge(instant(10)).await.works()
        })
        .await
    };
    assert_eq!((purge().await, purge().await), (2, 0));
    assert!(find(store, 4, instant(0)).await.is_none());
    assert!(find(store, 5, instant(0)).await.is_some());
}
