//! What must happen before a request gets its code.

use std::time::Duration;

use domain::client::Party;
use domain::consent::Consent;
use domain::factor::Assurance;
use domain::scope::{Scope, Scopes};
use domain::session::Session;
use domain::time::Timestamp;
use domain::user::User;

use super::fault::{AuthorizationError, Fault};
use super::request::Request;

/// How long a login counts as made for the request that it was begun for.
const INTERACTION_FOR: Duration = Duration::from_mins(10);

/// Who is logged in.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    /// The browser's session.
    pub session: &'a Session,
    /// The account.
    pub user: &'a User,
    /// Whether the browser shows that it logged in for this very request.
    pub login: LoginFor,
}

/// What a login was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginFor {
    /// This very request.
    This,
    /// Something else.
    Anything,
}

/// Why somebody must log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginReason {
    /// Nobody is logged in.
    NotLoggedIn,
    /// The client wants it, or the last login is too long ago.
    Again,
    /// What was proved is not enough.
    BetterFactor,
    /// Somebody else is meant.
    OtherAccount,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A login.
    Login(LoginReason),
    /// The question whether the client may have these scopes.
    Consent(Scopes),
    /// The code, for these scopes.
    Ready(Scopes),
    /// No code.
    Refused(Fault),
}

/// Decides. `consent` is what the account that is logged in has allowed the client.
pub fn decide(
    request: &Request,
    standing: Option<&Standing<'_>>,
    consent: Option<&Consent>,
    now: Timestamp,
) -> Decision {
    if !request.essential_acr.is_empty() && !is_attainable(&request.essential_acr) {
        return Decision::Refused(UNMET);
    }
    let (standing, fresh) = match standing {
        None => return login(request, Freshness::Old, LoginReason::NotLoggedIn),
        Some(standing) => (standing, freshness(standing, now)),
    };
    if let Some(reason) = missing(request, standing, fresh, now) {
        return login(request, fresh, reason);
    }
    let scopes = request.asked.scopes.within_rights_of(standing.user.role);
    if scopes.is_empty() {
        let detail = "this account may have none of these scopes";
        return Decision::Refused(Fault::new(AuthorizationError::InvalidScope, detail));
    }
    match (must_ask(request, &scopes, consent), request.prompt.none.is_yes()) {
        (false, _) => Decision::Ready(scopes),
        (true, false) => Decision::Consent(scopes),
        (true, true) => Decision::Refused(Fault::new(
            AuthorizationError::ConsentRequired,
            "somebody must be asked, and no page may be shown",
        )),
    }
}

const UNMET: Fault = Fault::new(
    AuthorizationError::UnmetAuthenticationRequirements,
    "what must be proved was not proved",
);

/// Whether the login was made for this request, a moment ago.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Freshness {
    Fresh,
    Old,
}

fn freshness(standing: &Standing<'_>, now: Timestamp) -> Freshness {
    let age = now.since(standing.session.proved.at());
    if standing.login == LoginFor::This && age <= INTERACTION_FOR {
        Freshness::Fresh
    } else {
        Freshness::Old
    }
}

/// A login, unless no page may be shown or one was shown already and did not help: nobody is sent round in a circle.
fn login(request: &Request, fresh: Freshness, reason: LoginReason) -> Decision {
    let required = |detail| Decision::Refused(Fault::new(AuthorizationError::LoginRequired, detail));
    match (request.prompt.none.is_yes(), fresh, reason) {
        (true, ..) => required("somebody must log in, and no page may be shown"),
        (false, Freshness::Old, reason) => Decision::Login(reason),
        (false, Freshness::Fresh, LoginReason::OtherAccount) => required("somebody else logged in"),
        (false, Freshness::Fresh, _) => Decision::Refused(UNMET),
    }
}

/// What is missing of the login that there is.
fn missing(request: &Request, standing: &Standing<'_>, fresh: Freshness, now: Timestamp) -> Option<LoginReason> {
    let proved = &standing.session.proved;
    if request.subject.is_some_and(|subject| subject != standing.user.id) {
        return Some(LoginReason::OtherAccount);
    }
    let acr = proved.assurance().acr();
    let is_among = |values: &[String]| values.iter().any(|value| value == acr);
    let is_unmet =
        !request.client.admits(proved) || (!request.essential_acr.is_empty() && !is_among(&request.essential_acr));
    if is_unmet {
        return Some(LoginReason::BetterFactor);
    }
    if fresh == Freshness::Fresh {
        // What is only welcome was tried.
        return None;
    }
    let is_too_old = request
        .max_age
        .is_some_and(|limit| now.since(proved.at()) > limit || limit.is_zero());
    if request.prompt.login.is_yes() || is_too_old {
        return Some(LoginReason::Again);
    }
    let could_be_better = is_attainable(&request.welcome_acr) && !is_among(&request.welcome_acr);
    could_be_better.then_some(LoginReason::BetterFactor)
}

/// Whether a login can reach one of these: the levels with two factors are those that sessions have.
fn is_attainable(values: &[String]) -> bool {
    Assurance::ALL
        .into_iter()
        .filter(|level| *level >= Assurance::PasswordAndKey)
        .any(|level| values.iter().any(|value| value == level.acr()))
}

/// To act while nobody is there is always asked for (OpenID Connect Core section 11); the operator's own clients never ask of
/// themselves.
fn must_ask(request: &Request, scopes: &Scopes, consent: Option<&Consent>) -> bool {
    let is_covered = consent.is_some_and(|consent| consent.covers(scopes));
    request.prompt.consent.is_yes()
        || (request.client.party == Party::Third && (!is_covered || scopes.contains(&Scope::OfflineAccess)))
}
