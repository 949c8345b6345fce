//! Upgrades: what earlier versions wrote is read after the migrations since, and what they go on writing beside this version is
//! read as well.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot go on has failed")]

mod databases;

use application::ports::{Addition, Store};
use domain::authorization::RequestedClaims;
use domain::factor::FactorType::{Password, SecretKey, Totp};
use domain::session::{AuthPurpose, Session};
use domain::signing_key::{KeyPurpose, KeyState, SigningKey};
use domain::user::Enrolment;
use migrations::{Migrator, MigratorTrait};
use persistence::{Options, migrate, open};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use testkit::builders::{authenticator_id, digest, later, session, session_id, signing_key, user_id};
use testkit::requirement::missing;
use uuid::Uuid;

/// How a database writes bytes and identities.
struct Dialect {
    bytes: fn(&[u8]) -> String,
    identity: fn(Uuid) -> String,
}

const SQLITE: Dialect = Dialect {
    bytes: |bytes| format!("x'{}'", hex(bytes)),
    identity: |uuid| format!("x'{}'", uuid.simple()),
};

const POSTGRES: Dialect = Dialect {
    bytes: |bytes| format!("'\\x{}'", hex(bytes)),
    identity: |uuid| format!("'{uuid}'"),
};

fn hex(bytes: &[u8]) -> String {
    let append = |text: String, byte: &u8| text + &format!("{byte:02x}");
    bytes.iter().fold(String::new(), append)
}

/// An account with a session and a login that is not complete, and a signing key, as the first version adds them.
fn rows_of_the_first_version(number: u32, state: KeyState, dialect: &Dialect) -> [String; 4] {
    let user = (dialect.identity)(user_id(number).as_uuid());
    let session = (dialect.identity)(session_id(number).as_uuid());
    let digest = (dialect.bytes)(digest(number).as_bytes());
    let (state, key, end) = (state.name(), (dialect.bytes)(&[0]), later().micros() + 1);
    [
        format!(
            "INSERT INTO users (id, username, role, state, password_hash, epoch, created_at, password_changed_at)
            VALUES ({user}, 'user-{number}', 'user', 'active', '$', 0, 1, 2)"
        ),
        format!(
            "INSERT INTO sessions (id, user_id, client_id, scopes, factors, proved_at, epoch, opened_at, used_at, expires_at)
            VALUES ({session}, {user}, 'client', '', 'pwd secret_key', 3, 0, 4, 5, {end})"
        ),
        format!(
            "INSERT INTO auth_sessions (digest, user_id, epoch, proved_at, expires_at)
            VALUES ({digest}, {user}, 0, 6, {end})"
        ),
        format!(
            "INSERT INTO signing_keys (kid, algorithm, public_der, private, state, created_at, state_since)
            VALUES ('key-{number}', 'ES256', {key}, {key}, '{state}', 7, 8)"
        ),
    ]
}

async fn write_as_the_first_version(connection: &DatabaseConnection, number: u32, state: KeyState, dialect: &Dialect) {
    for statement in rows_of_the_first_version(number, state, dialect) {
        connection.execute_unprepared(&statement).await.unwrap();
    }
}

async fn upgrade(url: &str, options: &Options, dialect: &Dialect) {
    let first_version = sea_orm::Database::connect(url).await.unwrap();
    Migrator::up(&first_version, Some(1)).await.unwrap();
    write_as_the_first_version(&first_version, 1, KeyState::Active, dialect).await;
    let database = open(options).await.unwrap();
    assert_eq!(
        migrate(&database).await.unwrap(),
        ["m0002_authenticators", "m0003_authorization_server"]
    );
    write_as_the_first_version(&first_version, 2, KeyState::Next, dialect).await;
    first_version.close().await.unwrap();

    database.inspect().await.unwrap();
    let mut tx = database.begin().await.unwrap();
    for number in [1, 2] {
        let user = tx.users().find(user_id(number)).await.unwrap().unwrap();
        assert!(!user.password_is_weak);
        assert_eq!(user.enrolment, Enrolment::Done);
        let session = tx.sessions().find(session_id(number), later()).await.unwrap().unwrap();
        assert_eq!(session.proved.factors(), [Password, SecretKey]);
        assert_eq!(session.authenticator, None);
        assert_is_of_no_client_application(&session);
        let login = tx
            .auth_sessions()
            .find(&digest(number), later())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(login.proved.factors(), [Password]);
        assert_eq!(login.purpose, AuthPurpose::Login);
        assert_eq!(login.request, None);
    }
    let keys = tx.signing_keys().published().await.unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.purpose == KeyPurpose::AccessToken));
    for state in [KeyState::Active, KeyState::Next] {
        let same = signing_key(3, state);
        assert_eq!(tx.signing_keys().insert(&same).await.unwrap(), Addition::Occupied);
    }
    let other = SigningKey {
        purpose: KeyPurpose::Orion,
        ..signing_key(3, KeyState::Active)
    };
    assert_eq!(tx.signing_keys().insert(&other).await.unwrap(), Addition::Done);
}

/// What was true of every session before there were clients to open one for.
fn assert_is_of_no_client_application(session: &Session) {
    assert_eq!(session.parent, None);
    assert!(session.audience.is_empty());
    assert_eq!(session.actor, None);
    assert_eq!(session.claims, RequestedClaims::default());
}

/// A session by way of an authenticator and an enrolment that is not complete, as the second version adds them to an account.
fn rows_of_the_second_version(number: u32, dialect: &Dialect) -> [String; 2] {
    let user = (dialect.identity)(user_id(1).as_uuid());
    let session = (dialect.identity)(session_id(number).as_uuid());
    let authenticator = (dialect.identity)(authenticator_id(number).as_uuid());
    let digest = (dialect.bytes)(digest(number).as_bytes());
    let end = later().micros() + 1;
    [
        format!(
            "INSERT INTO sessions (id, user_id, client_id, scopes, factors, proved_at, authenticator, epoch, opened_at, used_at,
            expires_at)
            VALUES ({session}, {user}, 'client', 'account', 'pwd totp', 3, {authenticator}, 0, 4, 5, {end})"
        ),
        format!(
            "INSERT INTO auth_sessions (digest, user_id, epoch, purpose, factors, proved_at, expires_at)
            VALUES ({digest}, {user}, 0, 'enrolment', 'pwd recovery_code', 6, {end})"
        ),
    ]
}

async fn upgrade_from_the_second(url: &str, options: &Options, dialect: &Dialect) {
    let second_version = sea_orm::Database::connect(url).await.unwrap();
    Migrator::up(&second_version, Some(2)).await.unwrap();
    write_as_the_first_version(&second_version, 1, KeyState::Active, dialect).await;
    let write = async |number| {
        for statement in rows_of_the_second_version(number, dialect) {
            second_version.execute_unprepared(&statement).await.unwrap();
        }
    };
    write(2).await;
    let database = open(options).await.unwrap();
    assert_eq!(migrate(&database).await.unwrap(), ["m0003_authorization_server"]);
    write(3).await;
    second_version.close_by_ref().await.unwrap();

    database.inspect().await.unwrap();
    let mut tx = database.begin().await.unwrap();
    for number in [2, 3] {
        let session = tx.sessions().find(session_id(number), later()).await.unwrap().unwrap();
        assert_eq!(session.proved.factors(), [Password, Totp]);
        assert_eq!(session.authenticator, Some(authenticator_id(number)));
        assert_is_of_no_client_application(&session);
        let login = tx.auth_sessions().redeem(&digest(number), later()).await.unwrap();
        let login = login.unwrap();
        assert_eq!(login.purpose, AuthPurpose::Enrolment);
        assert_eq!(login.request, None);
    }
    // Sessions of before can be a browser's, from which others come.
    let child = Session {
        parent: Some(session_id(2)),
        ..session(4, user_id(1))
    };
    tx.sessions().insert(&child).await.unwrap();
    assert!(tx.sessions().end(session_id(2)).await.unwrap());
    let child = tx.sessions().find(session_id(4), later()).await.unwrap().unwrap();
    assert_eq!(child.parent, None);
    let identity = SigningKey {
        purpose: KeyPurpose::IdToken,
        ..signing_key(3, KeyState::Active)
    };
    assert_eq!(tx.signing_keys().insert(&identity).await.unwrap(), Addition::Done);
}

#[tokio::test]
async fn what_the_second_version_wrote_is_read_from_sqlite() {
    let (options, folder) = databases::sqlite();
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("countersign.db").display());
    upgrade_from_the_second(&url, &options, &SQLITE).await;
}

#[tokio::test]
async fn what_the_second_version_wrote_is_read_from_postgres() {
    match databases::postgres().await {
        Err(requirement) => missing(requirement.0),
        Ok(url) => upgrade_from_the_second(&url, &Options::new(&url), &POSTGRES).await,
    }
}

#[tokio::test]
async fn what_the_first_version_wrote_is_read_from_sqlite() {
    let (options, folder) = databases::sqlite();
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("countersign.db").display());
    upgrade(&url, &options, &SQLITE).await;
}

#[tokio::test]
async fn what_the_first_version_wrote_is_read_from_postgres() {
    match databases::postgres().await {
        Err(requirement) => missing(requirement.0),
        Ok(url) => upgrade(&url, &Options::new(&url), &POSTGRES).await,
    }
}
