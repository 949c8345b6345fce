//! Accounts, when several transactions meet.

use application::ports::Insertion;
use domain::secret::PasswordHash;
use domain::user::{Epoch, User, UserState};

use super::SharedStore;
use super::race::{
    CROWD, Ending, Works, add_user, assert_gapless, count, crowd, interleave, interleave_under_hold, read, write,
};
use crate::builders::{admin, instant, session, session_id, user, user_id, username};

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

async fn insertion_race(store: &SharedStore, ending: Ending, second: User) -> Insertion {
    interleave(
        store,
        ending,
        async |tx| assert_eq!(tx.users().insert(&user(1)).await.works(), Insertion::Done),
        async |tx| {
            let answer = tx.users().insert(&second).await.works();
            assert_eq!(
                tx.users().insert(&user(99)).await.works(),
                Insertion::Done,
                "the transaction goes on"
            );
            answer
        },
    )
    .await
}

fn same_name() -> User {
    User {
        username: username(1),
        ..user(2)
    }
}

fn same_address() -> User {
    User {
        email: user(1).email,
        ..user(2)
    }
}

pub async fn a_user_name_taken_in_an_open_transaction_is_taken(store: &SharedStore) {
    assert_eq!(
        insertion_race(store, Ending::Commit, same_name()).await,
        Insertion::UsernameTaken
    );
}

pub async fn a_user_name_whose_taking_is_rolled_back_is_free(store: &SharedStore) {
    assert_eq!(insertion_race(store, Ending::Drop, same_name()).await, Insertion::Done);
}

pub async fn an_address_taken_in_an_open_transaction_is_taken(store: &SharedStore) {
    assert_eq!(
        insertion_race(store, Ending::Commit, same_address()).await,
        Insertion::EmailTaken
    );
}

pub async fn an_address_whose_taking_is_rolled_back_is_free(store: &SharedStore) {
    assert_eq!(
        insertion_race(store, Ending::Drop, same_address()).await,
        Insertion::Done
    );
}

pub async fn a_crowd_gets_a_user_name_once(store: &SharedStore) {
    let answers = crowd(store, |mut tx, number| async move {
        let racer = User {
            username: username(0),
            ..user(number + 1)
        };
        let answer = tx.users().insert(&racer).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(count(&answers, &Insertion::Done), 1);
    assert_eq!(count(&answers, &Insertion::UsernameTaken), CROWD as usize - 1);
    assert_eq!(read(store, async |tx| tx.users().count().await.works()).await, 1);
}

pub async fn a_crowd_gets_an_address_once(store: &SharedStore) {
    let answers = crowd(store, |mut tx, number| async move {
        let racer = User {
            email: user(0).email,
            ..user(number + 1)
        };
        let answer = tx.users().insert(&racer).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(count(&answers, &Insertion::Done), 1);
    assert_eq!(count(&answers, &Insertion::EmailTaken), CROWD as usize - 1);
}

async fn epoch_race(store: &SharedStore, ending: Ending) -> Option<Epoch> {
    add_user(store, &user(1)).await;
    interleave(
        store,
        ending,
        async |tx| assert_eq!(tx.users().advance_epoch(user_id(1)).await.works(), Some(Epoch(1))),
        async |tx| tx.users().advance_epoch(user_id(1)).await.works(),
    )
    .await
}

pub async fn an_epoch_advanced_in_an_open_transaction_counts(store: &SharedStore) {
    assert_eq!(epoch_race(store, Ending::Commit).await, Some(Epoch(2)));
}

pub async fn an_epoch_whose_advance_is_rolled_back_does_not_count(store: &SharedStore) {
    assert_eq!(epoch_race(store, Ending::Drop).await, Some(Epoch(1)));
}

pub async fn a_crowd_gets_each_epoch_once(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = tx.users().advance_epoch(user_id(1)).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_gapless(answers.into_iter().flatten().map(|epoch| epoch.0).collect());
}

async fn rehash_race(store: &SharedStore, ending: Ending) -> bool {
    add_user(store, &user(1)).await;
    let old = user(1).password_hash;
    interleave(
        store,
        ending,
        async |tx| {
            assert!(
                tx.users()
                    .set_password(user_id(1), &hash("$changed"), instant(5))
                    .await
                    .works()
            );
        },
        async |tx| {
            tx.users()
                .rehash_password(user_id(1), &old, &hash("$rehashed"))
                .await
                .works()
        },
    )
    .await
}

pub async fn a_rehash_does_not_undo_a_password_changed_in_an_open_transaction(store: &SharedStore) {
    assert!(!rehash_race(store, Ending::Commit).await);
    let found = read(store, async |tx| tx.users().find(user_id(1)).await.works()).await;
    assert!(found.is_some_and(|user| user.password_hash == hash("$changed")));
}

pub async fn a_rehash_succeeds_when_a_change_of_password_is_rolled_back(store: &SharedStore) {
    assert!(rehash_race(store, Ending::Drop).await);
    let found = read(store, async |tx| tx.users().find(user_id(1)).await.works()).await;
    assert!(found.is_some_and(|user| user.password_hash == hash("$rehashed")));
}

pub async fn a_held_account_keeps_its_password_until_the_end(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let changed = interleave_under_hold(
        store,
        async |tx| assert!(tx.users().hold(user_id(1)).await.works() == Some(user(1))),
        async |tx| {
            tx.users()
                .set_password(user_id(1), &hash("$new"), instant(5))
                .await
                .works()
        },
        async |tx| {
            assert!(
                tx.users().find(user_id(1)).await.works() == Some(user(1)),
                "it changed while held"
            );
        },
    )
    .await;
    assert!(changed, "the change waits, and then happens");
    let found = read(store, async |tx| tx.users().find(user_id(1)).await.works()).await;
    assert!(found.is_some_and(|user| user.password_hash == hash("$new")));
}

pub async fn a_held_account_is_not_deleted_until_the_end(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let deleted = interleave_under_hold(
        store,
        async |tx| assert!(tx.users().hold(user_id(1)).await.works().is_some()),
        async |tx| tx.users().delete(user_id(1)).await.works(),
        async |tx| {
            assert!(
                tx.users().find(user_id(1)).await.works().is_some(),
                "it went while held"
            );
            tx.sessions().insert(&session(1, user_id(1))).await.works();
        },
    )
    .await;
    assert!(deleted, "the deletion waits, and then happens");
    let left = read(store, async |tx| {
        tx.sessions().find(session_id(1), instant(60)).await.works()
    })
    .await;
    assert!(left.is_none(), "and takes along what was added meanwhile");
}

async fn hold_race(store: &SharedStore, ending: Ending) -> Option<User> {
    add_user(store, &user(1)).await;
    interleave(
        store,
        ending,
        async |tx| {
            assert!(tx.users().hold(user_id(1)).await.works().is_some());
            assert!(tx.users().set_state(user_id(1), UserState::Disabled).await.works());
        },
        async |tx| tx.users().hold(user_id(1)).await.works(),
    )
    .await
}

pub async fn a_hold_shows_what_the_holder_before_committed(store: &SharedStore) {
    let expected = User {
        state: UserState::Disabled,
        ..user(1)
    };
    assert!(hold_race(store, Ending::Commit).await == Some(expected));
}

pub async fn a_hold_does_not_show_what_was_rolled_back(store: &SharedStore) {
    assert!(hold_race(store, Ending::Drop).await == Some(user(1)));
}

pub async fn a_crowd_that_holds_an_account_changes_it_one_by_one(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let answers = crowd(store, |mut tx, _| async move {
        let held = tx.users().hold(user_id(1)).await.works();
        let number = 1 + held.map_or(0, |user| user.password_changed_at.micros() - instant(-3_600).micros());
        let now = domain::time::Timestamp::from_micros(instant(-3_600).micros() + number);
        assert!(tx.users().set_password(user_id(1), &hash("$same"), now).await.works());
        tx.commit().await.works();
        number
    })
    .await;
    assert_gapless(answers);
}

async fn admin_race(store: &SharedStore, ending: Ending) -> usize {
    add_user(store, &admin(1)).await;
    add_user(store, &admin(2)).await;
    interleave(
        store,
        ending,
        async |tx| {
            assert_eq!(tx.users().hold_active_admins().await.works().len(), 2);
            assert!(tx.users().set_state(user_id(1), UserState::Disabled).await.works());
        },
        async |tx| tx.users().hold_active_admins().await.works().len(),
    )
    .await
}

pub async fn an_administrator_who_is_disabled_in_an_open_transaction_is_not_counted(store: &SharedStore) {
    assert_eq!(admin_race(store, Ending::Commit).await, 1);
}

pub async fn an_administrator_whose_disabling_is_rolled_back_is_counted(store: &SharedStore) {
    assert_eq!(admin_race(store, Ending::Drop).await, 2);
}

pub async fn a_crowd_of_administrators_leaves_one(store: &SharedStore) {
    for number in 0..CROWD {
        add_user(store, &admin(number)).await;
    }
    let answers = crowd(store, |mut tx, number| async move {
        let may_go = tx.users().hold_active_admins().await.works().len() > 1;
        if may_go {
            assert!(tx.users().set_state(user_id(number), UserState::Disabled).await.works());
        }
        tx.commit().await.works();
        may_go
    })
    .await;
    assert_eq!(count(&answers, &true), CROWD as usize - 1);
    assert_eq!(
        write(store, async |tx| tx.users().hold_active_admins().await.works().len()).await,
        1
    );
}

pub async fn a_session_is_not_added_to_an_account_deleted_in_an_open_transaction(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let mut open = store.begin().await.works();
    assert!(open.users().delete(user_id(1)).await.works());
    let insert = async {
        let mut second = store.begin().await.works();
        let added = second.sessions().insert(&session(1, user_id(1))).await;
        drop(second);
        added
    };
    let mut insert = std::pin::pin!(insert);
    let early = tokio::time::timeout(super::race::ARRIVAL, &mut insert).await;
    let added = match early {
        Ok(added) => {
            open.commit().await.works();
            added
        }
        Err(_) => {
            let (committed, added) = tokio::join!(open.commit(), insert);
            committed.works();
            added
        }
    };
    assert!(added.is_err(), "the account is gone");
}
