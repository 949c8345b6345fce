//! The schema: the tables that the migrations make are the ones that the entities name, whoever applies them, and how many
//! at once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, what cannot go on has failed"
)]

mod databases;

use std::os::unix::fs::PermissionsExt;

use application::ports::{EventFilter, Store};
use domain::event::{EventHead, StoredEvent};
use persistence::{Database, Kind, MigrationError, OpenError, Options, migrate, open, pending};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use testkit::builders;
use testkit::requirement::missing;
use tokio::task::JoinSet;

const STARTERS: usize = 6;

const MIGRATIONS: [&str; 3] = ["m0001_first", "m0002_authenticators", "m0003_authorization_server"];

/// A row that a later version of the program would leave.
const FROM_THE_FUTURE: &str = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";

/// A connection beside the adapter, for what an attacker or another program would do.
enum Intruder {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Intruder {
    async fn into_file(folder: &TempDir) -> Self {
        let url = format!("sqlite:{}", folder.path().join("countersign.db").display());
        Self::Sqlite(SqliteConnection::connect(&url).await.unwrap())
    }

    async fn into_server(url: &str) -> Self {
        Self::Postgres(PgConnection::connect(url).await.unwrap())
    }

    async fn execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let statement = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(connection) => statement.execute(connection).await.map(|_| ()),
            Self::Postgres(connection) => statement.execute(connection).await.map(|_| ()),
        }
    }
}

async fn migrated(options: &Options) -> Database {
    let database = open(options).await.unwrap();
    migrate(&database).await.unwrap();
    database
}

async fn migrate_and_inspect(options: &Options) {
    let database = open(options).await.unwrap();
    assert!(
        database.ping().await.is_err(),
        "a database without a schema is not ready"
    );
    assert_eq!(pending(&database).await.unwrap(), MIGRATIONS);
    assert_eq!(migrate(&database).await.unwrap(), MIGRATIONS);
    assert!(pending(&database).await.unwrap().is_empty());
    assert!(migrate(&database).await.unwrap().is_empty());
    database.inspect().await.unwrap();
    database.ping().await.unwrap();
}

#[tokio::test]
async fn every_entity_can_be_read_from_a_migrated_sqlite() {
    let (options, _folder) = databases::sqlite();
    migrate_and_inspect(&options).await;
}

#[tokio::test]
async fn every_entity_can_be_read_from_a_migrated_postgres() {
    match databases::postgres().await {
        Err(requirement) => missing(requirement.0),
        Ok(url) => migrate_and_inspect(&Options::new(url)).await,
    }
}

/// All of them succeed, and one of them did the work.
async fn start_at_once(options: &Options) {
    let mut starters = JoinSet::new();
    for _ in 0..STARTERS {
        let options = options.clone();
        starters.spawn(async move {
            let database = open(&options).await.unwrap();
            migrate(&database).await.unwrap().len()
        });
    }
    let applied = starters.join_all().await;
    assert_eq!(applied.len(), STARTERS);
    assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
    assert_eq!(applied.iter().sum::<usize>(), MIGRATIONS.len(), "{applied:?}");
    open(options).await.unwrap().inspect().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn several_starters_may_migrate_one_sqlite_file_at_once() {
    let (options, _folder) = databases::sqlite();
    start_at_once(&options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_starters_may_migrate_one_postgres_at_once() {
    match databases::postgres().await {
        Err(requirement) => missing(requirement.0),
        Ok(url) => start_at_once(&Options::new(url)).await,
    }
}

async fn refuse_a_newer_schema(options: &Options, intruder: &mut Intruder) {
    let database = migrated(options).await;
    intruder.execute(FROM_THE_FUTURE).await.unwrap();
    for outcome in [migrate(&database).await, pending(&database).await] {
        let error = outcome.unwrap_err();
        assert!(
            matches!(&error, MigrationError::NewerSchema { unknown } if unknown == "m9999_later"),
            "{error:?}"
        );
        assert!(error.to_string().contains("newer than this program"), "{error}");
    }
}

#[tokio::test]
async fn an_older_program_says_plainly_that_the_sqlite_schema_is_newer() {
    let (options, folder) = databases::sqlite();
    drop(migrated(&options).await);
    refuse_a_newer_schema(&options, &mut Intruder::into_file(&folder).await).await;
}

#[tokio::test]
async fn an_older_program_says_plainly_that_the_postgres_schema_is_newer() {
    match databases::postgres().await {
        Err(requirement) => missing(requirement.0),
        Ok(url) => refuse_a_newer_schema(&Options::new(&url), &mut Intruder::into_server(&url).await).await,
    }
}

async fn refuse_to_rewrite_the_audit_log(options: &Options, intruder: &mut Intruder, attacks: &[&str]) {
    let database = migrated(options).await;
    let entry = StoredEvent {
        position: 1,
        event: builders::event(1),
        link: builders::digest(1),
    };
    let mut writing = database.begin().await.unwrap();
    assert!(writing.events().hold_head().await.unwrap() == EventHead::EMPTY);
    writing.events().append(&entry).await.unwrap();
    writing.commit().await.unwrap();
    for attack in attacks {
        let error = intruder.execute(attack).await.expect_err(attack);
        assert!(error.to_string().contains("append-only"), "{attack}: {error}");
    }
    let mut reading = database.read().await.unwrap();
    assert!(reading.events().list(&EventFilter::default(), 9).await.unwrap() == [entry]);
}

#[tokio::test]
async fn sqlite_refuses_to_change_or_delete_audit_entries() {
    let (options, folder) = databases::sqlite();
    drop(migrated(&options).await);
    let attacks = ["UPDATE events SET kind = 'user.created'", "DELETE FROM events"];
    refuse_to_rewrite_the_audit_log(&options, &mut Intruder::into_file(&folder).await, &attacks).await;
}

#[tokio::test]
async fn postgres_refuses_to_change_or_delete_audit_entries() {
    let attacks = [
        "UPDATE events SET kind = 'user.created'",
        "DELETE FROM events",
        "TRUNCATE events",
    ];
    match databases::postgres().await {
        Err(requirement) => missing(requirement.0),
        Ok(url) => {
            let mut intruder = Intruder::into_server(&url).await;
            refuse_to_rewrite_the_audit_log(&Options::new(&url), &mut intruder, &attacks).await;
        }
    }
}

#[tokio::test]
async fn a_new_sqlite_file_and_its_folder_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = data.join("countersign.db");
    let database = migrated(&Options::sqlite(&file)).await;
    assert_eq!(database.kind(), Kind::Sqlite);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data.clone()), 0o700);
    assert_eq!(mode(file.clone()), 0o600);
    assert_eq!(mode(data.join("countersign.db-wal")), 0o600);
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let obstacle = folder.path().join("file");
    std::fs::write(&obstacle, "not a folder").unwrap();
    let error = open(&Options::sqlite(obstacle.join("countersign.db")))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, OpenError::File { path, .. } if path.ends_with("countersign.db")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_kept() {
    let (options, folder) = databases::sqlite();
    let file = folder.path().join("countersign.db");
    let text = "these are my notes and not a database\n".repeat(100);
    std::fs::write(&file, &text).unwrap();
    assert!(matches!(open(&options).await.unwrap_err(), OpenError::Connect { .. }));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn neither_a_description_nor_an_error_tells_the_password() {
    // Nobody listens on the discard port of the loopback.
    let error = open(&Options::new("postgres://ann:hunter2@127.0.0.1:9/name"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("postgres://127.0.0.1:9/name"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    match databases::postgres().await {
        Err(requirement) => missing(requirement.0),
        Ok(url) => {
            let (scheme, rest) = url.split_once("://").unwrap();
            let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
            let user = rest.split([':', '@']).next().unwrap();
            let database = open(&Options::new(format!("{scheme}://{user}:hunter2@{place}")))
                .await
                .unwrap();
            assert!(
                !format!("{} {database:?}", database.describe()).contains("hunter2"),
                "{}",
                database.describe()
            );
        }
    }
}
