//! `/auth/change-password`, and the two fields of a new password, which a reset has as well.

use std::sync::Arc;

use application::accounts::ChangePasswordError;
use application::authorize::Parameters;
use application::browser::BrowserSession;
use domain::secret::{PASSWORD_MIN, Password};
use poem::Response;

use super::failure::Failure;
use super::proof::owner;
use super::view::ChangePasswordPage;
use super::visit::Visit;
use super::{FieldError, Href, Notice, paths};
use crate::context::to_its_end;

/// What is wrong with the two fields of a new password.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// With the first.
    pub new: Vec<FieldError>,
    /// With its repetition.
    pub repeat: Option<FieldError>,
}

impl Faults {
    /// In the first field.
    pub fn of_new(new: Vec<FieldError>) -> Self {
        Self { new, repeat: None }
    }
}

/// The new password that was typed twice.
pub(crate) fn typed_twice(form: &Parameters) -> Result<Password, Faults> {
    let (new, repeated) = (form.once("new_password"), form.once("repeat_password"));
    let Some(text) = new else {
        return Err(Faults::of_new(vec![FieldError::Missing]));
    };
    if repeated != new {
        return Err(Faults {
            new: Vec::new(),
            repeat: Some(FieldError::PasswordsDiffer),
        });
    }
    Password::new(text).ok_or_else(|| Faults::of_new(vec![FieldError::PasswordTooLong]))
}

/// Shows the form.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (visit, browser) = owner(visit, paths::CHANGE_PASSWORD).await?;
    Ok(page(visit, &browser, None, Faults::default()))
}

/// Changes it. Every session ends, this one too, and the owner logs in with the new password.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let form = visit.form()?;
    let current = form.once("current_password").map(Password::new);
    let new = typed_twice(form);
    let (mut visit, browser) = owner(visit, paths::CHANGE_PASSWORD).await?;
    let current = match current {
        None => return Ok(page(visit, &browser, Some(FieldError::Missing), Faults::default())),
        Some(None) => {
            return Ok(page(
                visit,
                &browser,
                Some(FieldError::WrongPassword),
                Faults::default(),
            ));
        }
        Some(Some(current)) => current,
    };
    let new = match new {
        Ok(new) => new,
        Err(faults) => return Ok(page(visit, &browser, None, faults)),
    };
    let caller = visit.app.browsers.caller(&browser);
    let (app, origin) = (Arc::clone(&visit.app), visit.source.origin.clone());
    let changed = to_its_end(async move { app.change_password.execute(&caller, current, new, &origin).await }).await?;
    match changed {
        Ok(()) => {
            visit.forget_session();
            visit.say(Notice::PasswordChanged);
            Ok(visit.go(paths::LOGIN, ""))
        }
        Err(ChangePasswordError::Refused) => {
            // Too many wrong ones have ended the session.
            let (visit, browser) = owner(visit, paths::CHANGE_PASSWORD).await?;
            Ok(page(
                visit,
                &browser,
                Some(FieldError::WrongPassword),
                Faults::default(),
            ))
        }
        Err(ChangePasswordError::Password(faults)) => {
            let faults = Faults::of_new(faults.into_iter().map(FieldError::from).collect());
            Ok(page(visit, &browser, None, faults))
        }
        Err(ChangePasswordError::Unchanged) => {
            let faults = Faults::of_new(vec![FieldError::PasswordUnchanged]);
            Ok(page(visit, &browser, None, faults))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(visit: Visit, browser: &BrowserSession, current_error: Option<FieldError>, faults: Faults) -> Response {
    let page = ChangePasswordPage {
        account: browser.user().username.as_str().to_owned(),
        minimum: PASSWORD_MIN,
        current_error,
        new_errors: faults.new,
        repeat_error: faults.repeat,
        cancel: Href::page(paths::SETTINGS, ""),
        notices: Vec::new(),
    };
    visit.show(&page, None)
}
