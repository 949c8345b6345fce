//! Completed logins.

use application::ports::Rotation;
use domain::factor::{FactorType, Proved};
use domain::id::SessionId;
use domain::scope::Scopes;
use domain::session::{Origin, Session};
use domain::time::Timestamp;
use domain::user::Role;

use super::SharedStore;
use super::race::{Ending, Works, add_user, interleave, read, write};
use crate::builders::{authenticator_id, digest, instant, later, refresh_token, session, session_id, user, user_id};

async fn add(store: &SharedStore, sessions: &[Session]) {
    write(store, async |tx| {
        for session in sessions {
            tx.sessions().insert(session).await.works();
        }
    })
    .await;
}

/// Two accounts; the first with the sessions 1 and 2, the second with 3; each with a refresh token of the same number.
async fn prepare(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_user(store, &user(2)).await;
    for (number, user) in [(1, 1), (2, 1), (3, 2)] {
        add(store, &[session(number, user_id(user))]).await;
        let token = refresh_token(number, session_id(number));
        write(store, async |tx| tx.refresh_tokens().insert(&token).await.works()).await;
    }
}

async fn find(store: &SharedStore, number: u32, now: Timestamp) -> Option<Session> {
    read(store, async |tx| {
        tx.sessions().find(session_id(number), now).await.works()
    })
    .await
}

async fn live(store: &SharedStore, now: Timestamp) -> Vec<SessionId> {
    let live = read(store, async |tx| tx.sessions().live_of(user_id(1), now).await.works()).await;
    live.iter().map(|session| session.id).collect()
}

/// The numbers of the refresh tokens that still exist.
async fn tokens_left(store: &SharedStore) -> Vec<u32> {
    let mut left = Vec::new();
    for number in 1..=3 {
        let session = read(store, async |tx| {
            tx.refresh_tokens().session_of(&digest(number)).await.works()
        })
        .await;
        left.extend(session.map(|_| number));
    }
    left
}

pub async fn a_session_comes_back_with_every_field(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let bare = Session {
        client_id: String::new(),
        scopes: Scopes::of_role(Role::User),
        proved: Proved::new(vec![FactorType::Password], instant(3)),
        origin: Origin::default(),
        ..session(2, user_id(1))
    };
    let empty = Session {
        scopes: Scopes::default(),
        proved: Proved::new(vec![], instant(4)),
        origin: Origin {
            address: Some(String::new()),
            user_agent: Some(String::new()),
            request_id: None,
        },
        ..session(3, user_id(1))
    };
    let mut expected = vec![session(1, user_id(1)), bare, empty];
    for (number, factor) in (4..).zip(FactorType::ALL) {
        expected.push(Session {
            proved: Proved::new(vec![factor], instant(5)),
            authenticator: Some(authenticator_id(number)),
            ..session(number, user_id(1))
        });
    }
    add(store, &expected).await;
    for (number, expected) in (1..).zip(&expected) {
        assert_eq!(find(store, number, later()).await.as_ref(), Some(expected));
    }
    let listed = read(store, async |tx| {
        tx.sessions().live_of(user_id(1), later()).await.works()
    })
    .await;
    assert!(listed.iter().rev().eq(&expected), "and so in a list");
}

pub async fn a_session_that_does_not_exist_is_not_found(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(find(store, 9, later()).await, None);
    write(store, async |tx| {
        assert!(!tx.sessions().touch(session_id(9), later()).await.works());
        let proved = session(9, user_id(1)).proved;
        assert!(!tx.sessions().set_proved(session_id(9), &proved, None).await.works());
        assert!(!tx.sessions().end(session_id(9)).await.works());
        assert_eq!(tx.sessions().end_all_of(user_id(9)).await.works(), 0);
        assert!(tx.sessions().live_of(user_id(9), later()).await.works().is_empty());
    })
    .await;
    assert_eq!(tokens_left(store).await, [1, 2, 3]);
}

pub async fn a_session_is_not_added_to_an_account_that_does_not_exist(store: &SharedStore) {
    let mut tx = store.begin().await.works();
    assert!(tx.sessions().insert(&session(1, user_id(1))).await.is_err());
    drop(tx);
    assert_eq!(find(store, 1, later()).await, None);
}

pub async fn an_expired_session_is_not_found(store: &SharedStore) {
    prepare(store).await;
    let end = session(1, user_id(1)).expires_at;
    assert!(
        find(store, 1, Timestamp::from_micros(end.micros() - 1)).await.is_some(),
        "to the microsecond"
    );
    assert_eq!(find(store, 1, end).await, None);
    assert!(live(store, end).await.is_empty());
}

pub async fn the_live_sessions_of_an_account_are_listed_newest_first(store: &SharedStore) {
    prepare(store).await;
    let expiring = Session {
        expires_at: later(),
        ..session(5, user_id(1))
    };
    add(store, &[expiring, session(4, user_id(1))]).await;
    assert_eq!(live(store, instant(60)).await, [5, 4, 2, 1].map(session_id));
    assert_eq!(live(store, later()).await, [4, 2, 1].map(session_id));
}

pub async fn touching_changes_the_last_use_only(store: &SharedStore) {
    prepare(store).await;
    assert!(
        write(store, async |tx| tx
            .sessions()
            .touch(session_id(1), later())
            .await
            .works())
        .await
    );
    let expected = Session {
        used_at: later(),
        ..session(1, user_id(1))
    };
    assert_eq!(find(store, 1, later()).await, Some(expected));
    assert_eq!(
        find(store, 2, later()).await,
        Some(session(2, user_id(1))),
        "another session is as it was"
    );
}

pub async fn what_a_session_has_proved_is_set_and_nothing_else(store: &SharedStore) {
    prepare(store).await;
    for (factor, authenticator) in [
        (FactorType::Totp, Some(authenticator_id(1))),
        (FactorType::Hotp, Some(authenticator_id(2))),
        (FactorType::RecoveryCode, None),
    ] {
        let proved = Proved::new(vec![FactorType::Password, factor], instant(60));
        let set = write(store, async |tx| {
            tx.sessions()
                .set_proved(session_id(1), &proved, authenticator)
                .await
                .works()
        })
        .await;
        assert!(set);
        let expected = Session {
            proved,
            authenticator,
            ..session(1, user_id(1))
        };
        assert_eq!(find(store, 1, later()).await, Some(expected));
    }
    assert_eq!(
        find(store, 2, later()).await,
        Some(session(2, user_id(1))),
        "another session is as it was"
    );
    assert_eq!(tokens_left(store).await, [1, 2, 3]);
}

pub async fn a_session_ends_once_with_its_refresh_tokens(store: &SharedStore) {
    prepare(store).await;
    assert!(write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    assert!(!write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    assert_eq!(find(store, 1, later()).await, None);
    assert!(find(store, 2, later()).await.is_some());
    assert_eq!(tokens_left(store).await, [2, 3]);
}

pub async fn all_sessions_of_an_account_end_with_their_refresh_tokens(store: &SharedStore) {
    prepare(store).await;
    let end_all = async || write(store, async |tx| tx.sessions().end_all_of(user_id(1)).await.works()).await;
    assert_eq!((end_all().await, end_all().await), (2, 0));
    assert!(live(store, later()).await.is_empty());
    assert!(find(store, 3, later()).await.is_some());
    assert_eq!(tokens_left(store).await, [3]);
}

pub async fn purging_forgets_expired_sessions_with_their_refresh_tokens(store: &SharedStore) {
    add_user(store, &user(1)).await;
    for (number, seconds) in [(1, 9), (2, 10), (3, 11)] {
        let expiring = Session {
            expires_at: instant(seconds),
            ..session(number, user_id(1))
        };
        add(store, &[expiring]).await;
        let token = refresh_token(number, session_id(number));
        write(store, async |tx| tx.refresh_tokens().insert(&token).await.works()).await;
    }
    let purge = async || write(store, async |tx| tx.sessions().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (2, 0));
    assert_eq!(live(store, instant(0)).await, [session_id(3)]);
    assert_eq!(tokens_left(store).await, [3]);
}

async fn ending_race(store: &SharedStore, ending: Ending) -> Rotation {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert!(tx.sessions().end(session_id(1)).await.works()),
        async |tx| tx.refresh_tokens().rotate(&digest(1), later()).await.works(),
    )
    .await
}

pub async fn a_refresh_token_of_a_session_ended_in_an_open_transaction_is_unknown(store: &SharedStore) {
    assert_eq!(ending_race(store, Ending::Commit).await, Rotation::Unknown);
}

pub async fn a_refresh_token_of_a_session_whose_end_is_rolled_back_can_be_used(store: &SharedStore) {
    assert_eq!(ending_race(store, Ending::Drop).await, Rotation::Rotated(session_id(1)));
}
