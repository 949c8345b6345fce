//! `/auth/authorize`: the authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2).

use application::authorize::{Agreement, Arrival, Decision};
use poem::Response;

use super::errand;
use super::failure::Failure;
use super::visit::{MARKER, Visit};
use super::{form_post, paths};

/// Answers a request: with a page to log in or to consent, or with the code.
pub(crate) async fn answer(visit: Visit) -> Result<Response, Failure> {
    let arrival = if visit.parameters.once(MARKER).is_some() {
        Arrival::UnderWay
    } else {
        Arrival::First
    };
    let (visit, request) = errand::of_client(visit, arrival).await?;
    let browser = visit.session().await?;
    let decision = visit.decide(&request, browser.as_ref()).await?;
    match (decision, browser) {
        (Decision::Login(_), _) | (Decision::Ready(_), None) => {
            let query = visit.query.clone();
            Ok(visit.go(paths::LOGIN, &query))
        }
        (Decision::Consent(_), _) => {
            let query = visit.query_with_marker();
            Ok(visit.go(paths::CONSENT, &query))
        }
        (Decision::Refused(fault), _) => Ok(errand::refused(visit, request.refused(fault))),
        (Decision::Ready(_), Some(browser)) => {
            let login = visit.login_for(&browser);
            let origin = &visit.source.origin;
            let issued = visit
                .app
                .authorize
                .issue(&request, &browser, login, Agreement::Remembered, origin)
                .await?;
            Ok(form_post::carry(visit, &issued))
        }
    }
}

/// The same request in a form (OpenID Connect Core section 3.1.2.1) is read from the query like any other. Browsers do not send
/// our cookies with the form of another site, but they do with the request that follows.
pub(crate) fn posted(visit: Visit) -> Result<Response, Failure> {
    let form = visit.unguarded_form().ok_or(Failure::BadForm)?;
    let query = form.text_without(&[MARKER]);
    Ok(visit.go(paths::AUTHORIZE, &query))
}
