//! Documents of the Aidbox profile.

use application::ports::Transaction;
use domain::aidbox::AidboxResource;
use domain::aidbox::ResourceKind::{self, AuthConfig, Client, User};

use super::SharedStore;
use super::race::{
    CROWD, Ending, Works, add_user, assert_gapless, crowd, interleave, interleave_under_hold, read, write,
};
use crate::builders::{aidbox_resource, instant, later, user, user_id};

async fn put(store: &SharedStore, resources: &[AidboxResource]) {
    write(store, async |tx| {
        for resource in resources {
            tx.aidbox_resources().put(resource).await.works();
        }
    })
    .await;
}

async fn find(store: &SharedStore, kind: ResourceKind, id: &str) -> Option<AidboxResource> {
    read(store, async |tx| tx.aidbox_resources().find(kind, id).await.works()).await
}

async fn of_account(store: &SharedStore, number: u32) -> Option<AidboxResource> {
    read(store, async |tx| {
        tx.aidbox_resources().of_account(user_id(number)).await.works()
    })
    .await
}

/// A `User` that describes the account of that number.
fn of_user(id: &str, number: u32) -> AidboxResource {
    AidboxResource {
        account: Some(user_id(number)),
        ..aidbox_resource(User, id)
    }
}

pub async fn a_document_comes_back_with_every_field(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let expected = [
        aidbox_resource(AuthConfig, "same"),
        AidboxResource {
            document: String::new(),
            version: i64::MAX,
            ..aidbox_resource(Client, "same")
        },
        of_user("same", 1),
        aidbox_resource(User, "Same ä𝔘/%00"),
        aidbox_resource(User, ""),
    ];
    put(store, &expected).await;
    for expected in &expected {
        assert_eq!(find(store, expected.kind, &expected.id).await.as_ref(), Some(expected));
    }
    assert_eq!(find(store, AuthConfig, "SAME").await, None, "letter case counts");
    assert_eq!(find(store, Client, "Same ä𝔘/%00").await, None);
}

pub async fn an_identity_that_no_document_can_have_is_not_found(store: &SharedStore) {
    put(store, &[aidbox_resource(Client, "a"), aidbox_resource(Client, "b")]).await;
    write(store, async |tx| {
        let resources = tx.aidbox_resources();
        assert_eq!(resources.find(Client, "a\0").await.works(), None);
        assert_eq!(resources.hold(Client, "a\0").await.works(), None);
        assert!(!resources.delete(Client, "a\0").await.works());
        let after = resources.list(Client, Some("a\0"), 9).await.works();
        assert_eq!(after, [aidbox_resource(Client, "b")]);
    })
    .await;
}

pub async fn a_document_is_replaced_but_for_its_creation(store: &SharedStore) {
    add_user(store, &user(1)).await;
    put(store, &[aidbox_resource(User, "a"), aidbox_resource(User, "b")]).await;
    let next = AidboxResource {
        document: "[]".into(),
        version: 4,
        created_at: instant(1),
        updated_at: later(),
        ..of_user("a", 1)
    };
    put(store, std::slice::from_ref(&next)).await;
    let expected = AidboxResource {
        created_at: instant(91),
        ..next
    };
    assert_eq!(find(store, User, "a").await, Some(expected));
    assert_eq!(find(store, User, "b").await, Some(aidbox_resource(User, "b")));
}

pub async fn the_document_of_an_account_is_its_user_only(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    let of_other_kind = AidboxResource {
        account: Some(user_id(1)),
        ..aidbox_resource(Client, "a")
    };
    put(store, &[of_other_kind, aidbox_resource(User, "b"), of_user("c", 2)]).await;
    assert_eq!(of_account(store, 1).await, None);
    put(store, &[of_user("d", 1)]).await;
    assert_eq!(of_account(store, 1).await, Some(of_user("d", 1)));
    assert_eq!(of_account(store, 2).await, Some(of_user("c", 2)));
}

pub async fn documents_are_read_in_pages_by_the_bytes_of_their_identity(store: &SharedStore) {
    for id in ["b", "a", "B", "ä", "a-1", "a_"] {
        put(store, &[aidbox_resource(Client, id)]).await;
    }
    put(store, &[aidbox_resource(User, "aa")]).await;
    let page = async |after, limit| {
        let page = read(store, async |tx| {
            tx.aidbox_resources().list(Client, after, limit).await.works()
        })
        .await;
        page.into_iter().map(|resource| resource.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 3).await, ["B", "a", "a-1"]);
    assert_eq!(page(Some("a-1"), 9).await, ["a_", "b", "ä"]);
    assert!(page(Some("ä"), 9).await.is_empty());
    assert!(page(None, 0).await.is_empty());
}

pub async fn a_document_is_deleted_once_and_of_its_kind_only(store: &SharedStore) {
    put(store, &[aidbox_resource(Client, "a"), aidbox_resource(User, "a")]).await;
    let delete = async || {
        write(store, async |tx| {
            tx.aidbox_resources().delete(Client, "a").await.works()
        })
        .await
    };
    assert!(delete().await);
    assert!(!delete().await);
    assert_eq!(find(store, Client, "a").await, None);
    assert!(find(store, User, "a").await.is_some());
}

pub async fn a_document_of_an_account_needs_it_and_goes_with_it(store: &SharedStore) {
    add_user(store, &user(1)).await;
    put(store, &[of_user("a", 1), aidbox_resource(User, "b")]).await;
    let mut tx = store.begin().await.works();
    assert!(tx.aidbox_resources().put(&of_user("c", 9)).await.is_err());
    drop(tx);
    assert!(write(store, async |tx| tx.users().delete(user_id(1)).await.works()).await);
    assert_eq!(find(store, User, "a").await, None);
    assert!(find(store, User, "b").await.is_some());
}

/// Holds the document and writes its next version.
async fn advance(tx: &mut dyn Transaction) -> i64 {
    let resources = tx.aidbox_resources();
    let held = resources.hold(Client, "a").await.works();
    let version = held.map_or(0, |held| held.version) + 1;
    let next = AidboxResource {
        version,
        ..aidbox_resource(Client, "a")
    };
    resources.put(&next).await.works();
    version
}

async fn prepare(store: &SharedStore) {
    let first = AidboxResource {
        version: 0,
        ..aidbox_resource(Client, "a")
    };
    put(store, &[first]).await;
}

async fn race(store: &SharedStore, ending: Ending) -> i64 {
    prepare(store).await;
    interleave(store, ending, async |tx| assert_eq!(advance(tx).await, 1), advance).await
}

pub async fn a_document_written_in_an_open_transaction_is_what_the_next_holds(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, 2);
}

pub async fn a_document_whose_writing_is_rolled_back_is_held_as_it_was(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, 1);
}

pub async fn a_crowd_writes_each_version_of_a_document_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, _| async move {
        let version = advance(&mut *tx).await;
        tx.commit().await.works();
        version
    })
    .await;
    assert_gapless(answers);
    assert_eq!(
        find(store, Client, "a").await.map(|resource| resource.version),
        Some(i64::from(CROWD))
    );
}

pub async fn a_held_document_is_not_deleted_until_the_end(store: &SharedStore) {
    prepare(store).await;
    let deleted = interleave_under_hold(
        store,
        async |tx| assert!(tx.aidbox_resources().hold(Client, "a").await.works().is_some()),
        async |tx| tx.aidbox_resources().delete(Client, "a").await.works(),
        async |tx| assert!(tx.aidbox_resources().find(Client, "a").await.works().is_some()),
    )
    .await;
    assert!(deleted);
    assert_eq!(find(store, Client, "a").await, None);
}
