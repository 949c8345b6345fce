//! `/auth/logout`: ending the browser's session, by its owner or because a client asks for it (OpenID Connect RP-Initiated
//! Logout).

use application::authorize::Parameters;
use application::browser::BrowserSession;
use domain::client::{Client, ClientId};
use domain::id_token::IdTokenClaims;
use poem::Response;
use url::Url;

use super::failure::Failure;
use super::view::{ErrorKind, Hidden, LoggedOutPage, LogoutPage};
use super::visit::Visit;
use super::{Href, paths};

/// What a request for a logout says that matters after it.
const KEPT: [&str; 5] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

/// A request for a logout.
struct Demand {
    hint: Option<IdTokenClaims>,
    client: Option<Client>,
    /// Where the browser goes then: an address that is registered, with `state`.
    back: Option<String>,
    ui_locales: Option<String>,
}

/// Who answers the question whether to log out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// Whoever sits there.
    ForPerson,
    /// The form itself, where scripts run.
    ForForm,
}

/// Why a request for a logout cannot be followed.
enum Unfit {
    Hint,
    Client,
    Redirect,
}

/// Asks. If the hint is an ID token of whoever is logged in here, which only a client of his has, the question answers itself
/// where scripts run: a link must not change anything, and a person who pressed a button there must not have to press another.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let demand = match demand(&visit, &visit.parameters).await? {
        Ok(demand) => demand,
        Err(unfit) => return Ok(refuse(visit, &unfit)),
    };
    let Some(browser) = visit.session().await? else {
        return Ok(leave(visit, &demand));
    };
    let is_meant = demand
        .hint
        .as_ref()
        .is_some_and(|hint| hint.subject == browser.user().id);
    let asking = if is_meant { Asking::ForForm } else { Asking::ForPerson };
    Ok(ask(visit, &browser, &demand, asking))
}

/// Logs out if it is our own form; the form of a client is read from the query like a link, see
/// [`super::authorize::posted`].
pub(crate) async fn send(visit: Visit) -> Result<Response, Failure> {
    let form = visit.unguarded_form().ok_or(Failure::BadForm)?;
    if form.once("decision").is_none() {
        let query = form.text_of(&KEPT);
        return Ok(visit.go(paths::LOGOUT, &query));
    }
    let form = visit.form()?;
    if form.once("decision") != Some("logout") {
        return Err(Failure::BadForm);
    }
    let demand = match demand(&visit, form).await? {
        Ok(demand) => demand,
        Err(unfit) => return Ok(refuse(visit, &unfit)),
    };
    match visit.session().await? {
        Some(browser) => log_out(visit, &browser, &demand).await,
        None => Ok(leave(visit, &demand)),
    }
}

/// Says that it is done.
pub(crate) fn done(visit: Visit) -> Response {
    let page = LoggedOutPage {
        text: None,
        application: None,
        login: Some(Href::page(paths::LOGIN, "")),
    };
    let ui_locales = visit.parameters.once("ui_locales").map(str::to_owned);
    visit.show_in(&page, ui_locales.as_deref(), None)
}

async fn log_out(mut visit: Visit, browser: &BrowserSession, demand: &Demand) -> Result<Response, Failure> {
    visit.app.browsers.log_out(browser, &visit.source.origin).await?;
    visit.forget_session();
    Ok(leave(visit, demand))
}

fn leave(visit: Visit, demand: &Demand) -> Response {
    match &demand.back {
        Some(back) => visit.leave(back),
        None => visit.go(paths::LOGGED_OUT, ""),
    }
}

async fn demand(visit: &Visit, parameters: &Parameters) -> Result<Result<Demand, Unfit>, Failure> {
    let hint = match parameters.once("id_token_hint") {
        None => None,
        Some(token) => match visit.app.browsers.hint(token).await? {
            Some(claims) => Some(claims),
            None => return Ok(Err(Unfit::Hint)),
        },
    };
    let named = parameters.once("client_id").map(ClientId::parse);
    let id = match (named, &hint) {
        (Some(Err(_)), _) => return Ok(Err(Unfit::Client)),
        // Section 2: both must be about the same client.
        (Some(Ok(named)), Some(hint)) if named != hint.client => return Ok(Err(Unfit::Client)),
        (Some(Ok(named)), _) => Some(named),
        (None, hint) => hint.as_ref().map(|hint| hint.client.clone()),
    };
    let client = match &id {
        None => None,
        Some(id) => visit.app.browsers.client(id).await?,
    };
    if id.is_some() && client.is_none() {
        return Ok(Err(Unfit::Client));
    }
    let back = match (parameters.once("post_logout_redirect_uri"), &client) {
        (None, _) => None,
        (Some(asked), Some(client)) if client.post_logout_redirect_uris.iter().any(|known| known.admits(asked)) => {
            Some(with_state(asked, parameters.once("state")))
        }
        (Some(_), _) => return Ok(Err(Unfit::Redirect)),
    };
    Ok(Ok(Demand {
        hint,
        client,
        back,
        ui_locales: parameters.once("ui_locales").map(str::to_owned),
    }))
}

fn with_state(address: &str, state: Option<&str>) -> String {
    let Some(state) = state else {
        return address.to_owned();
    };
    let encoded: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}state={encoded}")
}

fn refuse(visit: Visit, unfit: &Unfit) -> Response {
    match unfit {
        Unfit::Hint => visit.error(ErrorKind::BadRequest, Some("id_token_hint")),
        Unfit::Client => visit.error(ErrorKind::UnknownApplication, Some("client_id")),
        Unfit::Redirect => visit.error(ErrorKind::UnregisteredRedirect, Some("post_logout_redirect_uri")),
    }
}

fn ask(visit: Visit, browser: &BrowserSession, demand: &Demand, asking: Asking) -> Response {
    let hidden = KEPT.into_iter().filter_map(|name| {
        let value = visit.parameters.once(name)?;
        Some(Hidden {
            name,
            value: value.to_owned(),
        })
    });
    let page = LogoutPage {
        application: demand.client.as_ref().map(|client| client.name.clone()),
        account: browser.user().username.as_str().to_owned(),
        cancel: Href::page(paths::SETTINGS, ""),
        sends_itself: asking == Asking::ForForm,
        hidden: hidden.collect(),
        notices: Vec::new(),
    };
    let target = demand.back.as_deref().and_then(|back| Url::parse(back).ok());
    visit.show_in(&page, demand.ui_locales.as_deref(), target.as_ref())
}
