//! `countersign serve`: the service, until a signal ends it.

use std::process::ExitCode;

use settings::{Override, Settings};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::dev::{self, Credentials};
use super::{Failure, Outcome, block_on, listen, load};
use crate::cli::{Global, Serve};
use crate::compose::{Overrides, warnings};
use crate::error::StartError;
use crate::output::{self, Paint};
use crate::service::{Running, start};
use crate::telemetry;

pub(super) fn run(global: &Global, arguments: &Serve) -> Outcome {
    let mut flags = listen(arguments.listen);
    if arguments.dev {
        flags.push(Override::new("--dev", "accounts.registration", "open"));
        // Receivers and clients under development are on this machine, too.
        flags.push(Override::new("--dev", "delivery.allow_private_networks", "true"));
        flags.push(Override::new("--dev", "delivery.allow_http", "true"));
    }
    let settings = load(global, flags)?;
    if arguments.dev && !settings.http.listen.ip().is_loopback() {
        return Err(StartError::NotLoopback(settings.http.listen).into());
    }
    telemetry::log(&settings.log);
    for warning in warnings(&settings) {
        tracing::warn!("{warning}");
    }
    block_on(async {
        // Before anything is started: a signal that comes early must not be missed.
        let mut signals = Signals::listen()?;
        let running = start(&settings, Overrides::default()).await?;
        tracing::info!(
            address = %running.address,
            public_url = running.public_url,
            metrics = running.metrics_address.map(|address| format!("http://{address}/metrics")),
            "ready"
        );
        if arguments.dev {
            let credentials = dev::administrator(&running, &settings).await?;
            introduce(&running, &settings, &credentials);
        }
        until_signal(running, &mut signals).await
    })
}

/// The signals that ask a service to end.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let failed = |error| Failure::new(format!("signals cannot be received: {error}"));
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    /// Resolves at the next signal; names it.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Serves until a signal, then stops with grace. A second signal ends it at once.
pub(crate) async fn until_signal(mut running: Running, signals: &mut Signals) -> Outcome {
    let failure = tokio::select! {
        name = signals.next() => {
            tracing::info!(signal = name, "stopping");
            None
        }
        failure = running.failed() => Some(failure),
    };
    tokio::select! {
        () = running.stop() => {}
        name = signals.next() => {
            tracing::warn!(signal = name, "ending at once");
            return Err(Failure::new("ended before requests in flight were finished"));
        }
    }
    match failure {
        // Half a service is worse than none: whoever supervises this process starts it again.
        Some(failure) => Err(Failure::new(format!("{failure}; the service ended"))),
        None => {
            tracing::info!("stopped");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn introduce(running: &Running, settings: &Settings, credentials: &Credentials) {
    let paint = Paint::for_stdout();
    let folder = std::path::absolute(&settings.data.dir).unwrap_or_else(|_| settings.data.dir.clone());
    let url = &running.public_url;
    let metrics = running
        .metrics_address
        .map_or_else(|| "off".to_owned(), |at| format!("http://{at}/metrics"));
    let headline = format!(
        "Countersign {} for development: this machine only, anybody may register",
        env!("CARGO_PKG_VERSION")
    );
    output::line(format_args!(
        "\n{headline}\n\n\
         \x20 API         {url}/v1\n\
         \x20 Swagger UI  {docs}\n\
         \x20 Metrics     {metrics}\n\
         \x20 Data        {folder}\n\n\
         \x20 Administrator, also in {file}\n\
         \x20   username    {username}\n\
         \x20   password    {password}\n\
         \x20   secret key  {secret_key}\n\n\
         Ctrl-C stops.\n",
        headline = paint.bold(&headline),
        docs = paint.bold(&format!("{url}/docs")),
        folder = folder.display(),
        file = dev::file(settings).display(),
        username = credentials.username,
        password = credentials.password.as_str(),
        secret_key = credentials.secret_key.as_str(),
    ));
}
