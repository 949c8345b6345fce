//! What people allowed clients.

use domain::consent::Consent;
use domain::scope::Scopes;

use super::SharedStore;
use super::race::{Works, add_clients, add_user, read, write};
use crate::builders::{client_id, consent, later, scopes, user, user_id};

/// Two accounts and three clients.
async fn prepare(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    add_clients(store, 3).await;
}

async fn put(store: &SharedStore, consents: &[Consent]) {
    write(store, async |tx| {
        for consent in consents {
            tx.oauth().consents().put(consent).await.works();
        }
    })
    .await;
}

async fn find(store: &SharedStore, user: u32, client: u32) -> Option<Consent> {
    read(store, async |tx| {
        tx.oauth()
            .consents()
            .find(user_id(user), &client_id(client))
            .await
            .works()
    })
    .await
}

async fn of_user(store: &SharedStore, user: u32) -> Vec<Consent> {
    read(store, async |tx| {
        tx.oauth().consents().of_user(user_id(user)).await.works()
    })
    .await
}

pub async fn a_consent_comes_back_with_every_field(store: &SharedStore) {
    prepare(store).await;
    let many = (0..99).map(|number| format!("s{number}")).collect::<Vec<_>>();
    let many = Consent {
        scopes: many
            .iter()
            .flat_map(|name| scopes(name).iter().cloned().collect::<Vec<_>>())
            .collect(),
        ..consent(user_id(1), 2)
    };
    let none = Consent {
        scopes: Scopes::default(),
        ..consent(user_id(1), 3)
    };
    let expected = [consent(user_id(1), 1), many, none];
    put(store, &expected).await;
    for (number, expected) in (1..).zip(&expected) {
        assert_eq!(find(store, 1, number).await.as_ref(), Some(expected));
    }
    assert_eq!(of_user(store, 1).await, expected);
}

pub async fn a_consent_takes_the_place_of_the_one_before(store: &SharedStore) {
    prepare(store).await;
    put(
        store,
        &[consent(user_id(1), 1), consent(user_id(1), 2), consent(user_id(2), 1)],
    )
    .await;
    let next = Consent {
        scopes: scopes("other"),
        granted_at: later(),
        ..consent(user_id(1), 1)
    };
    put(store, std::slice::from_ref(&next)).await;
    assert_eq!(of_user(store, 1).await, [next, consent(user_id(1), 2)]);
    assert_eq!(of_user(store, 2).await, [consent(user_id(2), 1)]);
}

pub async fn the_consents_of_an_account_are_listed_by_client(store: &SharedStore) {
    prepare(store).await;
    put(
        store,
        &[consent(user_id(1), 3), consent(user_id(2), 2), consent(user_id(1), 1)],
    )
    .await;
    assert_eq!(
        of_user(store, 1).await,
        [consent(user_id(1), 1), consent(user_id(1), 3)]
    );
    assert!(of_user(store, 9).await.is_empty());
}

pub async fn a_consent_is_withdrawn_once_and_for_its_account_and_client_only(store: &SharedStore) {
    prepare(store).await;
    put(
        store,
        &[consent(user_id(1), 1), consent(user_id(1), 2), consent(user_id(2), 1)],
    )
    .await;
    let withdraw = async || {
        write(store, async |tx| {
            tx.oauth().consents().delete(user_id(1), &client_id(1)).await.works()
        })
        .await
    };
    assert!(withdraw().await);
    assert!(!withdraw().await);
    assert_eq!(find(store, 1, 1).await, None);
    assert!(find(store, 1, 2).await.is_some());
    assert!(find(store, 2, 1).await.is_some());
}

pub async fn a_consent_needs_its_account_and_its_client(store: &SharedStore) {
    prepare(store).await;
    for orphan in [consent(user_id(9), 1), consent(user_id(1), 9)] {
        let mut tx = store.begin().await.works();
        assert!(tx.oauth().consents().put(&orphan).await.is_err());
        drop(tx);
    }
    assert!(of_user(store, 1).await.is_empty());
}
