//! `/auth/device`: the code that a device without a browser shows (RFC 8628 section 3.3).

use application::authorize::{DeviceDecision, DeviceError, DeviceFound};
use application::browser::BrowserSession;
use domain::device::UserCode;
use domain::lockout::Held;
use domain::time::Timestamp;
use poem::Response;

use super::consent::lines;
use super::failure::Failure;
use super::view::{DeviceApprovalPage, DeviceDonePage, DevicePage, Field};
use super::visit::Visit;
use super::{FieldError, Notice, paths};

/// The longest code that is shown again, with all that people put between its letters.
const TYPED_MAX: usize = 32;

/// Asks for the code. One that is in the query already only fills the field: nobody approves by following a link (section 5.4).
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let typed = typed(visit.parameters.once("user_code"));
    match visit.session().await? {
        Some(_) => Ok(page(visit, typed, None, Vec::new())),
        None => Ok(to_login(visit, &typed)),
    }
}

/// Shows what the device asks for, or takes the decision.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let form = visit.form()?;
    let text = typed(form.once("user_code"));
    let decision = match form.once("decision") {
        Some("allow") => Some(DeviceDecision::Allow),
        Some("deny") => Some(DeviceDecision::Deny),
        Some(_) => return Err(Failure::BadForm),
        None => None,
    };
    let Some(browser) = visit.session().await? else {
        return Ok(to_login(visit, &text));
    };
    let Some(code) = UserCode::parse(&text) else {
        return Ok(page(visit, text, Some(FieldError::Malformed), Vec::new()));
    };
    let devices = &visit.app.approve_devices;
    let found = match devices.find(&browser, &code, &visit.source.network).await {
        Ok(found) => found,
        Err(DeviceError::Unknown) => return Ok(page(visit, text, None, vec![Notice::DeviceCodeRefused])),
        Err(DeviceError::Held(held)) => {
            let minutes = minutes_until(held, visit.app.core.now());
            return Ok(page(
                visit,
                String::new(),
                None,
                vec![Notice::TooManyAttempts { minutes }],
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let Some(decision) = decision else {
        return Ok(ask(visit, &browser, &code, &found, Vec::new()));
    };
    match devices.decide(&browser, &found, decision, &visit.source.origin).await {
        Ok(()) => {
            let done = DeviceDonePage {
                application: found.client.name.clone(),
                is_allowed: decision == DeviceDecision::Allow,
            };
            Ok(visit.show_in(&done, None, None))
        }
        Err(DeviceError::BetterFactorNeeded) => {
            Ok(ask(visit, &browser, &code, &found, vec![Notice::BetterFactorNeeded]))
        }
        Err(DeviceError::Unknown) => Ok(page(visit, text, None, vec![Notice::DeviceCodeRefused])),
        Err(error) => Err(error.into()),
    }
}

/// How long somebody waits, rounded up; an hour is the longest that is promised.
fn minutes_until(held: Held, now: Timestamp) -> u64 {
    match held {
        Held::Until(instant) => instant.since(now).as_secs().div_ceil(60).max(1),
        Held::ForGood => 60,
    }
}

fn typed(text: Option<&str>) -> String {
    text.unwrap_or_default().chars().take(TYPED_MAX).collect()
}

/// The code goes along if it is one; other texts are not carried about.
fn to_login(visit: Visit, typed: &str) -> Response {
    let code = UserCode::parse(typed).map(|code| format!("&user_code={}", code.shown()));
    let query = format!("to=device{}", code.unwrap_or_default());
    visit.go(paths::LOGIN, &query)
}

fn page(visit: Visit, value: String, error: Option<FieldError>, notices: Vec<Notice>) -> Response {
    let page = DevicePage {
        user_code: Field { value, error },
        notices,
    };
    visit.show_in(&page, None, None)
}

fn ask(visit: Visit, browser: &BrowserSession, code: &UserCode, found: &DeviceFound, notices: Vec<Notice>) -> Response {
    let page = DeviceApprovalPage {
        application: found.client.name.clone(),
        user_code: code.shown(),
        account: browser.user().username.as_str().to_owned(),
        scopes: lines(&found.scopes),
        address: None,
        hidden: Vec::new(),
        notices,
    };
    visit.show_in(&page, None, None)
}
