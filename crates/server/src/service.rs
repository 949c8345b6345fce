//! A running service: its listeners and workers, from start to the last request in flight.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use application::App;
use persistence::Database;
use settings::Settings;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::compose::{Overrides, Service, compose};
use crate::error::{StartError, with_causes};
use crate::listen::tls::Certificate;
use crate::listen::{Endpoint, Limits, Listener, Stop, accept, bind, metrics_endpoint};
use crate::{policies, telemetry, workers};

/// Longer than proxies keep connections without use (nginx: 60 s): else a request and our closing could cross.
const IDLE: Duration = Duration::from_secs(75);
/// While connections are short. A proxy whose request crosses with our closing has to send it again.
const CROWDED_IDLE: Duration = Duration::from_secs(5);
/// Prometheus needs one connection; a few people may look as well.
const METRICS_CONNECTIONS: usize = 16;
/// Where metrics are served when nobody chose.
const METRICS_BY_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);

/// A service that answers. Dropping it ends it without grace; [`Running::stop`] is the way.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where its metrics are.
    pub metrics_address: Option<SocketAddr>,
    /// The address by which callers know it, without a final slash; the `iss` of its tokens.
    pub public_url: String,
    /// Its use cases.
    pub app: Arc<App>,
    database: Option<Database>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<&'static str>,
}

/// Starts a whole service in this process. It answers when this returns.
pub async fn start(settings: &Settings, overrides: Overrides) -> Result<Running, StartError> {
    // For whatever speaks TLS and does not say with what. Somebody was first: so be it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // Addresses first: they cost nothing, and are the most frequent reason not to start.
    let socket = bind("http.listen", settings.http.listen).await?;
    let metrics_socket = bind_metrics(settings).await?;
    let address = local(&socket, "http.listen", settings.http.listen)?;
    let certificate = match &settings.tls.files {
        Some(files) => Some(Certificate::load(files).await?),
        None => None,
    };
    let Service {
        app,
        hasher,
        database,
        issuer,
    } = compose(settings, address, overrides).await?;

    let (stop, stopping) = watch::channel(false);
    let mut tasks = JoinSet::new();
    workers::start(&mut tasks, &app, settings, &stopping);

    let metrics_address = match metrics_socket {
        Some(socket) => {
            let address = local(&socket, "metrics.listen", settings.metrics.listen)?;
            let recorded = telemetry::recorded();
            let endpoint = metrics_endpoint(Arc::clone(&app), hasher, recorded.clone());
            let limits = Limits {
                connections: METRICS_CONNECTIONS,
                connections_per_network: None,
                grace: Duration::ZERO,
                ..limits(settings)
            };
            let listener = Listener {
                socket,
                endpoint: Arc::new(endpoint),
                tls: None,
                limits,
                proxies: Vec::new(),
            };
            tasks.spawn(listening("metrics listener", listener, stopping.clone()));
            tasks.spawn(workers::keep_metrics(recorded, stopping.clone()));
            Some(address)
        }
        None => None,
    };

    let tls = certificate.as_ref().map(Certificate::acceptor).transpose()?;
    if let Some(certificate) = certificate {
        tasks.spawn(workers::renew_certificate(
            certificate,
            settings.tls.reload_every,
            stopping.clone(),
        ));
    }
    let endpoint: Endpoint = web::endpoint(Arc::clone(&app), policies::web_options(settings, &issuer));
    let listener = Listener {
        socket,
        endpoint: Arc::new(endpoint),
        tls,
        limits: limits(settings),
        proxies: settings.http.trusted_proxies.clone(),
    };
    tasks.spawn(listening("listener", listener, stopping));
    Ok(Running {
        address,
        metrics_address,
        public_url: issuer,
        app,
        database,
        stop,
        tasks,
    })
}

impl Running {
    /// Resolves when a part of the service has ended by itself, which none does; names it.
    pub async fn failed(&mut self) -> String {
        match self.tasks.join_next().await {
            Some(Ok(name)) => format!("the {name} ended"),
            Some(Err(error)) => format!("a part of the service failed: {error}"),
            None => "nothing is running".to_owned(),
        }
    }

    /// Accepts nothing more, finishes what is in flight within the grace, ends the workers, and closes the database.
    pub async fn stop(mut self) {
        // An error means that every task has ended already.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        if let Some(database) = &self.database
            && let Err(error) = database.close().await
        {
            tracing::warn!(error = with_causes(&error), "the database was not closed well");
        }
    }
}

async fn listening(name: &'static str, listener: Listener, stop: Stop) -> &'static str {
    accept(listener, stop).await;
    name
}

fn limits(settings: &Settings) -> Limits {
    let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
    Limits {
        header_timeout: settings.http.header_timeout,
        idle_timeout: IDLE,
        crowded_idle_timeout: CROWDED_IDLE,
        grace: settings.http.shutdown_grace,
        connections: number(settings.http.max_connections),
        connections_per_network: NonZeroUsize::new(number(settings.http.max_connections_per_address)),
    }
}

/// A second node on one machine must not fail for the default port of the metrics, which nobody asked for.
async fn bind_metrics(settings: &Settings) -> Result<Option<TcpListener>, StartError> {
    let metrics = &settings.metrics;
    if !metrics.enabled {
        return Ok(None);
    }
    match bind("metrics.listen", metrics.listen).await {
        Err(StartError::Bind { cause, .. })
            if cause.kind() == io::ErrorKind::AddrInUse && metrics.listen == METRICS_BY_DEFAULT =>
        {
            let free = bind("metrics.listen", SocketAddr::new(metrics.listen.ip(), 0)).await?;
            let address = local(&free, "metrics.listen", metrics.listen)?;
            tracing::warn!(taken = %metrics.listen, %address, "metrics.listen is taken; metrics are on another port");
            Ok(Some(free))
        }
        outcome => outcome.map(Some),
    }
}

fn local(socket: &TcpListener, setting: &'static str, asked: SocketAddr) -> Result<SocketAddr, StartError> {
    socket.local_addr().map_err(|cause| StartError::Bind {
        setting,
        address: asked,
        cause,
    })
}
