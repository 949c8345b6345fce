//! `countersign user import` and `import-authenticator`: accounts and authenticators that come from elsewhere.

mod account;
mod authenticator;
mod fields;
mod lines;
mod password_hash;
mod report;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;
use std::process::ExitCode;

use application::App;
use application::actor::Actor;
use application::admin::{ImportError, ImportedAuthenticator};
use domain::authenticator::AuthenticatorName;
use domain::session::Origin;
use serde_json::json;
use zeroize::Zeroizing;

use self::authenticator::Key;
use self::lines::Line;
use self::report::{Ending, Report};
use super::user::named;
use super::{Absence, FAILED, Failure, Outcome, with_service};
use crate::cli::{Global, ImportFile, NewAuthenticator};
use crate::error::with_causes;
use crate::output;

/// More than a key URI may have, so that a longer text is refused by the one who reads it, as too long.
const LONGEST_KEY: usize = 4096;

/// Imports the accounts of a file.
pub(super) fn users(global: &Global, arguments: &ImportFile) -> Outcome {
    let format = global.format();
    let content = content(&arguments.file)?;
    let lines = match lines::read(&content) {
        Ok(lines) if lines.is_empty() => {
            return Err(Failure::new("there is no account to import: every line is empty"));
        }
        Ok(lines) => lines,
        Err(faults) => return report::refuse(format, &faults),
    };
    // What is needed of it is in the accounts now.
    drop(content);
    if arguments.check {
        report::sound(format, lines.len());
        return Ok(ExitCode::SUCCESS);
    }
    with_service(global, Absence::Makes, |service| async move {
        let mut report = Report::new(format);
        let mut lines = lines.into_iter();
        while let Some(line) = lines.next() {
            if let Some(failure) = one(&service.app, line, &mut report).await {
                report.end(lines.len());
                return Err(failure);
            }
        }
        Ok(if report.end(0) {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(FAILED)
        })
    })
}

/// Imports one account. A failure is one that the accounts behind it would meet, too.
async fn one(app: &App, line: Line, report: &mut Report) -> Option<Failure> {
    let Line { number, user } = line;
    let username = user.username.clone();
    let imported = app.import.user(&Actor::Operator, user, &Origin::default()).await;
    let (ending, failure) = match imported {
        Ok(outcome) => (Ending::Imported(outcome.user.id), None),
        Err(ImportError::UsernameTaken) => (Ending::Skipped, None),
        Err(error) => {
            let text = with_causes(&error);
            let failure = matches!(error, ImportError::Store(_)).then(|| Failure::new(text.clone()));
            (Ending::Failed(text), failure)
        }
    };
    report.add(number, &username, ending);
    failure
}

fn content(file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let is_stdin = file == Path::new("-");
    let read = if is_stdin {
        let mut content = Vec::new();
        io::stdin().lock().read_to_end(&mut content).map(|_| content)
    } else {
        std::fs::read(file)
    };
    let name = if is_stdin {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    };
    read.map(Zeroizing::new)
        .map_err(|error| Failure::new(format!("{name} cannot be read: {error}")))
}

/// Gives an account that exists an authenticator from elsewhere.
pub(super) fn authenticator(global: &Global, arguments: NewAuthenticator) -> Outcome {
    let format = global.format();
    let name = AuthenticatorName::new(&arguments.authenticator)
        .map_err(|fault| Failure::new(format!("the name of the authenticator {fault}")))?;
    // Before anything is opened: somebody who types must not hold up others, and may give up.
    let text = key_text(arguments.otpauth_uri_stdin)?;
    let key = Key::from_text(text.trim()).map_err(Failure::new)?;
    drop(text);
    with_service(global, Absence::Refuses, |service| async move {
        let app = &service.app;
        let user = named(app, &arguments.name).await?;
        let new = ImportedAuthenticator {
            name,
            parameters: key.parameters,
            position: key.position,
            secret: key.secret,
        };
        let made = app
            .import
            .authenticator(&Actor::Operator, user.id, new, &Origin::default())
            .await
            .map_err(|error| Failure::new(with_causes(&error)))?;
        let kind = made.parameters.factor().name();
        let value = json!({
            "username": user.username.as_str(), "id": user.id.to_string(),
            "authenticator": { "id": made.id.to_string(), "name": made.name.as_str(), "type": kind },
        });
        output::result(format, &value, || {
            format!(
                "{} has the authenticator {:?} ({kind}).",
                user.username,
                made.name.as_str()
            )
        });
        Ok(ExitCode::SUCCESS)
    })
}

/// The secret is never an argument: other users of the machine could read it.
fn key_text(from_stdin: bool) -> Result<Zeroizing<String>, Failure> {
    let unread = |error: io::Error| Failure::new(format!("the otpauth URI cannot be read: {error}"));
    if from_stdin {
        // Room for every key from the start: growing would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(LONGEST_KEY));
        let limit = u64::try_from(LONGEST_KEY).unwrap_or(u64::MAX);
        io::stdin()
            .lock()
            .take(limit)
            .read_to_string(&mut text)
            .map_err(unread)?;
        return Ok(text);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "there is no terminal to ask for the otpauth URI on: use --otpauth-uri-stdin",
        ));
    }
    rpassword::prompt_password("otpauth URI or Base32 secret: ")
        .map(Zeroizing::new)
        .map_err(unread)
}
