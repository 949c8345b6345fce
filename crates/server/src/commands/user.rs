//! `countersign user`: accounts, for the operator.

mod factors;
mod show;

use std::process::ExitCode;

use application::App;
use application::accounts::{NewUser as Registration, RegisterError};
use application::actor::Actor;
use application::admin::{AdminError, SetPasswordError};
use application::ports::UserFilter;
use domain::email::Email;
use domain::id::UserId;
use domain::password::PasswordFault;
use domain::secret::{PASSWORD_MAX, Password, SecretKey};
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::{Role, User, UserState, is_display_name};
use domain::username::Username;
use serde_json::{Value, json};

use super::password::{Typed, settled};
use super::{Absence, Failure, Outcome, import, with_service};
use crate::cli::{Global, NewUser, User as Command};
use crate::error::with_causes;
use crate::output::{self, Format, instant, table};

const PAGE: u32 = 500;

pub(super) fn run(global: &Global, command: Command) -> Outcome {
    let format = global.format();
    if let Command::Add(new) = command {
        // Before anything is opened: somebody who types must not hold up others, and may give up.
        let password = Typed::obtain(new.password)?;
        return with_service(global, Absence::Makes, |service| async move {
            add(&service.app, new, password, format).await
        });
    }
    if let Command::SetPassword { name, password } = command {
        let password = Typed::obtain(password)?;
        return with_service(global, Absence::Refuses, |service| async move {
            set_password(&service.app, &name, password, format).await
        });
    }
    if let Command::Import(arguments) = command {
        return import::users(global, &arguments);
    }
    if let Command::ImportAuthenticator(arguments) = command {
        return import::authenticator(global, arguments);
    }
    with_service(global, Absence::Refuses, |service| async move {
        let app = &service.app;
        match command {
            Command::Add(_) | Command::SetPassword { .. } | Command::Import(_) | Command::ImportAuthenticator(_) => {
                Ok(ExitCode::SUCCESS)
            }
            Command::List { search } => list(app, search, format).await,
            Command::Show { name } => show::run(app, &name, format).await,
            Command::Disable { name } => {
                change(app, &name, "disabled", format, |id, origin| async move {
                    app.manage_users
                        .disable(&Actor::Operator, id, &origin)
                        .await
                        .map(|_| ())
                })
                .await
            }
            Command::Enable { name } => {
                change(app, &name, "enabled", format, |id, origin| async move {
                    app.manage_users.enable(&Actor::Operator, id, &origin).await.map(|_| ())
                })
                .await
            }
            Command::Unlock { name } => {
                change(app, &name, "unlocked", format, |id, origin| async move {
                    app.manage_users.unlock(&Actor::Operator, id, &origin).await
                })
                .await
            }
            Command::Delete { name } => {
                change(app, &name, "deleted", format, |id, origin| async move {
                    app.manage_users.delete(&Actor::Operator, id, &origin).await
                })
                .await
            }
            Command::ResetSecretKey { name } => reset_secret_key(app, &name, format).await,
            Command::IssueRecovery { name } => factors::issue_recovery(app, &name, format).await,
            Command::ResetLink { name } => factors::reset_link(app, &name, format).await,
            Command::RequireEnrolment { name } => {
                change(
                    app,
                    &name,
                    "to enrol an authenticator",
                    format,
                    |id, origin| async move {
                        app.manage_factors
                            .require_enrolment(&Actor::Operator, id, &origin)
                            .await
                    },
                )
                .await
            }
            Command::RemoveAuthenticator { name, authenticator } => {
                factors::remove_authenticator(app, &name, &authenticator, format).await
            }
        }
    })
}

async fn add(app: &App, new: NewUser, password: Typed, format: Format) -> Outcome {
    let invalid = |field: &str, fault: String| Failure::new(format!("the {field} {fault}"));
    let username = Username::new(&new.name).map_err(|fault| invalid("user name", fault.to_string()))?;
    let email = new
        .email
        .map(|text| Email::new(&text))
        .transpose()
        .map_err(|fault| invalid("e-mail address", fault.to_string()))?;
    if new.display_name.as_deref().is_some_and(|name| !is_display_name(name)) {
        let fault = "must have 1 to 128 characters, none of them a control character";
        return Err(invalid("display name", fault.to_owned()));
    }
    let (text, is_generated) = settled(app, password);
    let password = new_password(&text)?;
    let role = if new.admin { Role::Admin } else { Role::User };
    let registration = Registration {
        username,
        password,
        email,
        display_name: new.display_name,
        role,
        first_factor: None,
    };
    let registered = app
        .register
        .execute(Some(&Actor::Operator), registration, &Origin::default())
        .await
        .map_err(refusal)?;

    let secret_key = registered.secret_key.as_ref().map(SecretKey::expose);
    let mut value = json!({ "user": account(&registered.user), "secret_key": secret_key });
    if let Some(fields) = value.as_object_mut() {
        fields.insert(
            "secret_key_expires_at".to_owned(),
            registered.secret_key_expires_at.map(instant).into(),
        );
        if is_generated {
            fields.insert("password".to_owned(), text.as_str().into());
        }
    }
    output::result(format, &value, || {
        let user = &registered.user;
        let mut rows = vec![
            pair("username", user.username.as_str()),
            pair("id", &user.id.to_string()),
            pair("role", user.role.name()),
        ];
        if is_generated {
            rows.push(pair("password", &text));
        }
        rows.extend(secret_key.map(|key| pair("secret key", key)));
        rows.extend(
            registered
                .secret_key_expires_at
                .map(|at| pair("works until", &instant(at))),
        );
        let end = match secret_key {
            Some(_) => "The secret key is shown this once. Hand it to the owner of the account.",
            None => "Its owner enrols an authenticator at the first login, which is not complete before.",
        };
        format!("{}\n\n{end}", table(&rows))
    });
    Ok(ExitCode::SUCCESS)
}

fn refusal(error: RegisterError) -> Failure {
    match error {
        RegisterError::Password(faults) => weak(&faults),
        other => Failure::new(with_causes(&other)),
    }
}

async fn list(app: &App, search: Option<String>, format: Format) -> Outcome {
    let mut filter = UserFilter {
        search: search.map(|text| text.to_lowercase()),
        ..UserFilter::default()
    };
    let mut users = Vec::new();
    loop {
        let page = app.queries.users(&Actor::Operator, &filter, PAGE).await?;
        filter.after = page.last().map(|user| user.username.clone());
        let is_last = page.len() < PAGE as usize;
        users.extend(page);
        if is_last {
            break;
        }
    }
    let value = Value::Array(users.iter().map(account).collect());
    output::result(format, &value, || {
        if users.is_empty() {
            return "There is no such account.".to_owned();
        }
        let head = ["USERNAME", "ROLE", "STATE", "CREATED", "ID"]
            .map(str::to_owned)
            .to_vec();
        let rows = users.iter().map(|user| {
            let created = instant(user.created_at);
            vec![
                user.username.to_string(),
                user.role.name().to_owned(),
                user.state.name().to_owned(),
                created,
                user.id.to_string(),
            ]
        });
        table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
    });
    Ok(ExitCode::SUCCESS)
}

async fn change<Doing>(
    app: &App,
    name: &str,
    done: &str,
    format: Format,
    act: impl FnOnce(UserId, Origin) -> Doing,
) -> Outcome
where
    Doing: Future<Output = Result<(), AdminError>>,
{
    let user = named(app, name).await?;
    act(user.id, Origin::default())
        .await
        .map_err(|error| administration(name, &error))?;
    output::result(
        format,
        &json!({ "username": user.username.as_str(), "id": user.id.to_string(), "done": done }),
        || format!("{} is {done}.", user.username),
    );
    Ok(ExitCode::SUCCESS)
}

fn new_password(text: &str) -> Result<Password, Failure> {
    let too_long = || Failure::new(format!("the password must have at most {PASSWORD_MAX} characters"));
    Password::new(text).ok_or_else(too_long)
}

fn weak(faults: &[PasswordFault]) -> Failure {
    let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
    Failure::new(format!("the password {}", faults.join(", and ")))
}

async fn set_password(app: &App, name: &str, password: Typed, format: Format) -> Outcome {
    let user = named(app, name).await?;
    let (text, is_generated) = settled(app, password);
    let manage = &app.manage_users;
    let outcome = manage
        .set_password(&Actor::Operator, user.id, new_password(&text)?, &Origin::default())
        .await;
    outcome.map_err(|error| match error {
        SetPasswordError::Password(faults) => weak(&faults),
        SetPasswordError::Busy(busy) => Failure::new(busy.to_string()),
        SetPasswordError::Admin(error) => administration(name, &error),
    })?;
    let mut value = json!({ "username": user.username.as_str(), "id": user.id.to_string(), "done": "password set" });
    if let (true, Some(fields)) = (is_generated, value.as_object_mut()) {
        fields.insert("password".to_owned(), text.as_str().into());
    }
    output::result(format, &value, || {
        let mut rows = vec![pair("username", user.username.as_str())];
        if is_generated {
            rows.push(pair("password", &text));
        }
        format!(
            "{}\n\nEvery session and every token of the account are void.",
            table(&rows)
        )
    });
    Ok(ExitCode::SUCCESS)
}

async fn reset_secret_key(app: &App, name: &str, format: Format) -> Outcome {
    let user = named(app, name).await?;
    let reset = app
        .manage_users
        .reset_secret_key(&Actor::Operator, user.id, &Origin::default())
        .await;
    let (key, expires_at): (SecretKey, Option<Timestamp>) = reset.map_err(|error| administration(name, &error))?;
    let value = json!({
        "username": user.username.as_str(), "id": user.id.to_string(), "secret_key": key.expose(),
        "secret_key_expires_at": expires_at.map(instant),
    });
    output::result(format, &value, || {
        let mut rows = vec![
            pair("username", user.username.as_str()),
            pair("secret key", key.expose()),
        ];
        rows.extend(expires_at.map(|at| pair("works until", &instant(at))));
        format!(
            "{}\n\nThe old key, every session and every token of the account are void.",
            table(&rows)
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// The account of a user name that somebody typed.
pub(super) async fn named(app: &App, name: &str) -> Result<User, Failure> {
    let username = Username::new(name).map_err(|fault| Failure::new(format!("the user name {fault}")))?;
    find(app, &username).await?.ok_or_else(|| unknown(name))
}

pub(super) async fn find(app: &App, username: &Username) -> Result<Option<User>, Failure> {
    let mut tx = app.core.ports.store.read().await?;
    Ok(tx.users().find_by_username(username).await?)
}

fn unknown(name: &str) -> Failure {
    Failure::new(format!(
        "there is no account {name:?}; `countersign user list` shows those there are"
    ))
}

fn administration(name: &str, error: &AdminError) -> Failure {
    match error {
        AdminError::NotFound => unknown(name),
        AdminError::LastAdmin => Failure::new(format!(
            "{name:?} is the last active administrator; make another first: `countersign user add NAME --admin`"
        )),
        AdminError::EmailTaken | AdminError::OwnAccount | AdminError::Store(_) => Failure::new(with_causes(error)),
    }
}

fn account(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "username": user.username.as_str(),
        "email": user.email.as_ref().map(Email::as_str),
        "display_name": user.display_name,
        "role": user.role.name(),
        "state": match user.state { UserState::Active => "active", UserState::Disabled => "disabled" },
        "enrolment": user.enrolment.name(),
        "password_is_weak": user.password_is_weak,
        "created_at": instant(user.created_at),
        "password_changed_at": instant(user.password_changed_at),
    })
}

fn pair(name: &str, value: &str) -> Vec<String> {
    vec![name.to_owned(), value.to_owned()]
}
