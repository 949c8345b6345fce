//! `/auth/settings`: who is logged in, where else, and which applications have access.

use std::collections::BTreeMap;

use application::accounts::EndSessionsError;
use application::browser::BrowserSession;
use application::clients::ConsentError;
use domain::authenticator::Authenticator;
use domain::browser::PAGES_CLIENT;
use domain::client::ClientId;
use domain::id::SessionId;
use domain::session::Session;
use poem::Response;

use super::failure::Failure;
use super::proof::owner;
use super::view::{ApplicationLine, Moment, ScopeLine, SessionLine, SettingsPage};
use super::visit::Visit;
use super::{Notice, device_name, paths};

/// Shows them.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    let (mut visit, browser) = owner(visit, paths::SETTINGS).await?;
    let caller = visit.app.browsers.caller(&browser);
    let view = visit.app.queries.me(&caller).await?.ok_or(Failure::Stale)?;
    let sessions = sessions(&visit, &browser).await?;
    let applications = visit.app.oauth.consents.own(&caller).await?;
    let applications = applications.into_iter().map(|(consent, client)| ApplicationLine {
        id: client.id.as_str().to_owned(),
        name: client.name,
        scopes: consent.scopes.iter().map(|scope| ScopeLine::of(scope.name())).collect(),
        since: Moment(consent.granted_at),
    });
    let page = SettingsPage {
        account: view.user.username.as_str().to_owned(),
        email: view.user.email.as_ref().map(|email| email.as_str().to_owned()),
        authenticators: view
            .authenticators
            .iter()
            .filter(|one| Authenticator::is_active(one))
            .count(),
        sessions,
        applications: applications.collect(),
        notices: visit.said(),
    };
    Ok(visit.show(&page, None))
}

/// The sessions of the account, this one first.
async fn sessions(visit: &Visit, browser: &BrowserSession) -> Result<Vec<SessionLine>, Failure> {
    let caller = visit.app.browsers.caller(browser);
    let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut lines = Vec::new();
    for session in visit.app.queries.my_sessions(&caller).await? {
        let client = session.client_id.clone();
        if !names.contains_key(&client) {
            let known = match ClientId::parse(&client) {
                Ok(id) if client != PAGES_CLIENT => visit.app.browsers.client(&id).await?,
                _ => None,
            };
            names.insert(client.clone(), known.map(|known| known.name));
        }
        let name = names.get(&client).cloned().flatten();
        lines.push(line(&session, name, session.id == browser.session().id));
    }
    lines.sort_by_key(|line| !line.is_this);
    Ok(lines)
}

fn line(session: &Session, application: Option<String>, is_this: bool) -> SessionLine {
    let device = application
        .or_else(|| device_name::of(session.origin.user_agent.as_deref()))
        .unwrap_or_else(|| session.client_id.clone());
    SessionLine {
        id: session.id.to_string(),
        device,
        address: session.origin.address.clone(),
        began: Moment(session.opened_at),
        last_used: Some(Moment(session.used_at)),
        is_this,
    }
}

/// Ends one.
pub(crate) async fn end_session(visit: Visit) -> Result<Response, Failure> {
    let id = visit.form()?.once("session").and_then(SessionId::parse);
    let (mut visit, browser) = owner(visit, paths::SETTINGS).await?;
    let id = id.ok_or(Failure::BadForm)?;
    let caller = visit.app.browsers.caller(&browser);
    match visit.app.end_sessions.one(&caller, id, &visit.source.origin).await {
        // One that has ended by itself is what was wanted.
        Ok(()) | Err(EndSessionsError::NotFound) => visit.say(Notice::SessionEnded),
        Err(EndSessionsError::Store(error)) => return Err(error.into()),
    }
    Ok(visit.go(paths::SETTINGS, ""))
}

/// Ends all but this one.
pub(crate) async fn end_others(visit: Visit) -> Result<Response, Failure> {
    visit.form()?;
    let (mut visit, browser) = owner(visit, paths::SETTINGS).await?;
    let caller = visit.app.browsers.caller(&browser);
    match visit.app.end_sessions.others(&caller, &visit.source.origin).await {
        Ok(()) => visit.say(Notice::OtherSessionsEnded),
        Err(EndSessionsError::NotFound) => return Err(Failure::Stale),
        Err(EndSessionsError::Store(error)) => return Err(error.into()),
    }
    Ok(visit.go(paths::SETTINGS, ""))
}

/// Withdraws what an application was allowed; its sessions end.
pub(crate) async fn remove_application(visit: Visit) -> Result<Response, Failure> {
    let id = visit.form()?.once("client").and_then(|text| ClientId::parse(text).ok());
    let (mut visit, browser) = owner(visit, paths::SETTINGS).await?;
    let id = id.ok_or(Failure::BadForm)?;
    let caller = visit.app.browsers.caller(&browser);
    match visit
        .app
        .oauth
        .consents
        .withdraw(&caller, &id, &visit.source.origin)
        .await
    {
        Ok(()) | Err(ConsentError::NotFound) => visit.say(Notice::ApplicationRemoved),
        Err(ConsentError::AccountChanged) => return Err(Failure::Stale),
        Err(ConsentError::Store(error)) => return Err(error.into()),
    }
    Ok(visit.go(paths::SETTINGS, ""))
}
