//! The schema, as a sequence of migrations. It knows no entity and no rule: tables are named by text, so that a migration
//! stays what it was when the code around it changes.
//!
//! A migration is one SQL file per database. Rules for new ones:
//!
//! - Never change a migration that was released; add one.
//! - Additions only within a minor version, so that the version before can run beside this one during an upgrade.
//! - Both files make the same tables and columns; `persistence/tests/schema.rs` selects every entity from the result.

mod m0001_first;
mod m0002_authenticators;
mod m0003_authorization_server;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// Applies the migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first::Migration),
            Box::new(m0002_authenticators::Migration),
            Box::new(m0003_authorization_server::Migration),
        ]
    }
}

/// How the schema of a database differs from the one that this program makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Migrations that this program knows and the database does not have, in order.
    pub pending: Vec<String>,
    /// Migrations that the database has and this program does not know: it was migrated by a later version.
    pub unknown: Vec<String>,
}

/// Compares, by reading only.
pub async fn compare<'c>(connection: impl IntoSchemaManagerConnection<'c>) -> Result<Difference, DbErr> {
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    let applied = applied(&SchemaManager::new(connection)).await?;
    Ok(Difference {
        unknown: applied.iter().filter(|name| !known.contains(name)).cloned().collect(),
        pending: known.into_iter().filter(|name| !applied.contains(name)).collect(),
    })
}

async fn applied(manager: &SchemaManager<'_>) -> Result<Vec<String>, DbErr> {
    let table = Migrator::migration_table_name().to_string();
    if !manager.has_table(&table).await? {
        return Ok(Vec::new());
    }
    let names = Query::select()
        .column("version")
        .from(table)
        .order_by("version", Order::Asc)
        .to_owned();
    let rows = manager.get_connection().query_all(&names).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

/// Runs the file that belongs to the database's kind.
async fn run(manager: &SchemaManager<'_>, sqlite: &str, postgres: &str) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        sea_orm::DbBackend::Sqlite => sqlite,
        sea_orm::DbBackend::Postgres => postgres,
        _ => return Err(DbErr::Migration("only SQLite and PostgreSQL are supported".to_owned())),
    };
    manager.get_connection().execute_unprepared(sql).await.map(|_| ())
}
