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

use application::ports::{AttemptKey, Rotation, Store};
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
