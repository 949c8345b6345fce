//! Connecting to a PostgreSQL server: connections that write, and connections that only read.

use std::time::Duration;

use sea_orm::SqlxPostgresConnector;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection};

use crate::database::{Database, Kind};
use crate::error::{DatabaseError, OpenError};
use crate::options::Options;

/// The oldest release whose maintenance covers what is used here.
const OLDEST: u32 = 13;

/// A connection that was idle for this long is tested before it is used: the server may have gone and come back.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(10);

/// A server may have other defaults; the rules were proved with these. Limits keep a lost node from holding rows for ever.
const SESSION: &str = "SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s'; ";
const WRITER: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
const READER: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

pub(crate) async fn open(server: PgConnectOptions, options: &Options) -> Result<Database, OpenError> {
    let server = server.application_name("countersign");
    let description = describe(&server);
    let unreachable = |cause| OpenError::Connect {
        database: description.clone(),
        cause,
    };
    // By hand first: a pool answers every failure with "timed out".
    let release = tokio::time::timeout(options.acquire_timeout, release(&server))
        .await
        .map_err(|_| unreachable(DatabaseError::new("it did not answer in time")))?
        .map_err(|cause| unreachable(cause.into()))?;
    if release < OLDEST {
        return Err(OpenError::ServerTooOld {
            database: description,
            oldest: OLDEST,
        });
    }
    let readers = (options.max_connections / 2).max(1);
    let writers = options.max_connections.saturating_sub(readers).max(1);
    let writer = pool(writers, options, WRITER).connect_lazy_with(server.clone());
    let reader: PgPool = pool(readers, options, READER).connect_lazy_with(server);
    Ok(Database {
        kind: Kind::Postgres,
        writer: SqlxPostgresConnector::from_sqlx_postgres_pool(writer),
        reader: SqlxPostgresConnector::from_sqlx_postgres_pool(reader),
        description,
    })
}

async fn release(server: &PgConnectOptions) -> Result<u32, sqlx::Error> {
    let mut connection = PgConnection::connect_with(server).await?;
    let number: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int4")
        .persistent(false)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(u32::try_from(number / 10_000).unwrap_or(0))
}

fn pool(connections: u32, options: &Options, characteristics: &'static str) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > TEST_AFTER_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(AssertSqlSafe(format!("{SESSION}{characteristics}")))
                    .execute(connection)
                    .await
                    .map(|_| ())
            })
        })
}

fn describe(server: &PgConnectOptions) -> String {
    let database = server.get_database().unwrap_or(server.get_username());
    match server.get_socket() {
        Some(folder) => format!("postgres:{}:{}/{database}", folder.display(), server.get_port()),
        None => format!("postgres://{}:{}/{database}", server.get_host(), server.get_port()),
    }
}
