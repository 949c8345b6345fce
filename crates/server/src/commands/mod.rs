//! The commands, one file for each group, and how they end.

mod client;
mod config;
mod dev;
mod doctor;
mod events;
mod import;
mod key;
mod migrate;
mod password;
mod serve;
mod user;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::process::ExitCode;

use application::ports::StoreError;
use settings::{Override, Settings, Sources};

use crate::cli::{Cli, Command, Global};
use crate::compose::{Overrides, Service, compose, database_file};
use crate::error::{StartError, with_causes};
use crate::{demo, output, telemetry};

pub(crate) use self::dev::{Credentials, make as make_account};
pub(crate) use self::password::generate_password;
pub(crate) use self::serve::{Signals, until_signal};

/// `EX_CONFIG` of sysexits.h.
const CONFIGURATION: u8 = 78;
const FAILED: u8 = 1;

/// A command that did not succeed: what happened, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            code: FAILED,
            message: message.into(),
        }
    }

    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let code = if error.is_configuration() {
            CONFIGURATION
        } else {
            FAILED
        };
        Self {
            code,
            message: with_causes(&error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(with_causes(&error))
    }
}

/// How a command ended.
pub(crate) type Outcome = Result<ExitCode, Failure>;

/// Does what was asked for.
pub(crate) fn run(cli: Cli) -> Outcome {
    let Cli { global, command } = cli;
    match command {
        Command::Serve(arguments) => serve::run(&global, &arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Migrate { check } => migrate::run(&global, check),
        Command::Config(command) => config::run(&global, command),
        Command::User(command) => user::run(&global, command),
        Command::Client(command) => client::run(&global, command),
        Command::Key(command) => key::run(&global, &command),
        Command::Events(command) => events::run(&global, command),
        Command::Openapi => {
            output::line(web::document().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor => doctor::run(&global),
    }
}

/// Loads the settings. `flags` are those of the command itself.
pub(crate) fn load(global: &Global, flags: Vec<Override>) -> Result<Settings, Failure> {
    Ok(settings(global, flags)?)
}

fn settings(global: &Global, flags: Vec<Override>) -> Result<Settings, StartError> {
    let mut overrides = flags;
    overrides.extend(
        global
            .data
            .as_ref()
            .map(|folder| Override::data(folder.to_string_lossy())),
    );
    let sources = Sources {
        file: global.config.clone(),
        environment: std::env::vars_os().collect(),
        overrides,
    };
    Ok(Settings::load(&sources)?)
}

/// The flag `--listen`.
pub(crate) fn listen(address: Option<SocketAddr>) -> Vec<Override> {
    address
        .map(|address| Override::listen(address.to_string()))
        .into_iter()
        .collect()
}

/// Whether a command may be the one that makes the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// It makes it.
    Makes,
    /// It has nothing to do without one, and a mistyped folder should not be filled.
    Refuses,
}

/// Runs a command that works on the service's data and ends.
pub(crate) fn with_service<Doing>(global: &Global, absence: Absence, work: impl FnOnce(Service) -> Doing) -> Outcome
where
    Doing: Future<Output = Outcome>,
{
    telemetry::log_trouble();
    let settings = load(global, Vec::new())?;
    if let (Absence::Refuses, Some(file)) = (absence, database_file(&settings))
        && !file.exists()
    {
        return Err(StartError::NoDatabase(file).into());
    }
    block_on(async {
        let service = compose(&settings, settings.http.listen, Overrides::default()).await?;
        let database = service.database.clone();
        let outcome = work(service).await;
        if let Some(database) = database {
            // Nothing is lost when it fails: what was acknowledged is on disk.
            let _ = database.close().await;
        }
        outcome
    })
}

/// Runs to the end on a runtime of its own.
pub(crate) fn block_on(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("the runtime cannot be started: {error}")))?
        .block_on(work)
}
