//! Logins that are not complete.

use domain::factor::{FactorType, Proved};
use domain::session::{AuthPurpose, AuthSession, StoredAuthSession};
use domain::time::Timestamp;
use domain::user::Epoch;

use super::SharedStore;
use super::race::{Ending, Works, add_user, crowd, interleave, read, write};
use crate::builders::{auth_session, bare_client_request, client_request, digest, instant, later, user, user_id};

async fn add(store: &SharedStore, auth_sessions: &[StoredAuthSession]) {
    write(store, async |tx| {
        for auth_session in auth_sessions {
            tx.auth_sessions().insert(auth_session).await.works();
        }
    })
    .await;
}

/// One account with its authentication session number 1.
async fn prepare(store: &SharedStore) -> AuthSession {
    add_user(store, &user(1)).await;
    let one = auth_session(1, user_id(1));
    add(store, std::slice::from_ref(&one)).await;
    one.auth_session
}

async fn find(store: &SharedStore, number: u32, now: Timestamp) -> Option<AuthSession> {
    read(store, async |tx| {
        tx.auth_sessions().find(&digest(number), now).await.works()
    })
    .await
}

async fn redeem(store: &SharedStore, number: u32, now: Timestamp) -> Option<AuthSession> {
    write(store, async |tx| {
        tx.auth_sessions().redeem(&digest(number), now).await.works()
    })
    .await
}

pub async fn an_authentication_session_comes_back_with_every_field(store: &SharedStore) {
    add_user(store, &user(1)).await;
    let mut largest = auth_session(2, user_id(1));
    largest.auth_session.epoch = Epoch(i64::MAX - 1);
    let mut expected = vec![auth_session(1, user_id(1)), largest];
    for (number, request) in (3..).zip([client_request(), bare_client_request()]) {
        let mut of_client = auth_session(number, user_id(1));
        of_client.auth_session.request = Some(request);
        expected.push(of_client);
    }
    for (number, factor) in (5..).zip(FactorType::ALL) {
        let mut other = auth_session(number, user_id(1));
        other.auth_session.purpose = AuthPurpose::Enrolment;
        other.auth_session.proved = Proved::new(vec![FactorType::Password, factor], instant(12));
        expected.push(other);
    }
    add(store, &expected).await;
    for (number, expected) in (1..).zip(expected) {
        let expected = Some(expected.auth_session);
        assert_eq!(find(store, number, later()).await, expected, "found");
        assert_eq!(
            find(store, number, later()).await,
            expected,
            "finding does not spend it"
        );
        assert_eq!(redeem(store, number, later()).await, expected, "redeemed");
    }
}

pub async fn an_authentication_session_gives_way_to_another_with_its_digest(store: &SharedStore) {
    prepare(store).await;
    add_user(store, &user(2)).await;
    add(store, &[auth_session(2, user_id(1))]).await;
    let other = AuthSession {
        user: user_id(2),
        epoch: Epoch(9),
        purpose: AuthPurpose::Enrolment,
        proved: Proved::new(vec![FactorType::Password, FactorType::Hotp], instant(12)),
        expires_at: instant(7_300),
        request: Some(client_request()),
    };
    let stored = StoredAuthSession {
        digest: digest(1),
        auth_session: other.clone(),
    };
    add(store, &[stored]).await;
    assert_eq!(find(store, 1, later()).await, Some(other.clone()));
    assert_eq!(redeem(store, 1, later()).await, Some(other));
    assert_eq!(redeem(store, 1, later()).await, None, "there is one");
    assert!(find(store, 2, later()).await.is_some(), "another digest is another one");
}

pub async fn a_crowd_adds_one_authentication_session_under_one_digest(store: &SharedStore) {
    add_user(store, &user(1)).await;
    crowd(store, |mut tx, number| async move {
        let mut stored = auth_session(1, user_id(1));
        stored.auth_session.epoch = Epoch(i64::from(number));
        tx.auth_sessions().insert(&stored).await.works();
        tx.commit().await.works();
    })
    .await;
    assert!(redeem(store, 1, later()).await.is_some());
    assert_eq!(redeem(store, 1, later()).await, None);
}

pub async fn an_authentication_session_that_does_not_exist_is_not_found(store: &SharedStore) {
    prepare(store).await;
    assert_eq!(find(store, 2, later()).await, None);
    assert_eq!(redeem(store, 2, later()).await, None);
}

pub async fn an_authentication_session_is_redeemed_once(store: &SharedStore) {
    let expected = prepare(store).await;
    assert_eq!(redeem(store, 1, later()).await, Some(expected));
    assert_eq!(redeem(store, 1, later()).await, None);
    assert_eq!(find(store, 1, later()).await, None);
}

pub async fn an_expired_authentication_session_is_not_redeemed(store: &SharedStore) {
    let expected = prepare(store).await;
    let end = expected.expires_at;
    assert_eq!(find(store, 1, end).await, None);
    assert_eq!(redeem(store, 1, end).await, None);
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert_eq!(find(store, 1, just_before).await, Some(expected.clone()));
    assert_eq!(
        redeem(store, 1, just_before).await,
        Some(expected),
        "to the microsecond"
    );
}

pub async fn the_authentication_sessions_of_an_account_are_forgotten_together(store: &SharedStore) {
    prepare(store).await;
    add_user(store, &user(2)).await;
    add(store, &[auth_session(2, user_id(1)), auth_session(3, user_id(2))]).await;
    write(store, async |tx| {
        tx.auth_sessions().delete_all_of(user_id(1)).await.works();
    })
    .await;
    assert_eq!(find(store, 1, later()).await, None);
    assert_eq!(find(store, 2, later()).await, None);
    assert!(find(store, 3, later()).await.is_some());
}

pub async fn purging_forgets_expired_authentication_sessions(store: &SharedStore) {
    add_user(store, &user(1)).await;
    for (number, seconds) in [(1, 9), (2, 10), (3, 11)] {
        let mut expiring = auth_session(number, user_id(1));
        expiring.auth_session.expires_at = instant(seconds);
        add(store, &[expiring]).await;
    }
    let purge = async || write(store, async |tx| tx.auth_sessions().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (2, 0));
    assert!(find(store, 3, instant(0)).await.is_some());
    assert!(find(store, 2, instant(0)).await.is_none());
}

async fn race(store: &SharedStore, ending: Ending) -> Option<AuthSession> {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert!(tx.auth_sessions().redeem(&digest(1), later()).await.works().is_some()),
        async |tx| tx.auth_sessions().redeem(&digest(1), later()).await.works(),
    )
    .await
}

pub async fn an_authentication_session_redeemed_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, None);
}

pub async fn an_authentication_session_whose_redemption_is_rolled_back_can_be_redeemed(store: &SharedStore) {
    assert_eq!(
        race(store, Ending::Drop).await,
        Some(auth_session(1, user_id(1)).auth_session)
    );
}

pub async fn a_crowd_redeems_an_authentication_session_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, _| async move {
        let answer = tx.auth_sessions().redeem(&digest(1), later()).await.works();
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(answers.into_iter().flatten().count(), 1);
}
