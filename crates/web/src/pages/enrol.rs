//! `/auth/login/enrol`: an authenticator app that an account must have before its login goes on.

use std::sync::Arc;

use application::accounts::NewAuthenticator;
use application::authorize::Arrival;
use application::sign_in::{EnrolmentConfirmation, LoginError, LoginOutcome};
use domain::authenticator::{AuthenticatorName, OtpParameters, SentCode};
use domain::id::AuthenticatorId;
use domain::key_uri;
use domain::secret::AuthSessionHandle;
use domain::session::AuthPurpose;
use poem::Response;

use super::errand::{self, Errand, with};
use super::factor::{awaited, complete, one_time_code};
use super::failure::Failure;
use super::view::{EnrolPage, Setup};
use super::visit::{AGAIN, AUTHENTICATOR, Visit};
use super::{FieldError, Href, Notice, paths};
use crate::context::to_its_end;

/// Makes the key, after a form, and shows it on the next page.
pub(crate) async fn begin(mut visit: Visit, handle: &AuthSessionHandle) -> Result<Response, Failure> {
    let new = NewAuthenticator {
        name: AuthenticatorName::of_an_app(),
        parameters: OtpParameters::TOTP,
        replaces: None,
    };
    let begun = visit
        .app
        .sign_in
        .begin_enrolment(handle, new, &visit.source.origin)
        .await?;
    visit.keep_login(handle);
    let query = with(&visit.query, AUTHENTICATOR, &begun.authenticator.id.to_string());
    Ok(visit.go(paths::ENROL, &query))
}

/// Shows the key while it waits for its first code.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (visit, errand) = errand::of(visit, Arrival::UnderWay).await?;
    page(visit, &errand, None, Vec::new()).await
}

/// Compares the first code, and completes the login with it.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let form = visit.form()?;
    let code = one_time_code(form.once("code").unwrap_or_default());
    let (visit, errand) = errand::of(visit, Arrival::UnderWay).await?;
    let Some(code) = code else {
        return page(visit, &errand, Some(FieldError::Malformed), Vec::new()).await;
    };
    let Some(handle) = visit.login_handle() else {
        return Err(Failure::Stale);
    };
    let confirmation = EnrolmentConfirmation {
        auth_session: handle,
        authenticator: visit.parameters.once(AUTHENTICATOR).and_then(AuthenticatorId::parse),
        sent: SentCode { code, next: None },
        terms: visit.terms(),
    };
    let sign_in = Arc::clone(&visit.app.sign_in);
    match to_its_end(async move { sign_in.confirm_enrolment(confirmation).await }).await? {
        Ok(LoginOutcome::Browser(login)) => complete(visit, &errand, *login).await,
        Ok(_) => Err(Failure::defect("a login of a browser gives a browser's session")),
        Err(LoginError::Refused | LoginError::InvalidScope) => {
            page(visit, &errand, None, vec![Notice::FactorRefused]).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    visit: Visit,
    errand: &Errand,
    code_error: Option<FieldError>,
    mut notices: Vec<Notice>,
) -> Result<Response, Failure> {
    let again = with(&visit.query, AGAIN, "1");
    let id = visit.parameters.once(AUTHENTICATOR).and_then(AuthenticatorId::parse);
    let (Some((handle, awaited)), Some(id)) = (awaited(&visit).await?, id) else {
        return Ok(visit.go(paths::LOGIN, &again));
    };
    if awaited.purpose != AuthPurpose::Enrolment {
        let query = visit.query.clone();
        return Ok(visit.go(paths::FACTOR, &query));
    }
    let uri = visit.app.sign_in.enrolment_key_uri(&handle, id).await?;
    let key = key_uri::parse(&uri).map_err(Failure::defect)?;
    let secret = key.secret.to_groups();
    if notices.is_empty() {
        notices.push(Notice::EnrolmentNeeded);
    }
    let page = EnrolPage {
        application: errand.application(),
        account: awaited.user.username.as_str().to_owned(),
        setup: Setup::new(&uri, &secret)?,
        digits: 6,
        code_error,
        cancel: Href::page(paths::LOGIN, &again),
        hidden: Vec::new(),
        notices,
    };
    Ok(visit.show(&page, errand.request()))
}
