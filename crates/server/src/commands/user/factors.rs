//! `countersign user issue-recovery`, `reset-link` and `remove-authenticator`: help for owners who lost what they log in with.

use std::process::ExitCode;

use application::App;
use application::actor::Actor;
use domain::id::AuthenticatorId;
use domain::session::Origin;
use serde_json::json;

use super::super::{Failure, Outcome};
use super::{administration, named, pair};
use crate::error::with_causes;
use crate::output::{self, Format, instant, table};

pub(super) async fn issue_recovery(app: &App, name: &str, format: Format) -> Outcome {
    let user = named(app, name).await?;
    let issued = app
        .manage_factors
        .issue_recovery(&Actor::Operator, user.id, &Origin::default())
        .await
        .map_err(|error| administration(name, &error))?;
    let code = issued.code.to_groups();
    let until = instant(issued.expires_at);
    let value = json!({
        "username": user.username.as_str(), "id": user.id.to_string(), "recovery_code": code.as_str(),
        "expires_at": until,
    });
    output::result(format, &value, || {
        let rows = [
            pair("username", user.username.as_str()),
            pair("recovery code", &code),
            pair("works until", &until),
        ];
        format!(
            "{}\n\nIt is good once, together with the password. Hand it to the owner of the account.",
            table(&rows)
        )
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset_link(app: &App, name: &str, format: Format) -> Outcome {
    let user = named(app, name).await?;
    let issued = app
        .reset_passwords
        .issue(&Actor::Operator, user.id, &Origin::default())
        .await
        .map_err(|error| administration(name, &error))?;
    let until = instant(issued.expires_at);
    let value = json!({
        "username": user.username.as_str(), "id": user.id.to_string(), "url": issued.url.as_str(), "expires_at": until,
    });
    output::result(format, &value, || {
        let rows = [
            pair("username", user.username.as_str()),
            pair("link", &issued.url),
            pair("works until", &until),
        ];
        format!(
            "{}\n\nIt is good once. Hand it to the owner of the account, who needs the second factor as well.",
            table(&rows)
        )
    });
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn remove_authenticator(app: &App, name: &str, id: &str, format: Format) -> Outcome {
    let user = named(app, name).await?;
    let id = AuthenticatorId::parse(id).ok_or_else(|| {
        Failure::new(format!(
            "{id} is not the identity of an authenticator: `user show {name}` lists them"
        ))
    })?;
    app.manage_factors
        .remove_authenticator(&Actor::Operator, user.id, id, &Origin::default())
        .await
        .map_err(|error| Failure::new(with_causes(&error)))?;
    let value = json!({ "username": user.username.as_str(), "id": id.to_string(), "done": "removed" });
    output::result(format, &value, || {
        format!("The authenticator of {} is removed.", user.username)
    });
    Ok(ExitCode::SUCCESS)
}
