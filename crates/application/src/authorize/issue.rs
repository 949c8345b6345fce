//! The code: in one transaction with everything that it stands on.

use domain::authorization::{ClientRequest, CompletedLogin, StoredCode};
use domain::consent::Consent;
use domain::event::EventKind;
use domain::scope::Scopes;
use domain::session::Origin;

use super::answer::Answer;
use super::decide::{Decision, Standing, decide};
use super::fault::{AuthorizationError, Fault};
use super::request::Request;
use super::{Authorize, LoginFor};
use crate::audit::{self, Entry};
use crate::browser::BrowserSession;
use crate::ports::{Consumption, StoreError, Transaction};
use crate::sign_in::factors::policy_of;

/// Whether somebody was asked just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Nobody was: what was allowed before must be enough.
    Remembered,
    /// Somebody allowed it.
    GivenNow,
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum IssueCodeError {
    /// Something changed since the request was decided upon: it must be decided anew.
    #[error("the request must be decided anew")]
    Changed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Authorize {
    /// Gives a request its code. The browser's session, the account, the client and the consent are looked at again, and a
    /// pushed request is spent. `login` says whether the browser showed that it logged in for this request.
    pub async fn issue(
        &self,
        request: &Request,
        browser: &BrowserSession,
        login: LoginFor,
        agreement: Agreement,
        origin: &Origin,
    ) -> Result<Answer, IssueCodeError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().hold(browser.user().id).await?;
        let Some(user) = user.filter(|user| user.honours(browser.session().epoch)) else {
            return Err(IssueCodeError::Changed);
        };
        let policy = policy_of(core, tx.as_mut(), &user).await?;
        let session = tx.sessions().find(browser.session().id, now).await?;
        let Some(session) = session.filter(|session| policy.admits(&session.proved)) else {
            return Err(IssueCodeError::Changed);
        };
        let client = tx.oauth().clients().find(&request.client.id).await?;
        let is_same = client.is_some_and(|client| client.is_active() && client.version == request.client.version);
        if !is_same {
            return Err(IssueCodeError::Changed);
        }
        let consent = tx.oauth().consents().find(user.id, &request.client.id).await?;
        let standing = Standing {
            session: &session,
            user: &user,
            login,
        };
        let scopes = match (decide(request, Some(&standing), consent.as_ref(), now), agreement) {
            (Decision::Ready(scopes), _) | (Decision::Consent(scopes), Agreement::GivenNow) => scopes,
            (Decision::Consent(_) | Decision::Login(_) | Decision::Refused(_), _) => {
                return Err(IssueCodeError::Changed);
            }
        };
        if agreement == Agreement::GivenNow {
            let given = Consent {
                user: user.id,
                client: request.client.id.clone(),
                scopes: Consent::scopes_with(consent, &scopes),
                granted_at: now,
            };
            tx.oauth().consents().put(&given).await?;
        }
        let (code, digest) = core.new_authorization_code();
        let stored = StoredCode {
            digest,
            request: ClientRequest {
                scopes: scopes.clone(),
                ..request.asked.clone()
            },
            redirect_uri: request.sent_redirect_uri.clone(),
            login: CompletedLogin::of_browser(&session, user.epoch),
            expires_at: now.after(core.policies.oauth.authorization_code_lifetime),
        };
        tx.oauth().codes().insert(&stored).await?;
        if let Some(pushed) = &request.pushed {
            match tx.oauth().pushed_requests().spend(pushed).await? {
                Consumption::First => {}
                Consumption::Spent => return Err(IssueCodeError::Changed),
            }
        }
        self.note(tx.as_mut(), request, browser, &scopes, agreement, origin)
            .await?;
        tx.commit().await?;
        Ok(request.to.code(code.expose()))
    }

    /// The answer to a client that was refused by the person.
    pub fn denied(&self, request: &Request) -> Answer {
        let detail = "the request was refused by the person who is logged in";
        request.to.fault(Fault::new(AuthorizationError::AccessDenied, detail))
    }

    async fn note(
        &self,
        tx: &mut dyn Transaction,
        request: &Request,
        browser: &BrowserSession,
        scopes: &Scopes,
        agreement: Agreement,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let (session, scope) = (browser.session().id.to_string(), scopes.to_string());
        let details = [
            ("client", request.client.id.as_str()),
            ("session", session.as_str()),
            ("scope", scope.as_str()),
        ];
        let user = browser.user().id;
        if agreement == Agreement::GivenNow {
            let entry = Entry::by_owner(EventKind::ConsentGranted, user, origin, &details);
            audit::record(&self.core, tx, entry).await?;
        }
        let entry = Entry::by_owner(EventKind::CodeIssued, user, origin, &details);
        audit::record(&self.core, tx, entry).await
    }
}
