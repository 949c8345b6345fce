//! Authorization codes.

use application::ports::CodeSpending::{self, First, Spent, Unknown};
use application::ports::Transaction;
use domain::authorization::StoredCode;
use domain::factor::{FactorType, Proved};
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_clients, add_user, count, crowd, interleave, read, write};
use crate::builders::{
    bare_client_request, client_id, code, completed_login, digest, instant, later, session, session_id, user, user_id,
};

/// An account with the session 1, two clients, and the code 1 from that session.
async fn prepare(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_clients(store, 2).await;
    write(store, async |tx| {
        tx.sessions().insert(&session(1, user_id(1))).await.works();
    })
    .await;
    add(store, &[from_browser(1)]).await;
}

/// A code from the session 1.
fn from_browser(number: u32) -> StoredCode {
    StoredCode {
        login: completed_login(user_id(1), Some(session_id(1))),
        ..code(number, user_id(1))
    }
}

async fn add(store: &SharedStore, codes: &[StoredCode]) {
    write(store, async |tx| {
        for code in codes {
            tx.oauth().codes().insert(code).await.works();
        }
    })
    .await;
}

async fn find(store: &SharedStore, number: u32, now: Timestamp) -> Option<StoredCode> {
    read(store, async |tx| {
        tx.oauth().codes().find(&digest(number), now).await.works()
    })
    .await
}

/// Spends the code `number` for the session `session`, which need not exist.
async fn spend(tx: &mut dyn Transaction, number: u32, session: u32, now: Timestamp) -> CodeSpending {
    tx.oauth()
        .codes()
        .spend(&digest(number), session_id(session), now)
        .await
        .works()
}

async fn spend_at_once(store: &SharedStore, number: u32, session: u32, now: Timestamp) -> CodeSpending {
    write(store, async |tx| spend(tx, number, session, now).await).await
}

pub async fn a_code_comes_back_with_every_field(store: &SharedStore) {
    prepare(store).await;
    let mut bare = StoredCode {
        request: bare_client_request(),
        redirect_uri: None,
        ..code(2, user_id(1))
    };
    bare.request.client = client_id(2);
    bare.login.authenticator = None;
    bare.login.proved = Proved::new(vec![FactorType::Password], instant(2));
    let mut expected = vec![from_browser(1), bare];
    for (number, factor) in (3..).zip(FactorType::ALL) {
        let mut other = code(number, user_id(1));
        other.login.proved = Proved::new(vec![factor], instant(3));
        expected.push(other);
    }
    add(store, expected.get(1..).unwrap_or_default()).await;
    for (number, expected) in (1..).zip(&expected) {
        assert!(
            find(store, number, later()).await.as_ref() == Some(expected),
            "{number}"
        );
    }
    assert!(find(store, 1, later()).await.is_some(), "finding does not spend it");
}

pub async fn a_code_that_does_not_exist_is_unknown(store: &SharedStore) {
    prepare(store).await;
    assert!(find(store, 9, later()).await.is_none());
    assert_eq!(spend_at_once(store, 9, 5, later()).await, Unknown);
}

pub async fn a_code_is_spent_once_and_names_the_session_ever_after(store: &SharedStore) {
    prepare(store).await;
    add(store, &[code(2, user_id(1))]).await;
    assert_eq!(spend_at_once(store, 1, 5, later()).await, First);
    for now in [
        later(),
        code(1, user_id(1)).expires_at,
        Timestamp::from_micros(i64::MAX),
    ] {
        assert_eq!(spend_at_once(store, 1, 6, now).await, Spent(session_id(5)));
    }
    assert!(
        find(store, 1, later()).await == Some(from_browser(1)),
        "it is found spent or not"
    );
    assert_eq!(spend_at_once(store, 2, 6, later()).await, First, "another is another");
}

pub async fn an_expired_code_is_not_spent(store: &SharedStore) {
    prepare(store).await;
    let end = code(1, user_id(1)).expires_at;
    assert!(find(store, 1, end).await.is_none());
    assert_eq!(spend_at_once(store, 1, 5, end).await, Unknown);
    let just_before = Timestamp::from_micros(end.micros() - 1);
    assert!(find(store, 1, just_before).await.is_some());
    assert_eq!(
        spend_at_once(store, 1, 5, just_before).await,
        First,
        "to the microsecond"
    );
}

pub async fn a_code_needs_its_account_its_client_and_its_session(store: &SharedStore) {
    prepare(store).await;
    let mut of_nobody = code(2, user_id(9));
    let mut of_no_client = code(2, user_id(1));
    of_no_client.request.client = client_id(9);
    let mut from_nowhere = code(2, user_id(1));
    from_nowhere.login.parent = Some(session_id(9));
    of_nobody.login.parent = None;
    for orphan in [of_nobody, of_no_client, from_nowhere] {
        let mut tx = store.begin().await.works();
        assert!(tx.oauth().codes().insert(&orphan).await.is_err());
        drop(tx);
    }
    assert!(find(store, 2, later()).await.is_none());
}

pub async fn a_code_is_forgotten_with_the_session_that_it_came_from(store: &SharedStore) {
    prepare(store).await;
    add(store, &[from_browser(2), code(3, user_id(1))]).await;
    assert_eq!(spend_at_once(store, 1, 5, later()).await, First);
    assert!(write(store, async |tx| tx.sessions().end(session_id(1)).await.works()).await);
    for number in [1, 2] {
        assert!(find(store, number, later()).await.is_none());
        assert_eq!(spend_at_once(store, number, 5, later()).await, Unknown);
    }
    assert_eq!(spend_at_once(store, 3, 5, later()).await, First);
}

pub async fn a_spent_code_is_remembered_when_the_session_it_opened_ends(store: &SharedStore) {
    prepare(store).await;
    write(store, async |tx| {
        tx.sessions().insert(&session(5, user_id(1))).await.works();
        assert_eq!(spend(tx, 1, 5, later()).await, First);
    })
    .await;
    assert!(write(store, async |tx| tx.sessions().end(session_id(5)).await.works()).await);
    assert_eq!(spend_at_once(store, 1, 6, later()).await, Spent(session_id(5)));
}

pub async fn purging_forgets_codes_that_expired_before_the_cutoff(store: &SharedStore) {
    prepare(store).await;
    for (number, seconds) in [(2, 9), (3, 10), (4, 11)] {
        let mut expiring = code(number, user_id(1));
        expiring.expires_at = instant(seconds);
        add(store, &[expiring]).await;
        assert_eq!(spend_at_once(store, number, 5, instant(1)).await, First);
    }
    let purge = async || write(store, async |tx| tx.oauth().codes().purge(instant(10)).await.works()).await;
    assert_eq!((purge().await, purge().await), (1, 0));
    let mut answers = Vec::new();
    for number in [2, 3, 4] {
        answers.push(spend_at_once(store, number, 6, instant(0)).await);
    }
    assert_eq!(answers, [Unknown, Spent(session_id(5)), Spent(session_id(5))]);
}

async fn race(store: &SharedStore, ending: Ending) -> CodeSpending {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert_eq!(spend(tx, 1, 5, later()).await, First),
        async |tx| spend(tx, 1, 6, later()).await,
    )
    .await
}

pub async fn a_code_spent_in_an_open_transaction_is_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, Spent(session_id(5)));
}

pub async fn a_code_whose_spending_is_rolled_back_can_be_spent(store: &SharedStore) {
    assert_eq!(race(store, Ending::Drop).await, First);
    assert_eq!(spend_at_once(store, 1, 7, later()).await, Spent(session_id(6)));
}

pub async fn a_crowd_spends_a_code_once(store: &SharedStore) {
    prepare(store).await;
    let answers = crowd(store, |mut tx, number| async move {
        let answer = spend(&mut *tx, 1, number, later()).await;
        tx.commit().await.works();
        answer
    })
    .await;
    assert_eq!(count(&answers, &First), 1);
    let winner = (0..CROWD).zip(&answers).find(|(_, answer)| **answer == First);
    let session = winner.map(|(number, _)| session_id(number));
    let losers = session.map_or(0, |session| count(&answers, &Spent(session)));
    assert_eq!(losers, CROWD as usize - 1, "and all others hear of its session");
}

async fn logout_race(store: &SharedStore, ending: Ending) -> CodeSpending {
    prepare(store).await;
    interleave(
        store,
        ending,
        async |tx| assert!(tx.sessions().end(session_id(1)).await.works()),
        async |tx| spend(tx, 1, 5, later()).await,
    )
    .await
}

pub async fn a_code_of_a_browser_logged_out_in_an_open_transaction_is_unknown(store: &SharedStore) {
    assert_eq!(logout_race(store, Ending::Commit).await, Unknown);
}

pub async fn a_code_of_a_browser_whose_logout_is_rolled_back_can_be_spent(store: &SharedStore) {
    assert_eq!(logout_race(store, Ending::Drop).await, First);
}
