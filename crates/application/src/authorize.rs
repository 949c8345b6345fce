//! Authorization requests (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2): what a client asks for through a browser,
//! what must happen before it gets a code, and the code.
//!
//! A request stays in the query of the browser's address, or behind the reference to a pushed one (RFC 9126), and is read again
//! from scratch at every step: nothing is written for a stranger, and no step trusts the one before.

mod answer;
mod claims;
mod decide;
mod devices;
mod examine;
mod fault;
mod issue;
mod parameters;
mod prompt;
mod request;

use std::sync::Arc;
use std::time::Duration;

use domain::client::{Client, ClientId};
use domain::consent::Consent;
use domain::id::UserId;
use domain::pushed_request::REQUEST_URI_PREFIX;
use domain::secret::{BrowserHandle, Digest, RequestHandle};

pub use self::answer::{Answer, ResponseMode, ReturnTo};
pub use self::decide::{Decision, LoginFor, LoginReason, Standing, decide};
pub use self::devices::{ApproveDevices, DeviceDecision, DeviceError, DeviceFound};
pub(crate) use self::examine::{Way, examine, examine_pushed};
pub use self::fault::{AuthorizationError, Fault, Invalid, PageFault};
pub use self::issue::{Agreement, IssueCodeError};
pub use self::parameters::Parameters;
pub use self::prompt::Prompt;
pub use self::request::Request;
use crate::browser::BrowserSession;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::keys::ring::RingError;
use crate::ports::StoreError;

/// How long a login may take before a pushed request that it belongs to is forgotten.
pub const LOGIN_MAX: Duration = Duration::from_mins(15);

/// Why nobody can say what becomes of a request.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ring cannot be used.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// Whether a request has just come from its client, or is on its way through our pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It comes from the client: a pushed request must be used in its time.
    First,
    /// It was shown to the browser before. People take longer to log in than clients to redirect.
    UnderWay,
}

/// Answers authorization requests.
pub struct Authorize {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
}

impl Authorize {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>) -> Self {
        Self { core, ring }
    }

    /// Reads a request from a query: form-encoded, without the question mark.
    pub async fn read(&self, query: &str, arrival: Arrival) -> Result<Result<Request, Invalid>, AuthorizeError> {
        let outer = Parameters::parse(query);
        let Some((client, pushed)) = self.find(&outer, arrival).await? else {
            return Ok(Err(Invalid::Page(PageFault::UnknownClient)));
        };
        let issuer = &self.core.policies.expectation.issuer;
        let examined = match pushed {
            Pushed::Not => examine(&client, &outer, Way::Query, issuer),
            Pushed::Gone => Err(Invalid::Page(PageFault::Request(
                "request_uri is unknown, has expired, was used, or is another client's",
            ))),
            Pushed::Found(digest, parameters) => {
                examine(&client, &Parameters::parse(&parameters), Way::Pushed(digest), issuer)
            }
        };
        match examined {
            Err(invalid) => Ok(Err(invalid)),
            Ok(request) => self.with_hint(request).await,
        }
    }

    /// The client that a query names, and what it pushed. `None` if there is no such client that may be used.
    async fn find(
        &self,
        outer: &Parameters,
        arrival: Arrival,
    ) -> Result<Option<(Arc<Client>, Pushed)>, AuthorizeError> {
        let id = outer.once("client_id").and_then(|text| ClientId::parse(text).ok());
        let Some(id) = id else { return Ok(None) };
        let mut tx = self.core.ports.store.read().await?;
        let client = tx.oauth().clients().find(&id).await?;
        let Some(client) = client.filter(Client::is_active) else {
            return Ok(None);
        };
        let reference = outer.once("request_uri");
        let Some(reference) = reference.and_then(|text| text.strip_prefix(REQUEST_URI_PREFIX)) else {
            return Ok(Some((Arc::new(client), Pushed::Not)));
        };
        let Ok(handle) = RequestHandle::parse(reference) else {
            return Ok(Some((Arc::new(client), Pushed::Gone)));
        };
        let now = match arrival {
            Arrival::First => self.core.now(),
            Arrival::UnderWay => self.core.now().before(LOGIN_MAX),
        };
        let digest = self.core.digest_request_handle(&handle);
        let stored = tx.oauth().pushed_requests().find(&digest, now).await?;
        let pushed = match stored {
            Some(stored) if stored.client == client.id => Pushed::Found(digest, stored.parameters),
            Some(_) | None => Pushed::Gone,
        };
        Ok(Some((Arc::new(client), pushed)))
    }

    /// Looks at the hint who is meant (OpenID Connect Core section 3.1.2.2).
    async fn with_hint(&self, mut request: Request) -> Result<Result<Request, Invalid>, AuthorizeError> {
        let Some(hint) = request.hint.take() else {
            return Ok(Ok(request));
        };
        let claims = self.ring.verify_id_token_hint(&hint, self.core.now()).await?;
        let issuer = &self.core.policies.expectation.issuer;
        let subject = claims
            .ok()
            .filter(|claims| claims.issuer == *issuer && claims.client == request.client.id)
            .map(|claims| claims.subject);
        Ok(match (subject, request.subject) {
            (None, _) => Err(request.refused(Fault::invalid("id_token_hint is no ID token of this client"))),
            (Some(hinted), Some(named)) if hinted != named => {
                Err(request.refused(Fault::invalid("id_token_hint and claims name different subjects")))
            }
            (Some(hinted), _) => {
                request.subject = Some(hinted);
                Ok(request)
            }
        })
    }

    /// What somebody who logged in for this very request shows on return: a keyed digest over the session and the request, whose
    /// query is without it.
    pub fn marker(&self, browser: &BrowserHandle, query: &str) -> String {
        let session = self.core.digest_browser_handle(browser);
        Core::write_digest(&self.core.digest_interaction(&session, query))
    }

    /// What a login was made for, by what the browser shows.
    pub fn login_for(&self, browser: &BrowserSession, query: &str, marker: Option<&str>) -> LoginFor {
        if marker.and_then(Core::read_digest) == Some(self.core.digest_interaction(browser.digest(), query)) {
            LoginFor::This
        } else {
            LoginFor::Anything
        }
    }

    /// What must happen before this request gets its code, for an account that is logged in or for nobody.
    pub async fn decide(&self, request: &Request, standing: Option<&Standing<'_>>) -> Result<Decision, AuthorizeError> {
        let consent = match standing {
            None => None,
            Some(standing) => self.consent(standing.user.id, &request.client.id).await?,
        };
        Ok(decide(request, standing, consent.as_ref(), self.core.now()))
    }

    async fn consent(&self, user: UserId, client: &ClientId) -> Result<Option<Consent>, AuthorizeError> {
        let mut tx = self.core.ports.store.read().await?;
        Ok(tx.oauth().consents().find(user, client).await?)
    }
}

/// What a client pushed beforehand.
enum Pushed {
    /// Nothing: the request is in the query.
    Not,
    /// There was something, or not.
    Gone,
    /// These parameters, form-encoded, under this digest.
    Found(Digest, String),
}
