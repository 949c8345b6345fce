//! `countersign doctor`: looks at everything that can be wrong, changes nothing, and says what to do.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use application::App;
use application::actor::Actor;
use application::keys::RingError;
use application::ports::EventFilter;
use crypto::master_key::MasterKey;
use hyper::{Method, StatusCode};
use persistence::Database;
use serde_json::json;
use settings::{MasterKey as KeyLocation, Settings};

use super::{FAILED, Outcome, block_on, settings as load};
use crate::cli::Global;
use crate::compose::{Replaced, assemble, content, database_file, open, warnings};
use crate::demo::http::{Call, Caller};
use crate::error::{StartError, with_causes};
use crate::listen::tls::Certificate;
use crate::master_key::{self, Content};
use crate::output::{self, Format};
use crate::{files, policies, telemetry};

/// Clocks of nodes may differ by as much as this.
const CLOCKS: Duration = Duration::from_secs(30);

/// One line of the report.
struct Finding {
    about: &'static str,
    outcome: Result<String, String>,
}

type Found = Result<String, String>;

pub(super) fn run(global: &Global) -> Outcome {
    telemetry::log_trouble();
    let settings = match load(global, Vec::new()) {
        Ok(settings) => settings,
        Err(error) => {
            return Ok(report(
                global.format(),
                &[finding("settings", Err(with_causes(&error)))],
            ));
        }
    };
    block_on(async {
        let mut findings = vec![finding("settings", costs(&settings))];
        findings.extend(
            warnings(&settings)
                .into_iter()
                .map(|warning| finding("warning", Ok(warning))),
        );
        findings.push(finding("data folder", folder(&settings)));
        findings.push(finding("certificate", certificate(&settings).await));
        examine(&settings, &mut findings).await;
        findings.push(finding(
            "http.listen",
            address(settings.http.listen, settings.tls.files.is_none()).await,
        ));
        if settings.metrics.enabled {
            findings.push(finding("metrics.listen", address(settings.metrics.listen, true).await));
        }
        Ok(report(global.format(), &findings))
    })
}

const fn finding(about: &'static str, outcome: Found) -> Finding {
    Finding { about, outcome }
}

fn report(format: Format, findings: &[Finding]) -> ExitCode {
    let is_well = findings.iter().all(|finding| finding.outcome.is_ok());
    match format {
        Format::Json => {
            let checks = findings.iter().map(|Finding { about, outcome }| {
                let text = outcome.as_ref().unwrap_or_else(|text| text);
                json!({ "check": about, "ok": outcome.is_ok(), "text": text })
            });
            output::json(&json!({ "ok": is_well, "checks": checks.collect::<Vec<_>>() }));
        }
        Format::Text => {
            for Finding { about, outcome } in findings {
                let (mark, text) = match outcome {
                    Ok(text) => ("ok  ", text),
                    Err(text) => ("FAIL", text),
                };
                output::line(format_args!(
                    "{mark}  {about:<14}  {}",
                    text.replace('\n', "\n                      ")
                ));
            }
        }
    }
    if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    }
}

fn costs(settings: &Settings) -> Found {
    policies::hashing(settings)
        .map(|_| "sound".to_owned())
        .map_err(|error| with_causes(&error))
}

fn folder(settings: &Settings) -> Found {
    let path = &settings.data.dir;
    let shown = path.display();
    match files::mode(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(format!("{shown} does not exist; the first start makes it"))
        }
        Err(error) => Err(format!("{shown} cannot be looked at: {error}")),
        Ok(mode) if mode & 0o022 != 0 => Err(format!(
            "{shown} can be changed by others (mode {mode:04o}): they could exchange files.\nRun chmod 700 {shown}"
        )),
        Ok(mode) => Ok(format!("{shown} (mode {mode:04o})")),
    }
}

async fn certificate(settings: &Settings) -> Found {
    match &settings.tls.files {
        None => Ok("none: no TLS here".to_owned()),
        Some(files) => match Certificate::load(files).await {
            Ok(_) => Ok(format!("{} fits its key", files.certificate.display())),
            Err(error) => Err(with_causes(&error)),
        },
    }
}

/// Database, master key, migrations, keys and clock: each needs the one before.
async fn examine(settings: &Settings, findings: &mut Vec<Finding>) {
    if let Some(file) = database_file(settings).filter(|file| !file.exists()) {
        findings.push(finding(
            "database",
            Ok(format!("{} does not exist; the first start makes it", file.display())),
        ));
        findings.push(finding(
            "master key",
            key(settings, Content::None).map(|(text, _)| text),
        ));
        return;
    }
    let database = match open(settings).await {
        Ok(database) => database,
        Err(error) => return findings.push(finding("database", Err(with_causes(&error)))),
    };
    findings.push(finding("database", Ok(database.describe().to_owned())));
    examine_content(settings, &database, findings).await;
    // Nothing was written.
    let _ = database.close().await;
}

async fn examine_content(settings: &Settings, database: &Database, findings: &mut Vec<Finding>) {
    match persistence::pending(database).await {
        Ok(pending) if pending.is_empty() => findings.push(finding("migrations", Ok("all applied".to_owned()))),
        Ok(pending) => {
            let list = pending.join(", ");
            let outcome = if settings.database.auto_migrate {
                Ok(format!("the next start applies {list}"))
            } else {
                Err(format!("{list} are missing.\nRun countersign migrate"))
            };
            findings.push(finding("migrations", outcome));
            return;
        }
        Err(error) => return findings.push(finding("migrations", Err(with_causes(&error)))),
    }
    if let Err(error) = database.inspect().await {
        return findings.push(finding("schema", Err(with_causes(&error))));
    }
    let content = match content(database).await {
        Ok(content) => content,
        Err(error) => return findings.push(finding("database", Err(with_causes(&error)))),
    };
    let master = match key(settings, content) {
        Ok((text, master)) => {
            findings.push(finding("master key", Ok(text)));
            master
        }
        Err(text) => return findings.push(finding("master key", Err(text))),
    };
    let (Some(master), Content::Some) = (master, content) else {
        return;
    };
    let app = policies::hashing(settings).and_then(|hashing| {
        let store = Arc::new(database.clone());
        assemble(
            settings,
            settings.http.listen,
            &master,
            hashing,
            store,
            Replaced::default(),
        )
    });
    match app {
        Ok((app, _)) => {
            findings.push(finding("signing keys", ring(settings, &app).await));
            findings.push(finding("clock", clock(&app).await));
        }
        Err(error) => findings.push(finding("signing keys", Err(with_causes(&error)))),
    }
}

fn key(settings: &Settings, content: Content) -> Result<(String, Option<MasterKey>), String> {
    let failed = |error: master_key::MasterKeyError| with_causes(&error);
    let path = match &settings.secrets.master_key {
        KeyLocation::Given(_) => {
            let key = master_key::obtain(settings, content, &crypto::entropy::OsEntropy)
                .map_err(failed)?
                .key;
            return Ok((
                format!("given by the settings (fingerprint {})", key.fingerprint()),
                Some(key),
            ));
        }
        KeyLocation::DataFolder(path) => path,
    };
    match (master_key::read(path).map_err(failed)?, content) {
        (Some(key), _) => Ok((
            format!("{} (fingerprint {})", path.display(), key.fingerprint()),
            Some(key),
        )),
        (None, Content::None) => Ok((
            format!("{} does not exist; the first start makes it", path.display()),
            None,
        )),
        (None, Content::Some) => Err(failed(master_key::MasterKeyError::Missing(path.clone()))),
    }
}

async fn ring(settings: &Settings, app: &App) -> Found {
    match app.key_ring.reload().await {
        Ok(()) if app.key_ring.is_ready() => Ok(format!("{} published", app.key_ring.published().len())),
        Ok(()) => Ok("none yet; the next start makes one".to_owned()),
        Err(RingError::Sealed(..)) => Err(with_causes(&StartError::OtherMasterKey {
            file: master_key::origin(settings),
        })),
        Err(error) => Err(with_causes(&error)),
    }
}

/// A clock that was set back shows in the audit log: its last entry lies ahead.
async fn clock(app: &App) -> Found {
    let now = app.core.now();
    let last = app.queries.events(&Actor::Operator, &EventFilter::default(), 1).await;
    match last.map(|entries| entries.first().map(|entry| entry.event.at)) {
        Ok(Some(at)) if at.since(now) > CLOCKS => Err(format!(
            "it is {} s behind the last entry of the audit log.\nSet the clock of this machine, or of the other nodes, right",
            at.since(now).as_secs()
        )),
        Ok(_) => Ok(output::instant(now)),
        Err(error) => Err(with_causes(&error)),
    }
}

async fn address(address: SocketAddr, is_plain: bool) -> Found {
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Ok(format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => match is_plain {
            true if is_ours(address).await => Ok(format!("Countersign answers on {address}")),
            true => Err(format!(
                "{address} is taken by something else.\nStop it, or choose another address"
            )),
            false => Ok(format!(
                "{address} is taken, by this service if it is running (not asked, because of TLS)"
            )),
        },
        Err(error) => Err(format!("{address} cannot be listened on: {error}")),
    }
}

async fn is_ours(address: SocketAddr) -> bool {
    let caller = Caller::new(&format!("http://{address}"));
    for path in ["/livez", "/metrics"] {
        let call = Call {
            method: Method::GET,
            path: path.into(),
            bearer: None,
            body: None,
        };
        if caller
            .call(&call)
            .await
            .is_ok_and(|answer| answer.status == StatusCode::OK)
        {
            return true;
        }
    }
    false
}
