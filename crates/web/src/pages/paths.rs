//! The addresses of the pages, and who answers at each.

use poem::http::header::RETRY_AFTER;
use poem::http::{HeaderValue, Method};
use poem::{Request, Response};

use super::failure::Failure;
use super::view::ErrorKind;
use super::visit::Visit;
use super::{
    authorize, consent, device, enable, enrol, factor, forgot_password, login, logout, password, reset_password,
    settings, two_factor,
};
use crate::context::Context;

pub(crate) const AUTHORIZE: &str = "/auth/authorize";
pub(crate) const LOGIN: &str = "/auth/login";
pub(crate) const FACTOR: &str = "/auth/login/factor";
pub(crate) const ENROL: &str = "/auth/login/enrol";
pub(crate) const CONSENT: &str = "/auth/consent";
pub(crate) const DEVICE: &str = "/auth/device";
pub(crate) const LOGOUT: &str = "/auth/logout";
pub(crate) const LOGGED_OUT: &str = "/auth/logged-out";
/// The page that a login without an application leads to.
pub(crate) const SETTINGS: &str = "/auth/settings";
pub(crate) const SESSIONS_END: &str = "/auth/settings/sessions/end";
pub(crate) const SESSIONS_END_OTHERS: &str = "/auth/settings/sessions/end-others";
pub(crate) const APPLICATIONS_REMOVE: &str = "/auth/settings/applications/remove";
pub(crate) const TWO_FACTOR: &str = "/auth/two-factor";
pub(crate) const TWO_FACTOR_ENABLE: &str = "/auth/two-factor/enable";
pub(crate) const TWO_FACTOR_DISABLE: &str = "/auth/two-factor/disable";
pub(crate) const RECOVERY_CODES: &str = "/auth/two-factor/recovery-codes";
pub(crate) const CHANGE_PASSWORD: &str = "/auth/change-password";
pub(crate) const FORGOT_PASSWORD: &str = "/auth/forgot-password";
pub(crate) const RESET_PASSWORD: &str = "/auth/reset-password";

/// The methods of a page that is only shown.
const SHOWN: &[Method] = &[Method::GET];
/// The methods of a page with a form.
const FORM: &[Method] = &[Method::GET, Method::POST];
/// The method of what only a form of another page is sent to.
const SENT: &[Method] = &[Method::POST];

/// The pages about one's own account that a login can lead to, by the name that `to` has in its query.
const OWN: [(&str, &str); 5] = [
    ("two-factor", TWO_FACTOR),
    ("enable", TWO_FACTOR_ENABLE),
    ("disable", TWO_FACTOR_DISABLE),
    ("recovery-codes", RECOVERY_CODES),
    ("change-password", CHANGE_PASSWORD),
];

/// Every page with its methods.
pub(crate) const PATHS: [(&str, &[Method]); 21] = [
    (AUTHORIZE, FORM),
    (LOGIN, FORM),
    (FACTOR, FORM),
    (ENROL, FORM),
    (CONSENT, FORM),
    (DEVICE, FORM),
    (LOGOUT, FORM),
    (LOGGED_OUT, SHOWN),
    (SETTINGS, SHOWN),
    (SESSIONS_END, SENT),
    (SESSIONS_END_OTHERS, SENT),
    (APPLICATIONS_REMOVE, SENT),
    (TWO_FACTOR, SHOWN),
    (TWO_FACTOR_ENABLE, FORM),
    (TWO_FACTOR_DISABLE, FORM),
    (RECOVERY_CODES, FORM),
    (CHANGE_PASSWORD, FORM),
    (FORGOT_PASSWORD, FORM),
    (RESET_PASSWORD, FORM),
    (super::assets::STYLE_PATH, SHOWN),
    (super::assets::SCRIPT_PATH, SHOWN),
];

/// Whether an address is one of a page.
pub(crate) fn owns(pattern: &str) -> bool {
    PATHS.iter().any(|(path, _)| *path == pattern)
}

/// The page about one's own account of that name; the settings for any other.
pub(crate) fn own_page(name: &str) -> &'static str {
    OWN.iter()
        .find(|(known, _)| *known == name)
        .map_or(SETTINGS, |(_, page)| *page)
}

/// The query with which a login leads to a page about one's own account.
pub(crate) fn query_to(page: &str) -> String {
    let named = OWN.iter().find(|(_, known)| *known == page);
    named.map_or_else(String::new, |(name, _)| format!("to={name}"))
}

/// Whether a form that is sent there carries a secret that could be guessed.
pub(crate) fn takes_credentials(pattern: &str) -> bool {
    [
        LOGIN,
        FACTOR,
        ENROL,
        DEVICE,
        TWO_FACTOR_ENABLE,
        TWO_FACTOR_DISABLE,
        RECOVERY_CODES,
        CHANGE_PASSWORD,
        FORGOT_PASSWORD,
        RESET_PASSWORD,
    ]
    .contains(&pattern)
}

/// Answers a request for the page at this address. Every failure becomes a page, too.
pub(crate) async fn answer(pattern: &str, request: Request, context: Context) -> Response {
    if let Some(file) = super::assets::file(pattern, request.uri().query()) {
        return file;
    }
    let is_post = *request.method() == Method::POST;
    let again = Visit::blank(&request, &context);
    let outcome = match Visit::read(request, &context).await {
        Ok(visit) => dispatch(pattern, is_post, visit).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(response) => response,
        Err(failure) => failure.answer(again),
    }
}

/// Tells somebody who has sent too many forms to wait.
pub(crate) fn too_many(request: &Request, context: &Context, seconds: u64) -> Response {
    let mut response = Visit::blank(request, context).error(ErrorKind::TooManyRequests, None);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

async fn dispatch(pattern: &str, is_post: bool, visit: Visit) -> Result<Response, Failure> {
    match (pattern, is_post) {
        (AUTHORIZE, false) => authorize::answer(visit).await,
        (AUTHORIZE, true) => authorize::posted(visit),
        (LOGIN, false) => login::show(visit).await,
        (LOGIN, true) => login::send(visit).await,
        (FACTOR, false) => factor::show(visit).await,
        (FACTOR, true) => factor::send(visit).await,
        (ENROL, false) => enrol::show(visit).await,
        (ENROL, true) => enrol::send(visit).await,
        (CONSENT, false) => consent::show(visit).await,
        (CONSENT, true) => consent::send(visit).await,
        (DEVICE, false) => device::show(visit).await,
        (DEVICE, true) => device::send(visit).await,
        (SETTINGS, _) => settings::show(visit).await,
        (SESSIONS_END, _) => settings::end_session(visit).await,
        (SESSIONS_END_OTHERS, _) => settings::end_others(visit).await,
        (APPLICATIONS_REMOVE, _) => settings::remove_application(visit).await,
        (TWO_FACTOR, _) => two_factor::show(visit).await,
        (TWO_FACTOR_ENABLE, false) => enable::show(visit).await,
        (TWO_FACTOR_ENABLE, true) => enable::send(visit).await,
        (TWO_FACTOR_DISABLE, false) => two_factor::show_disable(visit).await,
        (TWO_FACTOR_DISABLE, true) => two_factor::disable(visit).await,
        (RECOVERY_CODES, false) => two_factor::show_new_codes(visit).await,
        (RECOVERY_CODES, true) => two_factor::make_codes(visit).await,
        (CHANGE_PASSWORD, false) => password::show(visit).await,
        (CHANGE_PASSWORD, true) => password::send(visit).await,
        (FORGOT_PASSWORD, false) => Ok(forgot_password::show(visit)),
        (FORGOT_PASSWORD, true) => forgot_password::send(visit).await,
        (RESET_PASSWORD, false) => reset_password::show(visit).await,
        (RESET_PASSWORD, true) => reset_password::send(visit).await,
        (LOGOUT, false) => logout::show(visit).await,
        (LOGOUT, true) => logout::send(visit).await,
        _ => Ok(logout::done(visit)),
    }
}
