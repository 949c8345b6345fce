//! An open database: its two pools, and what the operation of the service asks of it.

use std::fmt;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QuerySelect};

use crate::entity;
use crate::error::{DatabaseError, OpenError};
use crate::options::{Options, Target};
use crate::{postgres, sqlite};

/// Which kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, used by this process alone or by few.
    Sqlite,
    /// A server, shared by several nodes.
    Postgres,
}

/// An open database. Cheap to clone; the clones share their connections.
#[derive(Clone)]
pub struct Database {
    pub(crate) kind: Kind,
    pub(crate) writer: DatabaseConnection,
    /// Connections of their own, so that reading does not wait for writing; the database refuses to write on them.
    pub(crate) reader: DatabaseConnection,
    pub(crate) description: String,
}

/// Opens the database. An SQLite file that does not exist is made, readable for its owner only, in a folder that is made
/// likewise. The schema is left as it is: see [`crate::migrate`].
pub async fn open(options: &Options) -> Result<Database, OpenError> {
    match options.target()? {
        Target::Sqlite(file) => sqlite::open(*file, options).await,
        Target::Postgres(server) => postgres::open(*server, options).await,
    }
}

impl Database {
    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it is, for logs: never with a password.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// Whether it answers, and has a schema.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        Ok(self
            .reader
            .execute_unprepared("SELECT position FROM event_head")
            .await
            .map(|_| ())?)
    }

    /// Reads from every table every column that this program uses: whether the schema is the one it expects.
    pub async fn inspect(&self) -> Result<(), DatabaseError> {
        let connection = &self.reader;
        peek::<entity::users::Entity>(connection).await?;
        peek::<entity::attempts::Entity>(connection).await?;
        peek::<entity::secret_keys::Entity>(connection).await?;
        peek::<entity::authenticators::Entity>(connection).await?;
        peek::<entity::recovery_codes::Entity>(connection).await?;
        peek::<entity::password_resets::Entity>(connection).await?;
        peek::<entity::aidbox_resources::Entity>(connection).await?;
        peek::<entity::auth_sessions::Entity>(connection).await?;
        peek::<entity::sessions::Entity>(connection).await?;
        peek::<entity::browsers::Entity>(connection).await?;
        peek::<entity::refresh_tokens::Entity>(connection).await?;
        peek::<entity::clients::Entity>(connection).await?;
        peek::<entity::consents::Entity>(connection).await?;
        peek::<entity::codes::Entity>(connection).await?;
        peek::<entity::devices::Entity>(connection).await?;
        peek::<entity::pushed_requests::Entity>(connection).await?;
        peek::<entity::opaque_tokens::Entity>(connection).await?;
        peek::<entity::logout_notices::Entity>(connection).await?;
        peek::<entity::spent_tokens::Entity>(connection).await?;
        peek::<entity::signing_keys::Entity>(connection).await?;
        peek::<entity::revocations::Entity>(connection).await?;
        peek::<entity::revocation_counter::Entity>(connection).await?;
        peek::<entity::events::Entity>(connection).await?;
        peek::<entity::event_head::Entity>(connection).await?;
        Ok(())
    }

    /// Closes every connection, after what is under way on it.
    pub async fn close(&self) -> Result<(), DatabaseError> {
        self.reader.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }
}

async fn peek<E: EntityTrait>(connection: &DatabaseConnection) -> Result<(), DbErr> {
    E::find().limit(1).one(connection).await.map(|_| ())
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Database").field(&self.description).finish()
    }
}
