//! `/auth/consent`: whether a client may have what it asks for.

use application::authorize::{Agreement, Arrival, Decision, Request};
use application::browser::BrowserSession;
use domain::scope::{Scope, Scopes};
use poem::Response;
use url::Url;

use super::errand::{self, with};
use super::failure::Failure;
use super::view::{ConsentPage, ScopeLine};
use super::visit::{AGAIN, Visit};
use super::{Href, form_post, paths};

/// What is to be asked, and of whom.
struct Question {
    request: Box<Request>,
    browser: BrowserSession,
    scopes: Scopes,
}

/// Asks.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (visit, question) = question(visit).await?;
    let Question {
        request,
        browser,
        scopes,
    } = question;
    let page = ConsentPage {
        application: request.client.name.clone(),
        application_site: None,
        account: browser.user().username.as_str().to_owned(),
        scopes: lines(&scopes),
        destination: destination(&request.to.redirect_uri),
        other_account: Some(Href::page(paths::LOGIN, &with(&visit.query, AGAIN, "1"))),
        notices: Vec::new(),
    };
    Ok(visit.show(&page, Some(&request)))
}

/// Takes the answer.
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let is_allowed = match visit.form()?.once("decision") {
        Some("allow") => true,
        Some("deny") => false,
        _ => return Err(Failure::BadForm),
    };
    let (visit, question) = question(visit).await?;
    let Question { request, browser, .. } = question;
    let authorize = &visit.app.authorize;
    let answer = if is_allowed {
        let (login, origin) = (visit.login_for(&browser), &visit.source.origin);
        authorize
            .issue(&request, &browser, login, Agreement::GivenNow, origin)
            .await?
    } else {
        authorize.denied(&request)
    };
    Ok(form_post::carry(visit, &answer))
}

/// The question, if it is due; otherwise the browser goes back to where that is decided.
async fn question(visit: Visit) -> Result<(Visit, Question), Failure> {
    let (visit, request) = errand::of_client(visit, Arrival::UnderWay).await?;
    let browser = visit.session().await?;
    match (visit.decide(&request, browser.as_ref()).await?, browser) {
        (Decision::Consent(scopes), Some(browser)) => Ok((
            visit,
            Question {
                request,
                browser,
                scopes,
            },
        )),
        _ => {
            let query = visit.query_with_marker();
            Err(Failure::instead(visit.go(paths::AUTHORIZE, &query)))
        }
    }
}

/// What is asked for, in words; that somebody is told who logs in says nothing beside the other lines.
pub(crate) fn lines(scopes: &Scopes) -> Vec<ScopeLine> {
    scopes.iter().map(Scope::name).map(ScopeLine::of).collect()
}

/// Where the browser goes then: the host, or the scheme of an app.
fn destination(redirect_uri: &str) -> String {
    let url = Url::parse(redirect_uri).ok();
    url.map(|url| url.host_str().unwrap_or_else(|| url.scheme()).to_owned())
        .unwrap_or_default()
}
