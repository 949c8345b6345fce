//! `/auth/login/factor`: the second factor, after which the browser is logged in.

use std::sync::Arc;

use application::aidbox::{CodeReason, CodeSending};
use application::authorize::{Arrival, Parameters, Request};
use application::browser::Awaited;
use application::sign_in::{BrowserLogin, ContinuedLogin, LoginError, LoginOutcome, SecondFactor};
use domain::authenticator::SentCode;
use domain::factor::{Assurance, FactorType};
use domain::one_time_code::OneTimeCode;
use domain::recovery_code::RecoveryCode;
use domain::secret::{AuthSessionHandle, SecretKey};
use domain::session::AuthPurpose;
use poem::Response;
use zeroize::Zeroizing;

use super::errand::{self, Errand, with};
use super::failure::Failure;
use super::view::{CodeField, FactorChoice, FactorPage, FactorPurpose, RecoveryCodesPage, SentState, SentTo};
use super::visit::{AGAIN, MARKER, SENT, USE, Visit};
use super::{FieldError, Href, Notice, enrol, paths};
use crate::context::to_its_end;

/// Shows the form for the factor that is chosen, or the first of those that there are.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (visit, errand) = errand::of(visit, Arrival::UnderWay).await?;
    match awaited(&visit).await? {
        Some((_, awaited)) if awaited.purpose == AuthPurpose::Login => {
            let notices = notices_of(visit.parameters.once(SENT));
            page(visit, &errand, &awaited, None, notices).await
        }
        _ => {
            let query = with(&visit.query, AGAIN, "1");
            Ok(visit.go(paths::LOGIN, &query))
        }
    }
}

/// Compares the second factor. A right one logs the browser in, under a new handle.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let form = visit.form()?;
    let wants_code = form.once("action") == Some("send");
    let second = second_factor(form);
    let (mut visit, errand) = errand::of(visit, Arrival::UnderWay).await?;
    let Some((handle, awaited)) = awaited(&visit).await? else {
        let query = with(&visit.query, AGAIN, "1");
        return Ok(visit.go(paths::LOGIN, &query));
    };
    if wants_code {
        let codes = &visit.app.aidbox.codes;
        let sending = codes
            .send(awaited.user.id, CodeReason::Asked, &visit.source.origin)
            .await?;
        return page(visit, &errand, &awaited, None, vec![notice(sending)]).await;
    }
    let Some(second) = second else {
        // It cannot be one, so no guess is charged.
        return page(visit, &errand, &awaited, Some(FieldError::Malformed), Vec::new()).await;
    };
    let login = ContinuedLogin {
        auth_session: handle,
        second,
        terms: visit.terms(),
    };
    let sign_in = Arc::clone(&visit.app.sign_in);
    match to_its_end(async move { sign_in.with_auth_session(login).await }).await? {
        Ok(LoginOutcome::Browser(login)) => complete(visit, &errand, *login).await,
        Ok(LoginOutcome::EnrolmentNeeded {
            auth_session: Some(handle),
            ..
        }) => {
            visit.keep_login(&handle);
            enrol::begin(visit, &handle).await
        }
        Ok(_) => Err(Failure::defect("a login of a browser gives a browser's session")),
        Err(LoginError::Refused | LoginError::InvalidScope) => {
            page(visit, &errand, &awaited, None, vec![Notice::FactorRefused]).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The browser is logged in: what it was logged in with before ends, and it goes on to where it was going. Recovery codes are
/// shown first, this once.
pub(crate) async fn complete(mut visit: Visit, errand: &Errand, login: BrowserLogin) -> Result<Response, Failure> {
    if let Some(before) = visit.session().await? {
        visit
            .app
            .browsers
            .replace(&before, &login.session, &visit.source.origin)
            .await?;
    }
    let marker = visit.app.authorize.marker(&login.handle, &visit.query);
    visit.keep_session(&login.handle);
    let query = match errand {
        Errand::Client(_) => with(&visit.query, MARKER, &marker),
        Errand::Device | Errand::Own(_) => visit.query.clone(),
    };
    if login.recovery_codes.is_empty() {
        return Ok(visit.go(errand.page(), &query));
    }
    let codes: Vec<_> = login.recovery_codes.iter().map(RecoveryCode::to_groups).collect();
    let page = RecoveryCodesPage {
        account: login.user.username.as_str().to_owned(),
        codes: codes.iter().map(|code| code.as_str()).collect(),
        done: Href::page(errand.page(), &query),
        notices: Vec::new(),
    };
    Ok(visit.show(&page, errand.request()))
}

/// The login that waits in this browser.
pub(crate) async fn awaited(visit: &Visit) -> Result<Option<(AuthSessionHandle, Awaited)>, Failure> {
    let Some(handle) = visit.login_handle() else {
        return Ok(None);
    };
    let awaited = visit.app.browsers.awaited(&handle).await?;
    Ok(awaited.map(|awaited| (handle, awaited)))
}

/// The second factor in a form, as it was typed; `None` if it cannot be one.
pub(crate) fn second_factor(form: &Parameters) -> Option<SecondFactor> {
    let text = form.once("code").unwrap_or_default().trim();
    match form.once("factor").and_then(FactorType::from_name)? {
        FactorType::Password => None,
        FactorType::SecretKey => SecretKey::parse(text).ok().map(SecondFactor::SecretKey),
        FactorType::RecoveryCode => RecoveryCode::parse(text).ok().map(SecondFactor::RecoveryCode),
        FactorType::Totp | FactorType::Hotp => Some(SecondFactor::OneTimeCode {
            sent: SentCode {
                code: one_time_code(text)?,
                next: None,
            },
            authenticator: None,
        }),
    }
}

/// A one-time code as it was typed, with spaces or without; `None` if it cannot be one.
pub(crate) fn one_time_code(text: &str) -> Option<OneTimeCode> {
    let digits = Zeroizing::new(text.replace(' ', ""));
    OneTimeCode::parse(&digits).ok()
}

/// The factors that help with a request, in the order in which they are offered: if none does, all, because then the login is
/// good for something else.
fn offered(awaited: &Awaited, request: Option<&Request>) -> Vec<FactorType> {
    let all = &awaited.factors;
    let Some(request) = request else {
        return all.clone();
    };
    let reaches = |values: &[String], factor: FactorType| {
        let acr = Assurance::of(&[FactorType::Password, factor]).acr();
        values.is_empty() || values.iter().any(|value| value == acr)
    };
    let helps = |factor: &FactorType| {
        let policy = request.client.factors.as_ref();
        policy.is_none_or(|policy| policy.knows(*factor)) && reaches(&request.essential_acr, *factor)
    };
    let mut helpful: Vec<FactorType> = all.iter().copied().filter(helps).collect();
    if helpful.is_empty() {
        return all.clone();
    }
    helpful.sort_by_key(|factor| !reaches(&request.welcome_acr, *factor));
    helpful
}

/// The query of the page that comes after a code was to be sent.
pub(crate) fn after(query: &str, sending: CodeSending) -> String {
    match sending {
        CodeSending::NotConfigured => query.to_owned(),
        CodeSending::Sent => with(query, SENT, "yes"),
        CodeSending::TooMany => with(query, SENT, "before"),
        CodeSending::Failed => with(query, SENT, "no"),
    }
}

/// What is said when it was to be sent with the password. Nothing depends on it but these words.
fn notices_of(sent: Option<&str>) -> Vec<Notice> {
    let notice = match sent {
        Some("yes") => Some(Notice::CodeSent),
        Some("before") => Some(Notice::CodeSentRecently),
        Some("no") => Some(Notice::CodeNotSent),
        _ => None,
    };
    notice.into_iter().collect()
}

const fn notice(sending: CodeSending) -> Notice {
    match sending {
        CodeSending::Sent => Notice::CodeSent,
        CodeSending::TooMany => Notice::CodeSentRecently,
        CodeSending::Failed | CodeSending::NotConfigured => Notice::CodeNotSent,
    }
}

async fn page(
    visit: Visit,
    errand: &Errand,
    awaited: &Awaited,
    error: Option<FieldError>,
    notices: Vec<Notice>,
) -> Result<Response, Failure> {
    let is_offered = visit.app.aidbox.codes.is_offered(awaited.user.id).await?;
    let is_sent = visit.parameters.once(SENT) == Some("yes") || notices.contains(&Notice::CodeSent);
    let factors = offered(awaited, errand.request());
    let chosen = visit.parameters.once(USE).and_then(FactorType::from_name);
    let chosen = chosen.or(is_sent.then_some(FactorType::Totp));
    let chosen = chosen
        .filter(|chosen| factors.contains(chosen))
        .or(factors.first().copied());
    let chosen = chosen.unwrap_or(FactorType::RecoveryCode);
    let choices = factors.iter().copied().filter(|factor| *factor != chosen);
    let page = FactorPage {
        purpose: FactorPurpose::Login,
        application: errand.application(),
        account: awaited.user.username.as_str().to_owned(),
        code: CodeField {
            factor: chosen,
            digits: awaited.digits(chosen),
            error,
        },
        choices: choices
            .map(|factor| FactorChoice {
                factor,
                href: Href::page(paths::FACTOR, &with(&visit.query, USE, factor.name())),
            })
            .collect(),
        sent: is_offered.then_some(SentTo {
            address: None,
            state: if is_sent { SentState::Sent } else { SentState::NotYet },
        }),
        cancel: Href::page(paths::LOGIN, &with(&visit.query, AGAIN, "1")),
        hidden: Vec::new(),
        notices,
    };
    Ok(visit.show(&page, errand.request()))
}
