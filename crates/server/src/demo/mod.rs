//! `countersign demo`: the main job over real HTTP, on a service that leaves nothing behind.

pub(crate) mod http;
mod narrator;
mod script;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

use application::actor::Actor;
use application::admin::{ImportedPassword, ImportedUser};
use domain::email::Email;
use domain::secret::Password;
use domain::session::Origin;
use domain::user::Role;
use domain::username::Username;
use settings::{Override, Settings, Sources};
use tempfile::TempDir;

use self::narrator::Narrator;
use crate::cli::Demo;
use crate::commands::{Credentials, Failure, Outcome, Signals, block_on, make_account, until_signal};
use crate::compose::Overrides;
use crate::error::{StartError, with_causes};
use crate::output::{self, Paint};
use crate::service::{Running, start};
use crate::telemetry;

const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(crate) fn run(arguments: &Demo) -> Outcome {
    telemetry::log_trouble();
    if let Some(address) = arguments.listen.filter(|address| !address.ip().is_loopback()) {
        return Err(Failure::new(format!(
            "the demo lets anybody register: {address} must be a loopback address"
        )));
    }
    let folder = TempDir::with_prefix("countersign-demo-")
        .map_err(|error| Failure::new(format!("no temporary folder can be made: {error}")))?;
    block_on(show(arguments, folder.path()))
}

async fn show(arguments: &Demo, folder: &Path) -> Outcome {
    let mut signals = Signals::listen()?;
    let running = launch(arguments.listen, folder).await?;
    let paint = Paint::for_stdout();
    output::line(format_args!(
        "{}\nA fresh service listens on {}. Its data is in a temporary folder and gone afterwards.",
        paint.bold("Countersign: a password and a second factor, then a token, then the resource"),
        running.public_url,
    ));
    let mut narrator = Narrator::new(&running.public_url, paint);
    let shown = tokio::select! {
        shown = script::play(&mut narrator, &running.app) => shown,
        _ = signals.next() => Err(Failure::new("the demo was interrupted")),
    };
    let user = match shown {
        Ok(user) => user,
        Err(failure) => {
            running.stop().await;
            return Err(failure);
        }
    };
    output::line(format_args!("\n{}", paint.green("Every answer was the expected one.")));
    if arguments.exit {
        running.stop().await;
        return Ok(ExitCode::SUCCESS);
    }
    let admin = make_account(&running.app, "admin", Role::Admin).await?;
    bring_orion_account(&running).await?;
    invite(&running, paint, &user, &admin);
    until_signal(running, &mut signals).await
}

/// Starts on the usual port if it is free, else on any.
async fn launch(listen: Option<SocketAddr>, folder: &Path) -> Result<Running, Failure> {
    let first = start(&settings(listen.unwrap_or(USUAL), folder)?, Overrides::default()).await;
    match (first, listen) {
        (Err(StartError::Bind { .. }), None) => Ok(start(&settings(ANY, folder)?, Overrides::default()).await?),
        (outcome, _) => Ok(outcome?),
    }
}

/// Neither a settings file nor the environment: a demo must not end up in a real database.
fn settings(listen: SocketAddr, folder: &Path) -> Result<Settings, StartError> {
    let overrides = vec![
        Override::data(folder.to_string_lossy()),
        Override::listen(listen.to_string()),
        Override::new("demo", "accounts.registration", "open"),
        Override::new("demo", "metrics.enabled", "false"),
        Override::new("demo", "http.shutdown_grace", "2s"),
        Override::new("demo", "compat.orion.enabled", "true"),
        // So that the script need not wait for the next code.
        Override::new("demo", "totp.future_steps", "1"),
    ];
    Ok(Settings::load(&Sources {
        overrides,
        ..Sources::default()
    })?)
}

/// The account of the Orion service's own examples, with the password that it has there.
const ORION_ACCOUNT: (&str, &str) = ("orion@test.com", "12345678");

/// Brings it as an import does: its password would be refused at registration, and is marked.
async fn bring_orion_account(running: &Running) -> Result<(), Failure> {
    let (email, password) = ORION_ACCOUNT;
    let broken = |what: &str| Failure::new(format!("the example account has no good {what}"));
    let new = ImportedUser {
        username: Username::new(email).map_err(|_| broken("user name"))?,
        email: Some(Email::new(email).map_err(|_| broken("e-mail address"))?),
        display_name: None,
        role: Role::User,
        password: ImportedPassword::Plain(Password::new(password).ok_or_else(|| broken("password"))?),
        authenticators: Vec::new(),
    };
    let import = &running.app.import;
    match import.user(&Actor::Operator, new, &Origin::default()).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(with_causes(&error))),
    }
}

fn invite(running: &Running, paint: Paint, user: &Credentials, admin: &Credentials) {
    let url = &running.public_url;
    let account = |title: &str, credentials: &Credentials| {
        format!(
            "\x20 {title}\n\x20   username    {}\n\x20   password    {}\n\x20   secret key  {}\n",
            credentials.username,
            credentials.password.as_str(),
            credentials.secret_key.as_str()
        )
    };
    output::line(format_args!(
        "\nThe service stays up. Try it yourself:\n\n\
         \x20 Swagger UI  {docs}\n\n{user}\n{admin}\n\
         \x20 curl {url}/v1/token -H 'Content-Type: application/json' \\\n\
         \x20   -d '{{\"username\":\"{username}\",\"password\":\"{password}\",\"secret_key\":\"{secret_key}\"}}'\n\n\
         \x20 As a client of the Orion service: scan the picture, then send a code within five minutes\n\
         \x20 curl {url}/api/users/google/2FAuth/qrCode -d 'email={email}' -d 'password={weak}' -o qr.png\n\
         \x20 curl {url}/api/users/google/2FAuth/validate -d 'email={email}' -d 'code=123456'\n\n\
         Ctrl-C stops and removes everything.",
        docs = paint.bold(&format!("{url}/docs")),
        email = ORION_ACCOUNT.0,
        weak = ORION_ACCOUNT.1,
        user = account("The account that was registered", user),
        admin = account("An administrator", admin),
        username = user.username,
        password = user.password.as_str(),
        secret_key = user.secret_key.as_str(),
    ));
}
