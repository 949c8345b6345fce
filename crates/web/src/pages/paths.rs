//! The addresses of the pages, and who answers at each.

use poem::http::header::RETRY_AFTER;
use poem::http::{HeaderValue, Method};
use poem::{Request, Response};

use super::failure::Failure;
use super::view::ErrorKind;
use super::visit::Visit;
use super::{authorize, consent, device, enrol, factor, login, logout};
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

/// The methods of a page that is only shown.
const SHOWN: &[Method] = &[Method::GET];
/// The methods of a page with a form.
const FORM: &[Method] = &[Method::GET, Method::POST];

/// Every page with its methods.
pub(crate) const PATHS: [(&str, &[Method]); 10] = [
    (AUTHORIZE, FORM),
    (LOGIN, FORM),
    (FACTOR, FORM),
    (ENROL, FORM),
    (CONSENT, FORM),
    (DEVICE, FORM),
    (LOGOUT, FORM),
    (LOGGED_OUT, SHOWN),
    (super::assets::STYLE_PATH, SHOWN),
    (super::assets::SCRIPT_PATH, SHOWN),
];

/// Whether an address is one of a page.
pub(crate) fn owns(pattern: &str) -> bool {
    PATHS.iter().any(|(path, _)| *path == pattern)
}

/// Whether a form that is sent there carries a secret that could be guessed.
pub(crate) fn takes_credentials(pattern: &str) -> bool {
    [LOGIN, FACTOR, ENROL, DEVICE].contains(&pattern)
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
        Err(failure) => again.error(failure.kind(), None),
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
        (LOGOUT, false) => logout::show(visit).await,
        (LOGOUT, true) => logout::send(visit).await,
        _ => Ok(logout::done(visit)),
    }
}
