//! Who waits for whom on a database with several writers: nobody in a circle.
//!
//! The contract says what must not happen at the same time. This says what must be possible meanwhile, which only matters
//! where transactions run side by side.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, what cannot go on has failed"
)]

use std::time::Duration;

use application::ports::{AttemptKey, ClientInsertion, CodeSpending, Consumption, Rotation, Store, Transaction};
use domain::device::{DeviceState, StoredDevice};
use domain::lockout::Budget;
use persistence::{Database, Options, migrate, open};
use sqlx::{Connection, PgConnection};
use testkit::builders;
use testkit::postgres::{Cluster, REQUIREMENT};
use testkit::requirement::missing;

/// A migrated database with one account that has a charged counter, a session and a refresh token, and a connection to look
/// on from.
async fn furnished() -> Option<(Database, PgConnection)> {
    let Some(cluster) = Cluster::shared().await else {
        missing(REQUIREMENT);
        return None;
    };
    let url = cluster.create_database().await;
    let database = open(&Options::new(&url)).await.unwrap();
    migrate(&database).await.unwrap();
    let (user, session) = (builders::user(1), builders::session(1, builders::user_id(1)));
    let mut writing = database.begin().await.unwrap();
    let _ = writing.users().insert(&user).await.unwrap();
    writing.attempts().record(&counter(), builders::tally(1)).await.unwrap();
    writing.sessions().insert(&session).await.unwrap();
    writing
        .refresh_tokens()
        .insert(&builders::refresh_token(1, session.id))
        .await
        .unwrap();
    writing.commit().await.unwrap();
    Some((database, PgConnection::connect(&url).await.unwrap()))
}

fn counter() -> AttemptKey {
    builders::attempt_key(builders::user_id(1), Budget::Password)
}

/// Returns when a transaction waits for another.
async fn until_somebody_waits(onlooker: &mut PgConnection) {
    const WAITERS: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waited = async {
        while sqlx::query_scalar::<_, i64>(WAITERS)
            .fetch_one(&mut *onlooker)
            .await
            .unwrap()
            == 0
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waited)
        .await
        .expect("nobody waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_and_a_logout_at_once_do_not_wait_for_each_other() {
    let Some((database, mut onlooker)) = furnished().await else {
        return;
    };
    let session = builders::session_id(1);
    let token = builders::refresh_token(1, session).digest;
    let mut refresh = database.begin().await.unwrap();
    assert_eq!(
        refresh
            .refresh_tokens()
            .rotate(&token, builders::later())
            .await
            .unwrap(),
        Rotation::Rotated(session)
    );
    let logout = tokio::spawn({
        let database = database.clone();
        async move {
            let mut logout = database.begin().await.unwrap();
            let ended = logout.sessions().end(session).await.unwrap();
            logout.commit().await.unwrap();
            ended
        }
    });
    until_somebody_waits(&mut onlooker).await;
    assert!(refresh.sessions().touch(session, builders::later()).await.unwrap());
    refresh
        .refresh_tokens()
        .insert(&builders::refresh_token(2, session))
        .await
        .unwrap();
    refresh.commit().await.unwrap();
    assert!(logout.await.unwrap());
    let mut reading = database.read().await.unwrap();
    assert_eq!(reading.refresh_tokens().session_of(&token).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_can_finish_while_its_account_is_being_deleted() {
    let Some((database, mut onlooker)) = furnished().await else {
        return;
    };
    let user = builders::user_id(1);
    let mut login = database.begin().await.unwrap();
    login.attempts().hold(&counter()).await.unwrap();
    let deletion = tokio::spawn({
        let database = database.clone();
        async move {
            let mut deletion = database.begin().await.unwrap();
            let deleted = deletion.users().delete(user).await.unwrap();
            deletion.commit().await.unwrap();
            deleted
        }
    });
    until_somebody_waits(&mut onlooker).await;
    login.sessions().insert(&builders::session(2, user)).await.unwrap();
    login.commit().await.unwrap();
    assert!(deletion.await.unwrap());
    let mut reading = database.read().await.unwrap();
    assert_eq!(
        reading
            .sessions()
            .find(builders::session_id(2), builders::later())
            .await
            .unwrap(),
        None
    );
    assert!(reading.attempts().of_account(user).await.unwrap().is_empty());
}

/// The same with a client that has a code of the account, approved devices, and a consent.
async fn furnished_with_client() -> Option<(Database, PgConnection)> {
    let (database, onlooker) = furnished().await?;
    let owner = builders::user_id(1);
    let mut writing = database.begin().await.unwrap();
    let oauth = writing.oauth();
    assert_eq!(
        oauth.clients().insert(&builders::client(1)).await.unwrap(),
        ClientInsertion::Done
    );
    oauth.consents().put(&builders::consent(owner, 1)).await.unwrap();
    oauth.codes().insert(&builders::code(1, owner)).await.unwrap();
    let approved = StoredDevice {
        state: DeviceState::Approved(builders::completed_login(owner, Some(builders::session_id(1)))),
        ..builders::device(1)
    };
    assert!(oauth.devices().insert(&approved).await.unwrap());
    oauth
        .pushed_requests()
        .insert(&builders::pushed_request(1))
        .await
        .unwrap();
    writing.commit().await.unwrap();
    Some((database, onlooker))
}

/// Whoever spends something of a client goes on to add something to the client, its account and its session.
async fn use_what_was_spent(using: &mut dyn Transaction) {
    let session = builders::session(2, builders::user_id(1));
    using.sessions().insert(&session).await.unwrap();
    assert!(
        using
            .sessions()
            .touch(builders::session_id(1), builders::later())
            .await
            .unwrap()
    );
    let token = builders::opaque_token(2, Some(session.id));
    using.oauth().opaque_tokens().insert(&token).await.unwrap();
}

/// `spend` spends something of the client 1, and goes on while `delete` deletes an owner of it beside it.
async fn spend_beside_deletion(
    spend: impl AsyncFnOnce(&mut dyn Transaction),
    delete: impl AsyncFnOnce(Box<dyn Transaction>) -> bool,
) {
    let Some((database, mut onlooker)) = furnished_with_client().await else {
        return;
    };
    let mut using = database.begin().await.unwrap();
    spend(&mut *using).await;
    let deleting = database.begin().await.unwrap();
    let use_it = async {
        until_somebody_waits(&mut onlooker).await;
        use_what_was_spent(&mut *using).await;
        using.commit().await.unwrap();
    };
    let (deleted, ()) = tokio::join!(delete(deleting), use_it);
    assert!(deleted);
}

async fn spend_code(using: &mut dyn Transaction) {
    let code = builders::code(1, builders::user_id(1));
    let spent = using
        .oauth()
        .codes()
        .spend(&code.digest, builders::session_id(2), builders::later())
        .await;
    assert_eq!(spent.unwrap(), CodeSpending::First);
}

async fn redeem_device(using: &mut dyn Transaction) {
    let digest = builders::device(1).digest;
    let interval = Duration::from_secs(5);
    let devices = using.oauth().devices();
    devices.polled(&digest, builders::later(), interval).await.unwrap();
    assert!(devices.redeem(&digest, builders::later()).await.unwrap().is_some());
}

async fn spend_pushed_request(using: &mut dyn Transaction) {
    let digest = builders::pushed_request(1).digest;
    let spent = using.oauth().pushed_requests().spend(&digest).await.unwrap();
    assert_eq!(spent, Consumption::First);
}

async fn delete_client(mut deleting: Box<dyn Transaction>) -> bool {
    let deleted = deleting
        .oauth()
        .clients()
        .delete(&builders::client_id(1))
        .await
        .unwrap();
    deleting.commit().await.unwrap();
    deleted
}

async fn delete_account(mut deleting: Box<dyn Transaction>) -> bool {
    let deleted = deleting.users().delete(builders::user_id(1)).await.unwrap();
    deleting.commit().await.unwrap();
    deleted
}

async fn end_session(mut ending: Box<dyn Transaction>) -> bool {
    let ended = ending.sessions().end(builders::session_id(1)).await.unwrap();
    ending.commit().await.unwrap();
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_has_can_be_spent_while_the_client_is_being_deleted() {
    spend_beside_deletion(spend_code, delete_client).await;
    spend_beside_deletion(redeem_device, delete_client).await;
    spend_beside_deletion(spend_pushed_request, delete_client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_gave_can_be_spent_while_the_account_is_being_deleted() {
    spend_beside_deletion(spend_code, delete_account).await;
    spend_beside_deletion(redeem_device, delete_account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_can_be_redeemed_while_the_browser_that_approved_it_logs_out() {
    spend_beside_deletion(redeem_device, end_session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_and_an_account_can_be_deleted_at_once() {
    let Some((database, _)) = furnished_with_client().await else {
        return;
    };
    let (client, account) = (database.begin().await.unwrap(), database.begin().await.unwrap());
    let both = tokio::join!(delete_client(client), delete_account(account));
    assert_eq!(both, (true, true));
}
