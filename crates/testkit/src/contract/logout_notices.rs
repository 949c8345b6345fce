//! Notices of logouts that wait for their delivery.

use application::ports::Transaction;
use domain::id::NoticeId;
use domain::logout_notice::LogoutNotice;
use domain::time::Timestamp;

use super::SharedStore;
use super::race::{CROWD, Ending, Works, add_clients, add_user, crowd, interleave, write};
use crate::builders::{client_id, instant, later, logout_notice, notice_id, session, session_id, user, user_id};

async fn add(store: &SharedStore, numbers: &[u32]) {
    write(store, async |tx| {
        for number in numbers {
            let notice = logout_notice(*number);
            tx.oauth().logout_notices().insert(&notice).await.works();
        }
    })
    .await;
}

/// Leases until [`later`].
async fn lease(tx: &mut dyn Transaction, limit: u32, now: Timestamp) -> Vec<LogoutNotice> {
    tx.oauth().logout_notices().lease(limit, now, later()).await.works()
}

async fn lease_at_once(store: &SharedStore, limit: u32, now: Timestamp) -> Vec<LogoutNotice> {
    write(store, async |tx| lease(tx, limit, now).await).await
}

fn ids(notices: &[LogoutNotice]) -> Vec<NoticeId> {
    notices.iter().map(|notice| notice.id).collect()
}

pub async fn a_notice_comes_back_with_every_field_and_the_attempt_counted(store: &SharedStore) {
    add(store, &[1]).await;
    let expected = LogoutNotice {
        attempts: 3,
        due_at: later(),
        ..logout_notice(1)
    };
    assert_eq!(lease_at_once(store, 9, instant(60)).await, [expected]);
    let again = LogoutNotice {
        attempts: 4,
        due_at: later(),
        ..logout_notice(1)
    };
    assert_eq!(lease_at_once(store, 9, later()).await, [again], "when it is due again");
}

pub async fn due_notices_are_leased_earliest_first_up_to_a_limit(store: &SharedStore) {
    add(store, &[4, 2, 5, 1, 3]).await;
    assert!(lease_at_once(store, 0, instant(4)).await.is_empty());
    assert_eq!(ids(&lease_at_once(store, 2, instant(4)).await), [1, 2].map(notice_id));
    assert_eq!(ids(&lease_at_once(store, 9, instant(4)).await), [3, 4].map(notice_id));
    assert!(
        lease_at_once(store, 9, instant(4)).await.is_empty(),
        "the fifth is not due"
    );
    let just_before = Timestamp::from_micros(instant(5).micros() - 1);
    assert!(
        lease_at_once(store, 9, just_before).await.is_empty(),
        "to the microsecond"
    );
    assert_eq!(ids(&lease_at_once(store, 9, instant(5)).await), [notice_id(5)]);
}

pub async fn a_notice_that_is_put_off_is_due_then(store: &SharedStore) {
    add(store, &[1, 2]).await;
    write(store, async |tx| {
        let notices = tx.oauth().logout_notices();
        notices.put_off(notice_id(1), instant(30)).await.works();
        notices.put_off(notice_id(9), instant(30)).await.works();
    })
    .await;
    assert_eq!(ids(&lease_at_once(store, 9, instant(29)).await), [notice_id(2)]);
    let expected = LogoutNotice {
        attempts: 3,
        due_at: later(),
        ..logout_notice(1)
    };
    assert_eq!(lease_at_once(store, 9, instant(30)).await, [expected]);
}

pub async fn a_notice_is_deleted_once(store: &SharedStore) {
    add(store, &[1, 2]).await;
    let delete = async || {
        write(store, async |tx| {
            tx.oauth().logout_notices().delete(notice_id(1)).await.works()
        })
        .await
    };
    assert!(delete().await);
    assert!(!delete().await);
    assert_eq!(ids(&lease_at_once(store, 9, instant(60)).await), [notice_id(2)]);
}

pub async fn a_notice_outlives_what_it_is_about(store: &SharedStore) {
    add_user(store, &user(1)).await;
    add_clients(store, 1).await;
    write(store, async |tx| {
        tx.sessions().insert(&session(1, user_id(1))).await.works();
    })
    .await;
    add(store, &[1]).await;
    write(store, async |tx| {
        assert!(tx.sessions().end(session_id(1)).await.works());
        assert!(tx.oauth().clients().delete(&client_id(1)).await.works());
    })
    .await;
    assert!(write(store, async |tx| tx.users().delete(user_id(1)).await.works()).await);
    assert_eq!(ids(&lease_at_once(store, 9, instant(60)).await), [notice_id(1)]);
}

/// What the second gets of three notices of which the first leases two.
async fn race(store: &SharedStore, ending: Ending) -> Vec<NoticeId> {
    add(store, &[1, 2, 3]).await;
    let leased = interleave(
        store,
        ending,
        async |tx| {
            let leased = lease(tx, 2, instant(60)).await;
            assert_eq!(ids(&leased), [1, 2].map(notice_id));
        },
        async |tx| lease(tx, 9, instant(60)).await,
    )
    .await;
    ids(&leased)
}

pub async fn a_notice_leased_in_an_open_transaction_is_not_leased_again(store: &SharedStore) {
    assert_eq!(race(store, Ending::Commit).await, [notice_id(3)]);
    assert!(lease_at_once(store, 9, instant(60)).await.is_empty());
}

pub async fn a_notice_whose_lease_is_rolled_back_can_be_leased(store: &SharedStore) {
    let mut leased = race(store, Ending::Drop).await;
    // The second may have passed over what the first held at that time.
    leased.extend(ids(&lease_at_once(store, 9, instant(60)).await));
    leased.sort_unstable();
    let mut expected = [1, 2, 3].map(notice_id);
    expected.sort_unstable();
    assert_eq!(leased, expected);
}

pub async fn a_crowd_leases_each_notice_once(store: &SharedStore) {
    let numbers: Vec<u32> = (1..=CROWD).collect();
    add(store, &numbers).await;
    let answers = crowd(store, |mut tx, _| async move {
        let leased = lease(&mut *tx, 3, instant(60)).await;
        tx.commit().await.works();
        leased
    })
    .await;
    let mut leased: Vec<NoticeId> = answers.iter().flat_map(|notices| ids(notices)).collect();
    // Those that everybody passed over are still there for the next.
    leased.extend(ids(&lease_at_once(store, CROWD, instant(60)).await));
    leased.sort_unstable();
    let mut expected: Vec<NoticeId> = numbers.into_iter().map(notice_id).collect();
    expected.sort_unstable();
    assert_eq!(leased, expected, "each once, and none is lost");
}
