//! `/auth/login`: the name and the password.

use std::sync::Arc;

use application::aidbox::CodeReason;
use application::authorize::{Arrival, Decision, LoginReason};
use application::sign_in::{LoginError, LoginOutcome, PasswordLogin};
use domain::secret::Password;
use poem::Response;

use super::errand::{self, Errand};
use super::failure::Failure;
use super::view::{Field, LoginPage};
use super::visit::{AGAIN, Visit};
use super::{Href, Notice, enrol, factor, paths};
use crate::context::to_its_end;

/// Shows the form, unless somebody is logged in and it is enough.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (mut visit, errand) = errand::of(visit, Arrival::UnderWay).await?;
    let browser = visit.session().await?;
    let reason = match &errand {
        Errand::Client(request) => match visit.decide(request, browser.as_ref()).await? {
            Decision::Login(reason) => Some(reason),
            Decision::Consent(_) | Decision::Ready(_) | Decision::Refused(_) => None,
        },
        Errand::Device | Errand::Own(_) => browser.is_none().then_some(LoginReason::NotLoggedIn),
    };
    if reason.is_none() && visit.parameters.once(AGAIN).is_none() {
        let query = visit.query_with_marker();
        return Ok(visit.go(errand.page(), &query));
    }
    let mut notices = match reason {
        Some(LoginReason::Again | LoginReason::OtherAccount) => vec![Notice::SignInAgain],
        Some(LoginReason::BetterFactor) if browser.is_some() => vec![Notice::BetterFactorNeeded],
        Some(LoginReason::BetterFactor | LoginReason::NotLoggedIn) | None => Vec::new(),
    };
    notices.extend(visit.said());
    let name = errand.request().and_then(|request| request.login_hint.clone());
    Ok(page(visit, &errand, name.unwrap_or_default(), notices))
}

/// Compares the password. Whatever is wrong, the answer is the same page, with the same words.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let form = visit.form()?;
    let name = form.once("username").unwrap_or_default().trim().to_owned();
    let password = Password::new(form.once("password").unwrap_or_default());
    let (mut visit, errand) = errand::of(visit, Arrival::UnderWay).await?;
    let known = visit.app.browsers.name_of(&name).await?;
    let (Some(known), Some(password)) = (known, password) else {
        return Ok(page(visit, &errand, shown(&name), vec![Notice::SignInRefused]));
    };
    let login = PasswordLogin {
        name: known,
        password,
        second: None,
        terms: visit.terms(),
    };
    let sign_in = Arc::clone(&visit.app.sign_in);
    match to_its_end(async move { sign_in.with_password(login).await }).await? {
        Ok(LoginOutcome::SecondFactorNeeded {
            auth_session: Some(handle),
            user,
            ..
        }) => {
            visit.keep_login(&handle);
            let codes = &visit.app.aidbox.codes;
            let sending = codes
                .send(user, CodeReason::PasswordProved, &visit.source.origin)
                .await?;
            let query = factor::after(&visit.query, sending);
            Ok(visit.go(paths::FACTOR, &query))
        }
        Ok(LoginOutcome::EnrolmentNeeded {
            auth_session: Some(handle),
            ..
        }) => enrol::begin(visit, &handle).await,
        Ok(_) => Err(Failure::defect("a password alone cannot complete a login")),
        Err(LoginError::Refused | LoginError::InvalidScope) => {
            Ok(page(visit, &errand, shown(&name), vec![Notice::SignInRefused]))
        }
        Err(error) => Err(error.into()),
    }
}

/// What was typed as a name, cut to what can be one.
fn shown(name: &str) -> String {
    name.chars().take(320).collect()
}

fn page(visit: Visit, errand: &Errand, name: String, notices: Vec<Notice>) -> Response {
    let page = LoginPage {
        application: errand.application(),
        username: Field {
            value: name,
            error: None,
        },
        password_error: None,
        forgot_password: Some(Href::page(paths::FORGOT_PASSWORD, "")),
        notices,
    };
    visit.show(&page, errand.request())
}
