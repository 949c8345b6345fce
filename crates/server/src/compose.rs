//! The composition root: the one place that knows every adapter.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use application::App;
use application::audit::{VerifyError, verify};
use application::core::Ports;
use application::keys::{RingError, RotateError};

use application::ports::{Clock, Entropy, Outbound, Store, StoreError, TokenKeys};
use crypto::Adapters;
use crypto::entropy::OsEntropy;
use crypto::master_key::MasterKey;
use crypto::password_hasher::{Argon2Pool, PoolSettings};
use delivery::HttpOutbound;
use persistence::Database;
use settings::{DatabaseLocation, Engine, Settings};

use crate::error::StartError;
use crate::master_key::{self, Age, Content, Obtained};
use crate::{files, policies};

/// What takes the place of the real thing, for tests.
#[derive(Default)]
pub struct Overrides {
    /// Instead of the wall clock.
    pub clock: Option<Arc<dyn Clock>>,
    /// Instead of the random generator, except for keys, nonces and salts.
    pub entropy: Option<Arc<dyn Entropy>>,
    /// Instead of requests to others.
    pub outbound: Option<Arc<dyn Outbound>>,
    /// Instead of what makes and reads signing keys.
    pub token_keys: Option<Arc<dyn TokenKeys>>,
    /// Instead of the cost that the settings give.
    pub hashing: Option<PoolSettings>,
    /// Instead of the database that the settings name.
    pub store: Option<Arc<dyn Store>>,
}

/// The use cases on their adapters, awake.
pub struct Service {
    /// The use cases.
    pub app: Arc<App>,
    /// Password hashing, which is also measured.
    pub hasher: Arc<Argon2Pool>,
    /// The database; `None` when a test brought a store of its own.
    pub database: Option<Database>,
    /// The `iss` of tokens, and the address by which callers know the service.
    pub issuer: String,
}

/// Puts the service together and wakes it. `listening` is where it listens, or would.
pub async fn compose(settings: &Settings, listening: SocketAddr, overrides: Overrides) -> Result<Service, StartError> {
    let hashing = match overrides.hashing {
        Some(hashing) => hashing,
        None => policies::hashing(settings)?,
    };
    let (store, database) = match overrides.store {
        Some(store) => (store, None),
        None => {
            let database = open_current(settings).await?;
            (Arc::new(database.clone()) as Arc<dyn Store>, Some(database))
        }
    };
    let Obtained { key: master, age } = master_key::obtain(settings, content(store.as_ref()).await?, &OsEntropy)?;
    let replaced = Replaced {
        clock: overrides.clock,
        entropy: overrides.entropy,
        outbound: overrides.outbound,
        token_keys: overrides.token_keys,
    };
    let (app, hasher) = assemble(settings, listening, &master, hashing, store, replaced)?;
    drop(master);
    app.wake().await.map_err(|error| match error {
        RotateError::Ring(RingError::Sealed(..)) => StartError::OtherMasterKey {
            file: master_key::origin(settings),
        },
        other => StartError::Wake(other),
    })?;
    // Two nodes with a data folder each can find the same database empty at the same moment, and each make a key. What the
    // other one wrote does not verify under ours.
    if age == Age::New
        && let Err(VerifyError::Broken(_)) = verify(&app.core).await
    {
        return Err(StartError::TwoMasterKeys {
            file: master_key::origin(settings),
        });
    }
    let issuer = settings.issuer(listening);
    Ok(Service {
        app: Arc::new(app),
        hasher,
        database,
        issuer,
    })
}

/// The adapters that a test brought.
#[derive(Default)]
pub(crate) struct Replaced {
    clock: Option<Arc<dyn Clock>>,
    entropy: Option<Arc<dyn Entropy>>,
    outbound: Option<Arc<dyn Outbound>>,
    token_keys: Option<Arc<dyn TokenKeys>>,
}

/// Puts the use cases on their adapters. Nothing is read or written yet.
pub(crate) fn assemble(
    settings: &Settings,
    listening: SocketAddr,
    master: &MasterKey,
    hashing: PoolSettings,
    store: Arc<dyn Store>,
    replaced: Replaced,
) -> Result<(App, Arc<Argon2Pool>), StartError> {
    let adapters = Adapters::new(master, hashing).map_err(StartError::Threads)?;
    let outbound: Arc<dyn Outbound> = match replaced.outbound {
        Some(outbound) => outbound,
        None => Arc::new(HttpOutbound::open(policies::delivery(settings))?),
    };
    let ports = Ports {
        store,
        clock: replaced.clock.unwrap_or(adapters.clock),
        entropy: replaced.entropy.unwrap_or(adapters.entropy),
        password_hasher: Arc::clone(&adapters.password_hasher) as _,
        digester: adapters.digester,
        sealer: adapters.sealer,
        token_keys: replaced.token_keys.unwrap_or(adapters.token_keys),
        client_keys: adapters.client_keys,
        outbound,
    };
    let app = App::new(ports, policies::policies(settings, &settings.issuer(listening)));
    Ok((app, adapters.password_hasher))
}

/// What is allowed and still worth a word to the operator.
pub(crate) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = settings.warnings();
    if settings.database.engine() == Engine::Postgres && settings.http.public_url.is_none() {
        warnings.push(
            "http.public_url is empty and the database is PostgreSQL: nodes that share it take themselves for different \
             issuers, and refuse each other's tokens"
                .to_owned(),
        );
    }
    warnings
}

/// Opens the database.
pub async fn open(settings: &Settings) -> Result<Database, StartError> {
    if let Some(file) = database_file(settings) {
        let folder = files::folder_of(&file);
        let unmade = |cause| StartError::DataFolder {
            path: folder.to_owned(),
            cause,
        };
        files::make_private_folder(folder).map_err(unmade)?;
    }
    Ok(persistence::open(&policies::database(settings)).await?)
}

/// Opens the database and sees that its schema is the one this program knows.
async fn open_current(settings: &Settings) -> Result<Database, StartError> {
    let database = open(settings).await?;
    let pending = persistence::pending(&database).await?;
    if pending.is_empty() {
        return Ok(database);
    }
    if !settings.database.auto_migrate {
        return Err(StartError::Pending(pending));
    }
    let applied = persistence::migrate(&database).await?;
    // Nothing, when another node was faster.
    if !applied.is_empty() {
        tracing::info!(database = database.describe(), migrations = ?applied, "the schema was brought up to date");
    }
    Ok(database)
}

/// The database file in the data folder, if that is where the database is.
pub fn database_file(settings: &Settings) -> Option<PathBuf> {
    match &settings.database.location {
        DatabaseLocation::DataFolder(file) => Some(file.clone()),
        DatabaseLocation::Url(_) => None,
    }
}

/// Whether anything in the store was made under a master key.
pub async fn content(store: &dyn Store) -> Result<Content, StoreError> {
    let mut tx = store.read().await?;
    let is_empty = tx.signing_keys().list(1).await?.is_empty()
        && tx.users().count().await? == 0
        && tx.events().head().await?.position == 0;
    Ok(if is_empty { Content::None } else { Content::Some })
}
