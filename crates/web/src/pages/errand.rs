//! What somebody logs in for: an application, a device, or the own settings. It is in the query, and read anew at each step.

use application::authorize::{Arrival, Decision, Invalid, LoginFor, PageFault, Request, Standing};
use application::browser::BrowserSession;
use application::sign_in::LoginTerms;
use application::tokens::TokenForm;
use domain::claims::Use;
use poem::Response;

use super::failure::Failure;
use super::view::ErrorKind;
use super::visit::{MARKER, Visit};
use super::{form_post, paths};

/// Where a login leads. There are no other places, so nobody can be led elsewhere.
pub(crate) enum Errand {
    /// To an application.
    Client(Box<Request>),
    /// To the page that asks for the code of a device.
    Device,
    /// To a page about one's own account.
    Own(&'static str),
}

impl Errand {
    /// The application that one logs in to.
    pub fn application(&self) -> Option<String> {
        self.request().map(|request| request.client.name.clone())
    }

    /// Its request.
    pub fn request(&self) -> Option<&Request> {
        match self {
            Self::Client(request) => Some(request),
            Self::Device | Self::Own(_) => None,
        }
    }

    /// The page that the login leads to.
    pub const fn page(&self) -> &'static str {
        match self {
            Self::Client(_) => paths::AUTHORIZE,
            Self::Device => paths::DEVICE,
            Self::Own(page) => page,
        }
    }
}

/// What a visit is for. If its request is wrong, that is the answer.
pub(crate) async fn of(visit: Visit, arrival: Arrival) -> Result<(Visit, Errand), Failure> {
    let is_of_client = visit.parameters.all("client_id").next().is_some();
    if !is_of_client {
        let errand = match visit.parameters.once("to") {
            Some("device") => Errand::Device,
            to => Errand::Own(to.map_or(paths::SETTINGS, paths::own_page)),
        };
        return Ok((visit, errand));
    }
    match visit.app.authorize.read(&visit.query, arrival).await? {
        Ok(request) => Ok((visit, Errand::Client(Box::new(request)))),
        Err(invalid) => Err(Failure::instead(refused(visit, invalid))),
    }
}

/// The request of a client that a visit is for: on pages that are for nothing else.
pub(crate) async fn of_client(visit: Visit, arrival: Arrival) -> Result<(Visit, Box<Request>), Failure> {
    match of(visit, arrival).await? {
        (visit, Errand::Client(request)) => Ok((visit, request)),
        (visit, Errand::Device | Errand::Own(_)) => {
            let answer = visit.error(ErrorKind::UnknownApplication, Some("client_id"));
            Err(Failure::instead(answer))
        }
    }
}

/// Tells whom it may concern that a request is wrong.
pub(crate) fn refused(visit: Visit, invalid: Invalid) -> Response {
    match invalid {
        Invalid::Answer(answer) => form_post::carry(visit, &answer),
        Invalid::Page(PageFault::UnknownClient) => visit.error(ErrorKind::UnknownApplication, Some("client_id")),
        Invalid::Page(PageFault::RedirectUri) => visit.error(ErrorKind::UnregisteredRedirect, Some("redirect_uri")),
        Invalid::Page(PageFault::Request(detail)) => visit.error(ErrorKind::BadRequest, Some(detail)),
    }
}

impl Visit {
    /// Whether the login was made for the request that the browser shows.
    pub fn login_for(&self, browser: &BrowserSession) -> LoginFor {
        let marker = self.parameters.once(MARKER);
        self.app.authorize.login_for(browser, &self.query, marker)
    }

    /// What must happen before a request gets its code.
    pub async fn decide(&self, request: &Request, browser: Option<&BrowserSession>) -> Result<Decision, Failure> {
        let standing = browser.map(|browser| Standing {
            session: browser.session(),
            user: browser.user(),
            login: self.login_for(browser),
        });
        Ok(self.app.authorize.decide(request, standing.as_ref()).await?)
    }

    /// The query with the marker, if there is one: for pages that go on with a request.
    pub fn query_with_marker(&self) -> String {
        match self.parameters.once(MARKER) {
            Some(marker) => with(&self.query, MARKER, marker),
            None => self.query.clone(),
        }
    }

    /// What a login of a browser is for.
    pub fn terms(&self) -> LoginTerms {
        LoginTerms {
            scopes: None,
            usage: Use::Many,
            form: TokenForm::Browser,
            client: None,
            otp: self.config.as_ref().map(|config| config.otp),
            origin: self.source.origin.clone(),
            network: self.source.network.clone(),
        }
    }
}

/// A query with one more parameter, whose value needs no encoding.
pub(crate) fn with(query: &str, name: &str, value: &str) -> String {
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{query}{separator}{name}={value}")
}
