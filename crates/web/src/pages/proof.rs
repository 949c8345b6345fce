//! A second factor on a page about one's own account: the field for it, and what becomes of it.

use std::sync::Arc;

use application::browser::{BrowserSession, BrowserStepUpError, FreshProof};
use domain::factor::FactorType;
use poem::Response;

use super::errand::with;
use super::factor::second_factor;
use super::failure::Failure;
use super::view::{CodeField, FactorChoice, FactorPage, FactorPurpose, Hidden};
use super::visit::{AGAIN, USE, Visit};
use super::{FieldError, Href, Notice, paths};
use crate::context::to_its_end;

/// The hidden field that says which of several forms of one page was sent.
pub(crate) const STEP: &str = "step";
/// Its value for the form that asks for a second factor.
pub(crate) const PROVE: &str = "prove";

/// What is wrong with a second factor that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unproved {
    /// It cannot be one; no guess was charged.
    Malformed,
    /// It was refused.
    Refused,
}

impl Unproved {
    /// What is said at the field.
    pub fn error(self) -> Option<FieldError> {
        (self == Self::Malformed).then_some(FieldError::Malformed)
    }

    /// What is said at the top.
    pub fn notices(self) -> Vec<Notice> {
        match self {
            Self::Malformed => Vec::new(),
            Self::Refused => vec![Notice::FactorRefused],
        }
    }
}

/// Who is logged in here; or the way to the login, which leads back to this page.
pub(crate) async fn owner(visit: Visit, page: &'static str) -> Result<(Visit, BrowserSession), Failure> {
    match visit.session().await? {
        Some(browser) => Ok((visit, browser)),
        None => Err(Failure::instead(visit.go(paths::LOGIN, &paths::query_to(page)))),
    }
}

/// The way to a login that proves everything anew, and leads back to this page.
pub(crate) fn log_in_again(visit: Visit, page: &'static str) -> Response {
    visit.go(paths::LOGIN, &with(&paths::query_to(page), AGAIN, "1"))
}

/// Compares the second factor in the form that was sent. A right one gives the session a new handle.
pub(crate) async fn take(
    visit: &mut Visit,
    browser: &BrowserSession,
) -> Result<Result<BrowserSession, Unproved>, Failure> {
    let form = visit.form()?;
    let Some(second) = second_factor(form) else {
        return Ok(Err(Unproved::Malformed));
    };
    let (app, browser, origin) = (Arc::clone(&visit.app), browser.clone(), visit.source.origin.clone());
    let proved = to_its_end(async move { app.browsers.step_up(&browser, &second, &origin).await }).await?;
    match proved {
        Ok((handle, browser)) => {
            visit.keep_session(&handle);
            Ok(Ok(browser))
        }
        Err(BrowserStepUpError::Refused) => Ok(Err(Unproved::Refused)),
        Err(error) => Err(error.into()),
    }
}

/// The field for one of these factors, the one that was chosen or the best, and the ways to the others. `None` if there are none.
pub(crate) fn field(
    visit: &Visit,
    page: &'static str,
    factors: &[FactorType],
    digits: u32,
    error: Option<FieldError>,
) -> Option<(CodeField, Vec<FactorChoice>)> {
    let chosen = visit.parameters.once(USE).and_then(FactorType::from_name);
    let chosen = chosen
        .filter(|chosen| factors.contains(chosen))
        .or(factors.first().copied())?;
    let others = factors.iter().copied().filter(|factor| *factor != chosen);
    let choices = others.map(|factor| FactorChoice {
        factor,
        href: Href::page(page, &with(&visit.query, USE, factor.name())),
    });
    let code = CodeField {
        factor: chosen,
        digits,
        error,
    };
    Some((code, choices.collect()))
}

/// Asks for a second factor before a page goes on. Whoever has none that is enough logs in anew.
pub(crate) fn ask(
    visit: Visit,
    page: &'static str,
    browser: &BrowserSession,
    proof: &FreshProof,
    wrong: Option<Unproved>,
) -> Response {
    let error = wrong.and_then(Unproved::error);
    let Some((code, choices)) = field(&visit, page, &proof.factors, proof.digits, error) else {
        return log_in_again(visit, page);
    };
    let page = FactorPage {
        purpose: FactorPurpose::Change,
        application: None,
        account: browser.user().username.as_str().to_owned(),
        code,
        choices,
        sent: None,
        cancel: Href::page(paths::TWO_FACTOR, ""),
        hidden: vec![Hidden {
            name: STEP,
            value: PROVE.to_owned(),
        }],
        notices: wrong.map(Unproved::notices).unwrap_or_default(),
    };
    visit.show(&page, None)
}
