//! `/auth/two-factor/enable`: adding an authenticator. It takes a fresh proof, then a name, then a first code.

use std::sync::Arc;

use application::accounts::{BeginError, ConfirmError, NewAuthenticator, ShowError};
use application::browser::BrowserSession;
use domain::authenticator::{AuthenticatorName, OtpParameters, SentCode};
use domain::id::AuthenticatorId;
use domain::key_uri;
use poem::Response;

use super::factor::one_time_code;
use super::failure::Failure;
use super::proof::{self, PROVE, STEP, owner};
use super::two_factor::codes_page;
use super::view::{EnableTwoFactorPage, Field, Hidden, NameAuthenticatorPage, Setup};
use super::visit::{AUTHENTICATOR, Visit};
use super::{FieldError, Href, Notice, paths};
use crate::context::to_its_end;

/// The values of [`STEP`] in the forms that follow the proof.
const NAME: &str = "name";
const CONFIRM: &str = "confirm";

/// Shows the next step: the second factor, if none was proved a short time ago; the name; the key that waits for its first code.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (visit, browser) = owner(visit, paths::TWO_FACTOR_ENABLE).await?;
    let proof = visit.app.browsers.fresh_proof(&browser).await?;
    if !proof.is_there {
        return Ok(proof::ask(visit, paths::TWO_FACTOR_ENABLE, &browser, &proof, None));
    }
    match begun(&visit) {
        Some(id) => key_page(visit, &browser, id, None, Vec::new()).await,
        None => Ok(name_page(
            visit,
            &browser,
            AuthenticatorName::of_an_app().as_str().to_owned(),
            None,
            Vec::new(),
        )),
    }
}

/// Takes the form of one of the steps.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let step = visit.form()?.once(STEP).unwrap_or_default().to_owned();
    let (visit, browser) = owner(visit, paths::TWO_FACTOR_ENABLE).await?;
    match step.as_str() {
        PROVE => prove(visit, browser).await,
        NAME => begin(visit, &browser).await,
        CONFIRM => confirm(visit, browser).await,
        _ => Err(Failure::BadForm),
    }
}

/// The authenticator that waits for its first code.
fn begun(visit: &Visit) -> Option<AuthenticatorId> {
    visit.parameters.once(AUTHENTICATOR).and_then(AuthenticatorId::parse)
}

async fn prove(mut visit: Visit, browser: BrowserSession) -> Result<Response, Failure> {
    match proof::take(&mut visit, &browser).await? {
        Ok(_) => Ok(visit.go(paths::TWO_FACTOR_ENABLE, "")),
        Err(unproved) => {
            // Too many wrong ones have ended the session.
            let (visit, browser) = owner(visit, paths::TWO_FACTOR_ENABLE).await?;
            let proof = visit.app.browsers.fresh_proof(&browser).await?;
            let page = paths::TWO_FACTOR_ENABLE;
            Ok(proof::ask(visit, page, &browser, &proof, Some(unproved)))
        }
    }
}

/// Makes the key, and shows it on the next page, which can be loaded again.
async fn begin(visit: Visit, browser: &BrowserSession) -> Result<Response, Failure> {
    let typed = visit.form()?.once(NAME).unwrap_or_default().to_owned();
    let Ok(name) = AuthenticatorName::new(&typed) else {
        let error = if typed.trim().is_empty() {
            FieldError::Missing
        } else {
            FieldError::Malformed
        };
        return Ok(name_page(visit, browser, shown(&typed), Some(error), Vec::new()));
    };
    let new = NewAuthenticator {
        name,
        parameters: OtpParameters::TOTP,
        replaces: None,
    };
    let caller = visit.app.browsers.caller(browser);
    match visit.app.authenticators.begin(&caller, new, &visit.source.origin).await {
        Ok(begun) => {
            let query = format!("{AUTHENTICATOR}={}", begun.authenticator.id);
            Ok(visit.go(paths::TWO_FACTOR_ENABLE, &query))
        }
        Err(BeginError::ProofNeeded(_)) => Ok(visit.go(paths::TWO_FACTOR_ENABLE, "")),
        Err(BeginError::NameTaken) => {
            let error = Some(FieldError::NameTaken);
            Ok(name_page(visit, browser, shown(&typed), error, Vec::new()))
        }
        Err(BeginError::TooMany | BeginError::NotOffered) => {
            let notices = vec![Notice::NoMoreAuthenticators];
            Ok(name_page(visit, browser, shown(&typed), None, notices))
        }
        Err(error) => Err(error.into()),
    }
}

/// Compares the first code. The first authenticator comes with recovery codes, shown this once.
async fn confirm(mut visit: Visit, browser: BrowserSession) -> Result<Response, Failure> {
    let code = one_time_code(visit.form()?.once("code").unwrap_or_default());
    let Some(id) = begun(&visit) else {
        return Ok(visit.go(paths::TWO_FACTOR_ENABLE, ""));
    };
    let Some(code) = code else {
        return key_page(visit, &browser, id, Some(FieldError::Malformed), Vec::new()).await;
    };
    let caller = visit.app.browsers.caller(&browser);
    let (app, origin) = (Arc::clone(&visit.app), visit.source.origin.clone());
    let sent = SentCode { code, next: None };
    let rule = visit.config.as_ref().map(|config| config.otp);
    let confirming = async move { app.authenticators.confirm_under(&caller, id, sent, rule, &origin).await };
    let confirmed = to_its_end(confirming).await?;
    match confirmed {
        Ok(confirmed) if confirmed.recovery_codes.is_empty() => {
            visit.say(Notice::TwoFactorEnabled);
            Ok(visit.go(paths::TWO_FACTOR, ""))
        }
        Ok(confirmed) => {
            let notices = vec![Notice::TwoFactorEnabled];
            Ok(codes_page(visit, &browser, &confirmed.recovery_codes, notices))
        }
        Err(ConfirmError::Refused) => key_page(visit, &browser, id, Some(FieldError::WrongCode), Vec::new()).await,
        // Confirmed already, or it waited too long.
        Err(ConfirmError::NotFound) => Ok(visit.go(paths::TWO_FACTOR, "")),
        Err(error) => Err(error.into()),
    }
}

/// What was typed as a name, cut to what can be one.
fn shown(name: &str) -> String {
    name.chars().take(domain::authenticator::NAME_MAX).collect()
}

fn name_page(
    visit: Visit,
    browser: &BrowserSession,
    name: String,
    error: Option<FieldError>,
    notices: Vec<Notice>,
) -> Response {
    let page = NameAuthenticatorPage {
        account: browser.user().username.as_str().to_owned(),
        name: Field { value: name, error },
        cancel: Href::page(paths::TWO_FACTOR, ""),
        hidden: vec![step(NAME)],
        notices,
    };
    visit.show(&page, None)
}

fn step(value: &str) -> Hidden {
    Hidden {
        name: STEP,
        value: value.to_owned(),
    }
}

async fn key_page(
    visit: Visit,
    browser: &BrowserSession,
    id: AuthenticatorId,
    code_error: Option<FieldError>,
    notices: Vec<Notice>,
) -> Result<Response, Failure> {
    let caller = visit.app.browsers.caller(browser);
    let uri = match visit.app.authenticators.key_uri(&caller, id).await {
        Ok(uri) => uri,
        Err(ShowError::NotFound | ShowError::ProofNeeded(_)) => return Ok(visit.go(paths::TWO_FACTOR_ENABLE, "")),
        Err(ShowError::Store(error)) => return Err(error.into()),
    };
    let key = key_uri::parse(&uri).map_err(Failure::defect)?;
    let secret = key.secret.to_groups();
    let page = EnableTwoFactorPage {
        account: browser.user().username.as_str().to_owned(),
        setup: Setup::new(&uri, &secret)?,
        digits: 6,
        code_error,
        cancel: Href::page(paths::TWO_FACTOR, ""),
        hidden: vec![step(CONFIRM)],
        notices,
    };
    Ok(visit.show(&page, None))
}
