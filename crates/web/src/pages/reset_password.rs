//! `/auth/reset-password`: setting a new password by a link, after the second factor of the account if it has one.
//!
//! The token of the link is in the address. What follows a proved factor is in a cookie: it would be enough alone, so it must not
//! stay in a history.

use std::sync::Arc;

use application::accounts::{ResetError, ResetStep};
use domain::secret::{PASSWORD_MIN, PasswordResetToken};
use poem::Response;

use super::factor::second_factor;
use super::failure::Failure;
use super::password::{Faults, typed_twice};
use super::proof::{Unproved, field};
use super::view::{ErrorKind, FactorPage, FactorPurpose, ResetPasswordPage};
use super::visit::Visit;
use super::{FieldError, Href, Notice, cookies, paths};
use crate::context::to_its_end;

/// The parameter of the link.
const TOKEN: &str = "token";

fn token(visit: &Visit) -> Option<PasswordResetToken> {
    let text = match visit.parameters.all(TOKEN).next() {
        Some(_) => visit.parameters.once(TOKEN),
        None => visit.cookie(cookies::RESET),
    };
    PasswordResetToken::parse(text?).ok()
}

async fn step(visit: &Visit) -> Result<Option<(PasswordResetToken, ResetStep)>, Failure> {
    let Some(token) = token(visit) else {
        return Ok(None);
    };
    let step = visit.app.reset_passwords.step(&token).await?;
    Ok(step.map(|step| (token, step)))
}

/// Shows what comes next, and changes nothing: programs that look at mail follow links, too.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    Ok(match step(&visit).await? {
        None => invalid(visit),
        Some((_, step)) if step.factors.is_empty() => password_page(visit, &step, Faults::default()),
        Some((_, step)) => factor_page(visit, &step, None),
    })
}

/// Takes the second factor or the new password, whichever comes next.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    visit.form()?;
    match step(&visit).await? {
        None => Ok(invalid(visit)),
        Some((token, step)) if step.factors.is_empty() => set(visit, token, step).await,
        Some((token, step)) => prove(visit, token, step).await,
    }
}

async fn prove(mut visit: Visit, token: PasswordResetToken, step: ResetStep) -> Result<Response, Failure> {
    let form = visit.form()?;
    let Some(second) = second_factor(form) else {
        return Ok(factor_page(visit, &step, Some(Unproved::Malformed)));
    };
    let (app, origin) = (Arc::clone(&visit.app), visit.source.origin.clone());
    let proved = to_its_end(async move { app.reset_passwords.prove(&token, &second, &origin).await }).await?;
    match proved {
        Ok(next) => {
            visit.put_cookie(cookies::RESET, Some(next.expose()));
            Ok(visit.go(paths::RESET_PASSWORD, ""))
        }
        Err(ResetError::Refused) => Ok(factor_page(visit, &step, Some(Unproved::Refused))),
        Err(ResetError::Invalid) => Ok(invalid(visit)),
        Err(error) => Err(error.into()),
    }
}

async fn set(mut visit: Visit, token: PasswordResetToken, step: ResetStep) -> Result<Response, Failure> {
    let new = match typed_twice(visit.form()?) {
        Ok(new) => new,
        Err(faults) => return Ok(password_page(visit, &step, faults)),
    };
    let (app, origin) = (Arc::clone(&visit.app), visit.source.origin.clone());
    let done = to_its_end(async move { app.reset_passwords.set(&token, new, &origin).await }).await?;
    match done {
        Ok(()) => {
            visit.put_cookie(cookies::RESET, None);
            visit.say(Notice::PasswordChanged);
            Ok(visit.go(paths::LOGIN, ""))
        }
        Err(ResetError::Password(faults)) => {
            let faults = Faults::of_new(faults.into_iter().map(FieldError::from).collect());
            Ok(password_page(visit, &step, faults))
        }
        Err(ResetError::Invalid) => Ok(invalid(visit)),
        Err(error) => Err(error.into()),
    }
}

/// The one answer to a link that is unknown, used, or too old.
fn invalid(mut visit: Visit) -> Response {
    if visit.cookie(cookies::RESET).is_some() {
        visit.put_cookie(cookies::RESET, None);
    }
    visit.error(ErrorKind::LinkExpired, None)
}

fn factor_page(visit: Visit, step: &ResetStep, wrong: Option<Unproved>) -> Response {
    let error = wrong.and_then(Unproved::error);
    let Some((code, choices)) = field(&visit, paths::RESET_PASSWORD, &step.factors, step.digits, error) else {
        return invalid(visit);
    };
    let page = FactorPage {
        purpose: FactorPurpose::ResetPassword,
        application: None,
        account: step.user.username.as_str().to_owned(),
        code,
        choices,
        sent: None,
        cancel: Href::page(paths::LOGIN, ""),
        hidden: Vec::new(),
        notices: wrong.map(Unproved::notices).unwrap_or_default(),
    };
    visit.show(&page, None)
}

fn password_page(visit: Visit, step: &ResetStep, faults: Faults) -> Response {
    let page = ResetPasswordPage {
        account: Some(step.user.username.as_str().to_owned()),
        minimum: PASSWORD_MIN,
        new_errors: faults.new,
        repeat_error: faults.repeat,
        hidden: Vec::new(),
        notices: Vec::new(),
    };
    visit.show(&page, None)
}
