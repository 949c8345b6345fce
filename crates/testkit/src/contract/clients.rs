//! Client applications.

use application::ports::{ClientInsertion, Transaction};
use domain::client::{Client, ClientAuthentication, GrantType, StoredClientSecret};
use domain::factor::FactorPolicy;
use domain::secret::PasswordHash;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_user, count, crowd, interleave, read, write};
use crate::builders::{
    bare_client, client, client_id, code, consent, device, digest, instant, later, opaque_token, pushed_request,
    session, session_id, user, user_id,
};

async fn add(store: &SharedStore, clients: &[Client]) {
    write(store, async |tx| {
        for client in clients {
            assert_eq!(tx.oauth().clients().insert(client).await.works(), ClientInsertion::Done);
        }
    })
    .await;
}

async fn find(store: &SharedStore, number: u32) -> Option<Client> {
    read(store, async |tx| {
        tx.oauth().clients().find(&client_id(number)).await.works()
    })
    .await
}

async fn list(store: &SharedStore, after: Option<u32>, limit: u32) -> Vec<Client> {
    let after = after.map(client_id);
    read(store, async |tx| {
        tx.oauth().clients().list(after.as_ref(), limit).await.works()
    })
    .await
}

/// The client 1 with the next version and another name.
fn renamed(name: &str) -> Client {
    Client {
        name: name.into(),
        version: client(1).version + 1,
        ..client(1)
    }
}

async fn rename(tx: &mut dyn Transaction, name: &str) -> bool {
    let (changed, version) = (renamed(name), client(1).version);
    tx.oauth().clients().update(&changed, version).await.works()
}

/// Clients that differ in everything in which clients can.
fn all_kinds() -> Vec<Client> {
    let mut clients = vec![client(1), bare_client(2)];
    clients.push(Client {
        authentication: ClientAuthentication::PrivateKeyJwt,
        secret: Some(StoredClientSecret::Chosen(PasswordHash::from_phc(
            "$argon2id$v=19$m=8$c2Fs$aGFzaA".into(),
        ))),
        factors: Some(FactorPolicy::new(&[])),
        version: i64::MAX,
        ..client(3)
    });
    for (number, grant) in (4..).zip(GrantType::ALL) {
        clients.push(Client {
            grant_types: vec![grant],
            factors: Some(FactorPolicy::default()),
            ..bare_client(number)
        });
    }
    clients
}

pub async fn a_client_comes_back_with_every_field(store: &SharedStore) {
    let expected = all_kinds();
    add(store, &expected).await;
    for (number, expected) in (1..).zip(&expected) {
        assert!(find(store, number).await.as_ref() == Some(expected), "number {number}");
    }
    assert!(list(store, None, 99).await == expected, "and so in a list");
}

pub async fn a_client_that_does_not_exist_is_not_found(store: &SharedStore) {
    add(store, &[client(1)]).await;
    assert!(find(store, 2).await.is_none());
    let (changed, deleted) = write(store, async |tx| {
        let clients = tx.oauth().clients();
        let changed = clients.update(&client(2), client(2).version).await.works();
        (changed, clients.delete(&client_id(2)).await.works())
    })
    .await;
    assert_eq!((changed, deleted), (false, false));
    assert!(list(store, None, 9).await == [client(1)]);
}

pub async fn an_identity_of_a_client_is_given_once_and_the_transaction_goes_on(store: &SharedStore) {
    add(store, &[client(1)]).await;
    write(store, async |tx| {
        let clients = tx.oauth().clients();
        assert_eq!(clients.insert(&bare_client(1)).await.works(), ClientInsertion::Taken);
        assert_eq!(clients.insert(&bare_client(2)).await.works(), ClientInsertion::Done);
    })
    .await;
    assert!(list(store, None, 9).await == [client(1), bare_client(2)]);
}

pub async fn a_client_changes_in_everything_but_identity_and_creation(store: &SharedStore) {
    add(store, &[client(1), client(2)]).await;
    let mut before = client(1);
    for changed in all_kinds() {
        let changed = Client {
            id: client_id(1),
            version: before.version + 1,
            created_at: instant(5),
            updated_at: later(),
            ..changed
        };
        let answer = write(store, async |tx| {
            tx.oauth().clients().update(&changed, before.version).await.works()
        })
        .await;
        assert!(answer);
        let expected = Client {
            created_at: client(1).created_at,
            ..changed
        };
        assert!(find(store, 1).await == Some(expected.clone()));
        before = expected;
    }
    assert!(find(store, 2).await == Some(client(2)), "another one is as it was");
}

pub async fn a_client_changes_from_the_version_that_was_read_only(store: &SharedStore) {
    add(store, &[client(1)]).await;
    for version in [client(1).version - 1, client(1).version + 1] {
        let answer = write(store, async |tx| {
            tx.oauth().clients().update(&renamed("other"), version).await.works()
        })
        .await;
        assert!(!answer);
    }
    assert!(find(store, 1).await == Some(client(1)));
    assert!(write(store, async |tx| rename(tx, "one").await).await);
    assert!(!write(store, async |tx| rename(tx, "two").await).await);
    assert!(find(store, 1).await == Some(renamed("one")));
}

pub async fn clients_are_read_in_pages_without_loss_or_repetition(store: &SharedStore) {
    add(store, &[client(3), client(1), client(5), client(2), client(4)]).await;
    let numbers = async |after, limit| {
        let page = list(store, after, limit).await;
        page.into_iter().map(|client| client.id).collect::<Vec<_>>()
    };
    assert_eq!(numbers(None, 2).await, [1, 2].map(client_id));
    assert_eq!(numbers(Some(2), 2).await, [3, 4].map(client_id));
    assert_eq!(numbers(Some(4), 2).await, [5].map(client_id));
    assert!(numbers(Some(5), 2).await.is_empty());
    assert!(numbers(None, 0).await.is_empty());
}

/// A user with a session, and one of everything that a client can have, of the client 1.
async fn furnish(tx: &mut dyn Transaction) {
    tx.sessions().insert(&session(1, user_id(1))).await.works();
    let oauth = tx.oauth();
    for number in [1, 2] {
        oauth.consents().put(&consent(user_id(1), number)).await.works();
    }
    oauth.codes().insert(&code(1, user_id(1))).await.works();
    assert!(oauth.devices().insert(&device(1)).await.works());
    oauth.pushed_requests().insert(&pushed_request(1)).await.works();
    let token = opaque_token(1, Some(session_id(1)));
    oauth.opaque_tokens().insert(&token).await.works();
}

pub async fn a_deleted_client_takes_along_what_belongs_to_it_but_no_session(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add(store, &[client(1), client(2)]).await;
    write(store, furnish).await;
    let mut others = opaque_token(9, None);
    others.client = client_id(2);
    write(store, async |tx| {
        tx.oauth().opaque_tokens().insert(&others).await.works();
    })
    .await;
    let delete = async || {
        write(store, async |tx| {
            tx.oauth().clients().delete(&client_id(1)).await.works()
        })
        .await
    };
    assert!(delete().await);
    read(store, async |tx| {
        assert!(tx.sessions().find(session_id(1), later()).await.works().is_some());
        let oauth = tx.oauth();
        assert!(oauth.clients().find(&client_id(1)).await.works().is_none());
        let consents = oauth.consents().of_user(user_id(1)).await.works();
        assert_eq!(consents, [consent(user_id(1), 2)]);
        assert!(oauth.codes().find(&digest(1), later()).await.works().is_none());
        assert!(oauth.devices().find(&digest(1)).await.works().is_none());
        assert!(
            oauth
                .pushed_requests()
                .find(&digest(1), later())
                .await
                .works()
                .is_none()
        );
        assert!(oauth.opaque_tokens().find(&digest(1), later()).await.works().is_none());
        assert!(oauth.opaque_tokens().find(&digest(9), later()).await.works() == Some(others));
    })
    .await;
    assert!(!delete().await, "once");
}

async fn race(store: &SharedStore, ending: Ending) -> bool {
    add(store, &[client(1)]).await;
    interleave(
        store,
        ending,
        async |tx| assert!(rename(tx, "first").await),
        async |tx| rename(tx, "second").await,
    )
    .await
}

pub async fn a_client_changed_in_an_open_transaction_is_another_version(store: &SharedStore) {
    assert!(!race(store, Ending::Commit).await);
    assert!(find(store, 1).await == Some(renamed("first")), "nothing of it is lost");
}

pub async fn a_client_whose_change_is_rolled_back_can_be_changed(store: &SharedStore) {
    assert!(race(store, Ending::Drop).await);
    assert!(find(store, 1).await == Some(renamed("second")));
}

pub async fn a_crowd_changes_a_version_of_a_client_once(store: &SharedStore) {
    add(store, &[client(1)]).await;
    let answers = crowd(store, |mut tx, number| async move {
        let answer = rename(&mut *tx, &number.to_string()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(
        (count(&answers, &true), count(&answers, &false)),
        (1, CROWD as usize - 1)
    );
}

async fn insertion_race(store: &SharedStore, ending: Ending) -> ClientInsertion {
    interleave(
        store,
        ending,
        async |tx| {
            let answer = tx.oauth().clients().insert(&client(1)).await.works();
            assert_eq!(answer, ClientInsertion::Done);
        },
        async |tx| tx.oauth().clients().insert(&bare_client(1)).await.works(),
    )
    .await
}

pub async fn an_identity_taken_in_an_open_transaction_is_taken(store: &SharedStore) {
    assert_eq!(insertion_race(store, Ending::Commit).await, ClientInsertion::Taken);
    assert!(find(store, 1).await == Some(client(1)));
}

pub async fn an_identity_whose_taking_is_rolled_back_is_free(store: &SharedStore) {
    assert_eq!(insertion_race(store, Ending::Drop).await, ClientInsertion::Done);
    assert!(find(store, 1).await == Some(bare_client(1)));
}
