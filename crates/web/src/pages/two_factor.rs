//! `/auth/two-factor` and what is below it but for adding an authenticator: what there is, switching it off, recovery codes.

use application::accounts::{RegenerateError, RemoveError};
use application::browser::BrowserSession;
use domain::authenticator::{AUTHENTICATORS_MAX, Authenticator, AuthenticatorState};
use domain::factor::FactorType;
use domain::recovery_code::RecoveryCode;
use poem::Response;

use super::failure::Failure;
use super::proof::{self, Unproved, owner};
use super::view::{
    AuthenticatorLine, DisableTwoFactorPage, ErrorKind, ErrorPage, Moment, NewRecoveryCodesPage, RecoveryCodesPage,
    TwoFactorPage,
};
use super::visit::Visit;
use super::{Href, Notice, paths};

/// From this many on nobody is told to make new ones.
const FEW_CODES: usize = 3;

/// What there is.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (mut visit, browser) = owner(visit, paths::TWO_FACTOR).await?;
    let caller = visit.app.browsers.caller(&browser);
    let view = visit.app.queries.me(&caller).await?.ok_or(Failure::Stale)?;
    let active: Vec<_> = view.authenticators.iter().filter(|one| one.is_active()).collect();
    let is_on = !active.is_empty();
    let may_be_off = is_on && visit.app.authenticators.may_remove_all(&caller).await?;
    let mut notices = visit.said();
    if is_on && view.recovery_codes < FEW_CODES {
        let left = u64::try_from(view.recovery_codes).unwrap_or_default();
        notices.push(Notice::FewRecoveryCodes { left });
    }
    let page = TwoFactorPage {
        account: browser.user().username.as_str().to_owned(),
        authenticators: active.iter().map(|one| line(one)).collect(),
        secret_key_since: view.secret_keys.first().map(|key| Moment(key.created_at)),
        recovery_codes_left: u32::try_from(view.recovery_codes).ok(),
        enable: (active.len() < AUTHENTICATORS_MAX).then(|| Href::page(paths::TWO_FACTOR_ENABLE, "")),
        disable: may_be_off.then(|| Href::page(paths::TWO_FACTOR_DISABLE, "")),
        recovery_codes: is_on.then(|| Href::page(paths::RECOVERY_CODES, "")),
        notices,
    };
    Ok(visit.show(&page, None))
}

fn line(one: &Authenticator) -> AuthenticatorLine {
    let since = match one.state {
        AuthenticatorState::Active { confirmed_at } => confirmed_at,
        AuthenticatorState::Pending { .. } => one.created_at,
    };
    AuthenticatorLine {
        name: one.name.as_str().to_owned(),
        factor: one.parameters.factor(),
        added: Moment(since),
        last_used: one.used_at.map(Moment),
    }
}

/// Asks whether to switch it off.
pub(crate) async fn show_disable(visit: Visit) -> Result<Response, Failure> {
    let (visit, browser) = owner(visit, paths::TWO_FACTOR_DISABLE).await?;
    disable_page(visit, &browser, None).await
}

/// Switches it off, after a code of it or a recovery code.
pub(crate) async fn disable(visit: Visit) -> Result<Response, Failure> {
    visit.form()?;
    let (mut visit, browser) = owner(visit, paths::TWO_FACTOR_DISABLE).await?;
    let caller = visit.app.browsers.caller(&browser);
    if !visit.app.authenticators.may_remove_all(&caller).await? {
        // Before the code is spent.
        return Ok(must_stay(visit));
    }
    let browser = match proof::take(&mut visit, &browser).await? {
        Ok(browser) => browser,
        Err(unproved) => return after_refusal(visit, paths::TWO_FACTOR_DISABLE, unproved).await,
    };
    let caller = visit.app.browsers.caller(&browser);
    match visit.app.authenticators.remove_all(&caller, &visit.source.origin).await {
        Ok(()) => {
            visit.say(Notice::TwoFactorDisabled);
            Ok(visit.go(paths::SETTINGS, ""))
        }
        Err(RemoveError::LastFactor) => Ok(must_stay(visit)),
        Err(RemoveError::NotFound) => Ok(visit.go(paths::TWO_FACTOR, "")),
        Err(error) => Err(error.into()),
    }
}

/// Shows a form again after a refusal. Too many of them have ended the session.
async fn after_refusal(visit: Visit, page: &'static str, unproved: Unproved) -> Result<Response, Failure> {
    let (visit, browser) = owner(visit, page).await?;
    if page == paths::TWO_FACTOR_DISABLE {
        disable_page(visit, &browser, Some(unproved)).await
    } else {
        new_codes_page(visit, &browser, Some(unproved)).await
    }
}

async fn disable_page(visit: Visit, browser: &BrowserSession, wrong: Option<Unproved>) -> Result<Response, Failure> {
    let caller = visit.app.browsers.caller(browser);
    let proof = visit.app.browsers.fresh_proof(browser).await?;
    // Only what it is about, or what stands for it when it is lost.
    let codes: Vec<_> = proof
        .factors
        .into_iter()
        .filter(|factor| *factor != FactorType::SecretKey)
        .collect();
    let error = wrong.and_then(Unproved::error);
    let Some((code, choices)) = proof::field(&visit, paths::TWO_FACTOR_DISABLE, &codes, proof.digits, error) else {
        return Ok(visit.go(paths::TWO_FACTOR, ""));
    };
    if !visit.app.authenticators.may_remove_all(&caller).await? {
        return Ok(must_stay(visit));
    }
    let page = DisableTwoFactorPage {
        account: browser.user().username.as_str().to_owned(),
        code,
        choices,
        cancel: Href::page(paths::TWO_FACTOR, ""),
        notices: wrong.map(Unproved::notices).unwrap_or_default(),
    };
    Ok(visit.show(&page, None))
}

fn must_stay(visit: Visit) -> Response {
    let page = ErrorPage {
        kind: ErrorKind::LastFactor,
        detail: None,
        request_id: None,
        back: Some(Href::page(paths::TWO_FACTOR, "")),
    };
    visit.show(&page, None)
}

/// Asks whether to make new recovery codes.
pub(crate) async fn show_new_codes(visit: Visit) -> Result<Response, Failure> {
    let (visit, browser) = owner(visit, paths::RECOVERY_CODES).await?;
    new_codes_page(visit, &browser, None).await
}

/// Makes them, after a second factor unless one was proved a short time ago, and shows them this once.
pub(crate) async fn make_codes(visit: Visit) -> Result<Response, Failure> {
    visit.form()?;
    let (mut visit, mut browser) = owner(visit, paths::RECOVERY_CODES).await?;
    if !visit.app.browsers.fresh_proof(&browser).await?.is_there {
        browser = match proof::take(&mut visit, &browser).await? {
            Ok(browser) => browser,
            Err(unproved) => return after_refusal(visit, paths::RECOVERY_CODES, unproved).await,
        };
    }
    let caller = visit.app.browsers.caller(&browser);
    let made = visit.app.recovery_codes.execute(&caller, &visit.source.origin).await;
    let codes = match made {
        Ok(codes) => codes,
        Err(RegenerateError::NotEnrolled | RegenerateError::ProofNeeded(_)) => {
            return Ok(visit.go(paths::TWO_FACTOR, ""));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(codes_page(visit, &browser, &codes, vec![Notice::RecoveryCodesReplaced]))
}

/// Shows recovery codes, this once.
pub(crate) fn codes_page(
    visit: Visit,
    browser: &BrowserSession,
    codes: &[RecoveryCode],
    notices: Vec<Notice>,
) -> Response {
    let codes: Vec<_> = codes.iter().map(RecoveryCode::to_groups).collect();
    let page = RecoveryCodesPage {
        account: browser.user().username.as_str().to_owned(),
        codes: codes.iter().map(|code| code.as_str()).collect(),
        done: Href::page(paths::TWO_FACTOR, ""),
        notices,
    };
    visit.show(&page, None)
}

async fn new_codes_page(visit: Visit, browser: &BrowserSession, wrong: Option<Unproved>) -> Result<Response, Failure> {
    let caller = visit.app.browsers.caller(browser);
    let view = visit.app.queries.me(&caller).await?.ok_or(Failure::Stale)?;
    if !view.authenticators.iter().any(Authenticator::is_active) {
        return Ok(visit.go(paths::TWO_FACTOR, ""));
    }
    let proof = visit.app.browsers.fresh_proof(browser).await?;
    let error = wrong.and_then(Unproved::error);
    let (code, choices) = if proof.is_there {
        (None, Vec::new())
    } else {
        match proof::field(&visit, paths::RECOVERY_CODES, &proof.factors, proof.digits, error) {
            Some((code, choices)) => (Some(code), choices),
            None => return Ok(proof::log_in_again(visit, paths::RECOVERY_CODES)),
        }
    };
    let page = NewRecoveryCodesPage {
        account: browser.user().username.as_str().to_owned(),
        left: u32::try_from(view.recovery_codes).unwrap_or(u32::MAX),
        code,
        choices,
        cancel: Href::page(paths::TWO_FACTOR, ""),
        notices: wrong.map(Unproved::notices).unwrap_or_default(),
    };
    Ok(visit.show(&page, None))
}
