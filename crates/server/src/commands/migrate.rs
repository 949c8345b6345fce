//! `countersign migrate`: bringing the schema up to date.

use std::process::ExitCode;

use persistence::Database;
use serde_json::json;

use super::{FAILED, Outcome, block_on, load};
use crate::cli::Global;
use crate::compose::{database_file, open};
use crate::error::StartError;
use crate::output::{self, Format};
use crate::telemetry;

pub(super) fn run(global: &Global, check: bool) -> Outcome {
    telemetry::log_trouble();
    let settings = load(global, Vec::new())?;
    let format = global.format();
    if check
        && let Some(file) = database_file(&settings)
        && !file.exists()
    {
        return Err(StartError::NoDatabase(file).into());
    }
    block_on(async {
        let database = open(&settings).await?;
        let outcome = if check {
            look(&database, format).await
        } else {
            migrate(&database, format).await
        };
        // Nothing is lost when it fails: what was acknowledged is on disk.
        let _ = database.close().await;
        outcome
    })
}

async fn look(database: &Database, format: Format) -> Outcome {
    let pending = persistence::pending(database).await.map_err(StartError::from)?;
    output::result(
        format,
        &json!({ "database": database.describe(), "pending": pending }),
        || {
            if pending.is_empty() {
                format!("{} is up to date.", database.describe())
            } else {
                format!("{} lacks:\n  {}", database.describe(), pending.join("\n  "))
            }
        },
    );
    Ok(if pending.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}

async fn migrate(database: &Database, format: Format) -> Outcome {
    let applied = persistence::migrate(database).await.map_err(StartError::from)?;
    output::result(
        format,
        &json!({ "database": database.describe(), "applied": applied }),
        || {
            if applied.is_empty() {
                format!("{} is up to date already.", database.describe())
            } else {
                format!(
                    "{} is up to date now. Applied:\n  {}",
                    database.describe(),
                    applied.join("\n  ")
                )
            }
        },
    );
    Ok(ExitCode::SUCCESS)
}
