//! `countersign user show`: one account, and what it proves itself with.

use std::process::ExitCode;

use application::App;
use application::accounts::queries::UserView;
use application::actor::Actor;
use domain::authenticator::{Authenticator, AuthenticatorState};
use domain::email::Email;
use domain::lockout::{Budget, Held, Tally};
use domain::secret_key::StoredSecretKey;
use serde_json::{Value, json};

use super::super::Outcome;
use super::{account, named, pair, unknown};
use crate::output::{self, Format, instant, table};

pub(super) async fn run(app: &App, name: &str, format: Format) -> Outcome {
    let id = named(app, name).await?.id;
    let view = app
        .queries
        .user(&Actor::Operator, id)
        .await?
        .ok_or_else(|| unknown(name))?;
    output::result(format, &as_json(&view), || as_text(&view));
    Ok(ExitCode::SUCCESS)
}

fn as_json(view: &UserView) -> Value {
    let UserView {
        user,
        secret_keys,
        authenticators,
        recovery_codes,
        held,
    } = view;
    let mut value = account(user);
    let Some(fields) = value.as_object_mut() else {
        return value;
    };
    let keys = secret_keys
        .iter()
        .map(|key| json!({ "created_at": instant(key.created_at), "expires_at": key.expires_at.map(instant) }));
    fields.insert("secret_keys".to_owned(), keys.collect());
    let authenticators = authenticators.iter().map(|authenticator| {
        json!({
            "id": authenticator.id.to_string(),
            "name": authenticator.name.as_str(),
            "type": authenticator.parameters.factor().name(),
            "state": state(authenticator).name,
            "created_at": instant(authenticator.created_at),
            "used_at": authenticator.used_at.map(instant),
            "expires_at": state(authenticator).until,
        })
    });
    fields.insert("authenticators".to_owned(), authenticators.collect());
    fields.insert("recovery_codes".to_owned(), (*recovery_codes).into());
    let held = held.iter().map(
        |(budget, tally, held)| json!({ "budget": budget.name(), "failures": tally.consecutive, "until": until(*held) }),
    );
    fields.insert("held".to_owned(), held.collect());
    value
}

fn as_text(view: &UserView) -> String {
    let user = &view.user;
    let mut rows = vec![
        pair("username", user.username.as_str()),
        pair("id", &user.id.to_string()),
        pair("role", user.role.name()),
        pair("state", user.state.name()),
        pair("e-mail", user.email.as_ref().map_or("-", Email::as_str)),
        pair("display name", user.display_name.as_deref().unwrap_or("-")),
        pair("created", &instant(user.created_at)),
        pair("password since", &instant(user.password_changed_at)),
    ];
    if user.password_is_weak {
        rows.push(pair("password", "came from elsewhere, and would be refused today"));
    }
    rows.extend(view.secret_keys.iter().map(secret_key));
    rows.extend(view.authenticators.iter().map(authenticator));
    rows.push(pair("recovery codes", &format!("{} left", view.recovery_codes)));
    rows.push(pair("enrolment", user.enrolment.name()));
    rows.extend(
        view.held
            .iter()
            .map(|(budget, tally, held)| held_back(*budget, *tally, *held)),
    );
    table(&rows)
}

fn secret_key(key: &StoredSecretKey) -> Vec<String> {
    let expiry = key
        .expires_at
        .map_or_else(|| "for ever".to_owned(), |at| format!("until {}", instant(at)));
    let since = instant(key.created_at);
    pair("secret key", &format!("since {since}, works {expiry}"))
}

fn authenticator(authenticator: &Authenticator) -> Vec<String> {
    let kind = authenticator.parameters.factor().name();
    let since = instant(authenticator.created_at);
    let used = authenticator
        .used_at
        .map_or_else(|| "never used".to_owned(), |at| format!("last used {}", instant(at)));
    let State { name, until } = state(authenticator);
    let end = until.map(|at| format!(" until {at}")).unwrap_or_default();
    // Quoted and escaped: its owner chose the name.
    let title = format!("{:?}", authenticator.name.as_str());
    pair(
        "authenticator",
        &format!(
            "{title}, {kind}, since {since}, {used}, {name}{end} ({})",
            authenticator.id
        ),
    )
}

fn held_back(budget: Budget, tally: Tally, held: Held) -> Vec<String> {
    let end = until(held).unwrap_or_else(|| "an administrator unlocks it".to_owned());
    let budget = budget.name();
    pair(
        "held back",
        &format!("{budget}, after {} failures, until {end}", tally.consecutive),
    )
}

/// Whether an authenticator was confirmed, and how long it waits if not.
struct State {
    name: &'static str,
    until: Option<String>,
}

fn state(authenticator: &Authenticator) -> State {
    match authenticator.state {
        AuthenticatorState::Active { .. } => State {
            name: "active",
            until: None,
        },
        AuthenticatorState::Pending { expires_at } => State {
            name: "pending",
            until: Some(instant(expires_at)),
        },
    }
}

fn until(held: Held) -> Option<String> {
    match held {
        Held::Until(at) => Some(instant(at)),
        Held::ForGood => None,
    }
}
