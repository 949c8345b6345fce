//! Opening a session for an [`Authentication`], in one transaction with everything that must happen together.

use domain::authorization::{CompletedLogin, RequestedClaims, StoredCode};
use domain::browser::StoredBrowser;
use domain::claims::Use;
use domain::event::EventKind;
use domain::factor::Proved;
use domain::id::SessionId;
use domain::orion::ORION_TOKEN_LIFETIME;
use domain::recovery_code::RecoveryCode;
use domain::scope::Scopes;
use domain::secret::{AuthSessionHandle, AuthorizationCode, RefreshToken};
use domain::session::{AuthPurpose, AuthSession, Session};
use domain::time::Timestamp;
use domain::user::{Enrolment, Role, User};

use super::client::{self, ClientOpening};
use super::{Grant, Opened, Terms, TokenForm, refresh_token_of};
use crate::accounts::sessions::{end_proved_by, void_sessions};
use crate::aidbox::auth_config::session_lifetime;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{AttemptKey, StoreError, Transaction};
use crate::sign_in::factors::policy_of;
use crate::sign_in::pending;
use crate::sign_in::proof::Authentication;
use crate::sign_in::settling::settle;
use crate::sign_in::spending;
use crate::sign_in::{BrowserLogin, LoginError};

/// What an authentication came to.
pub(crate) enum Opening {
    /// A session for which tokens may be minted.
    Session(Box<Opened>),
    /// A browser's session.
    Browser(Box<BrowserLogin>),
    /// An authorization code, what was proved, and the scopes it is for.
    Code(AuthorizationCode, Proved, Scopes),
    /// Nothing, and why: for the audit log. Nothing was written.
    Refused(&'static str),
    /// Every factor was proved, and the account must enrol an authenticator before it gets tokens: with this handle,
    /// where the caller can be shown one.
    EnrolmentDue(Option<AuthSessionHandle>),
}

/// Opens a session: what proved the second factor is spent, the authentication session too, the account is still the one whose
/// password was compared and its policy still admits what was proved, the counters are settled.
pub(crate) async fn open_session(
    core: &Core,
    authentication: Authentication,
    charged: Option<&AttemptKey>,
    others: &[AttemptKey],
    grant: &Grant<'_>,
) -> Result<Opening, LoginError> {
    let now = core.now();
    let mut tx = core.ports.store.begin().await?;
    let user = tx.users().hold(authentication.user()).await?;
    let Some(user) = user.filter(|user| user.honours(authentication.epoch())) else {
        return Ok(Opening::Refused("account_changed"));
    };
    settle(tx.as_mut(), user.id, authentication.second(), charged, others).await?;
    let policy = policy_of(core, tx.as_mut(), &user).await?;
    if !authentication.is_admitted_by(&policy) {
        return Ok(Opening::Refused("policy"));
    }
    let scopes = scopes_for(grant, authentication.rights_of(user.role));
    let confirms = authentication.confirms();
    let is_due = user.enrolment != Enrolment::Done && !confirms;
    let (pending, epoch) = (authentication.pending().copied(), authentication.epoch());
    let (evidence, proved) = authentication.into_parts();
    let authenticator = evidence.authenticator();
    if scopes.is_empty() {
        // Every factor was proved, so there is no failure to remember: a caller who asks for too much must not be held. A code
        // is spent all the same, because the answer tells that it was right. But nothing is confirmed, because the answer has
        // no room for what comes with that.
        let is_spent = !confirms
            && spending::spend(core, tx.as_mut(), &user, evidence, grant.codes, now)
                .await?
                .is_none();
        if is_spent {
            return Ok(Opening::Refused("spent"));
        }
        note_refused_scope(core, tx.as_mut(), &user, grant).await?;
        tx.commit().await?;
        return Err(LoginError::InvalidScope);
    }
    let spent = spending::spend(core, tx.as_mut(), &user, evidence, grant.codes, now).await?;
    let Some(spent) = spent else {
        return Ok(Opening::Refused("spent"));
    };
    if let Some(digest) = &pending {
        let redeemed = tx.auth_sessions().redeem(digest, now).await?;
        if redeemed.is_none_or(|redeemed| redeemed.user != user.id || redeemed.epoch != epoch) {
            return Ok(Opening::Refused("auth_session"));
        }
    }
    if is_due {
        let opened = AuthSession {
            user: user.id,
            epoch: user.epoch,
            purpose: AuthPurpose::Enrolment,
            proved,
            expires_at: now.after(grant.form.auth_session_lifetime(&core.policies.lifetimes)),
            request: grant.client.map(|terms| terms.request.clone()),
        };
        let handle = pending::open(core, tx.as_mut(), opened, grant.form, grant.origin).await?;
        tx.commit().await?;
        return Ok(Opening::EnrolmentDue(handle));
    }
    let ended = end_proved_by(tx.as_mut(), user.id, &spent.removed, now).await?;
    let login = CompletedLogin {
        user: user.id,
        epoch: user.epoch,
        proved,
        authenticator,
        parent: None,
    };
    let user = User {
        enrolment: Enrolment::Done,
        ..user
    };
    let Some(opening) = open(core, tx.as_mut(), grant, login, scopes, user.clone(), now).await? else {
        return Ok(Opening::Refused("client"));
    };
    void_sessions(core, tx.as_mut(), &ended).await?;
    spending::note(core, tx.as_mut(), &user, &spent, grant.origin).await?;
    note_login(core, tx.as_mut(), &opening, &user, grant).await?;
    tx.commit().await?;
    Ok(opening.with_recovery_codes(spent.codes))
}

impl Opening {
    fn with_recovery_codes(self, codes: Vec<RecoveryCode>) -> Self {
        match self {
            Self::Session(opened) => Self::Session(Box::new(opened.with_recovery_codes(codes))),
            Self::Browser(login) => Self::Browser(Box::new(BrowserLogin {
                recovery_codes: codes,
                ..*login
            })),
            other @ (Self::Code(..) | Self::Refused(_) | Self::EnrolmentDue(_)) => other,
        }
    }
}

/// Opens what the login is for. `None` if a client asks for it that demands more.
async fn open(
    core: &Core,
    tx: &mut dyn Transaction,
    grant: &Grant<'_>,
    login: CompletedLogin,
    scopes: Scopes,
    user: User,
    now: Timestamp,
) -> Result<Option<Opening>, StoreError> {
    match (grant.form, grant.client) {
        (TokenForm::AccessToken | TokenForm::Orion, _) => {
            let session = own_session(core, grant, login, scopes, now);
            tx.sessions().insert(&session).await?;
            let refresh_token = give_refresh_token(core, tx, &session, grant, now).await?;
            let terms = match grant.form {
                TokenForm::Orion => Terms::orion(core),
                _ => Terms::for_use(core, grant.usage),
            };
            let opened = Opened::continued(session, user, terms, refresh_token, now);
            Ok(Some(Opening::Session(Box::new(opened))))
        }
        (TokenForm::Browser, _) => {
            let lifetime = session_lifetime(core, tx).await?;
            let session = Session {
                expires_at: now.after(lifetime),
                ..own_session(core, grant, login, scopes, now)
            };
            tx.sessions().insert(&session).await?;
            let (handle, digest) = core.new_browser_handle();
            let browser = StoredBrowser {
                digest,
                session: session.id,
            };
            tx.browsers().insert(&browser).await?;
            Ok(Some(Opening::Browser(Box::new(BrowserLogin {
                handle,
                session,
                user,
                recovery_codes: Vec::new(),
            }))))
        }
        (TokenForm::Client, Some(terms)) => {
            let opening = ClientOpening {
                client: &terms.client,
                request: terms.request.clone(),
                login,
                actor: None,
                session: SessionId::from_random(core.random_id()),
                not_after: None,
                origin: grant.origin,
            };
            let opened = client::open_for_login(core, tx, opening, user, now).await?;
            Ok(opened.map(|opened| Opening::Session(Box::new(opened))))
        }
        (TokenForm::Code, Some(terms)) => {
            if !client::admits(&terms.client, &login) {
                return Ok(None);
            }
            let (code, digest) = core.new_authorization_code();
            let scopes = terms.request.scopes.clone();
            let stored = StoredCode {
                digest,
                request: terms.request.clone(),
                redirect_uri: None,
                login: login.clone(),
                expires_at: now.after(core.policies.oauth.authorization_code_lifetime),
            };
            tx.oauth().codes().insert(&stored).await?;
            Ok(Some(Opening::Code(code, login.proved, scopes)))
        }
        (TokenForm::Client | TokenForm::Code, None) => Ok(None),
    }
}

fn own_session(core: &Core, grant: &Grant<'_>, login: CompletedLogin, scopes: Scopes, now: Timestamp) -> Session {
    Session {
        id: SessionId::from_random(core.random_id()),
        user: login.user,
        client_id: grant.client_id.to_owned(),
        scopes,
        epoch: login.epoch,
        proved: login.proved,
        authenticator: login.authenticator,
        opened_at: now,
        used_at: now,
        expires_at: end_of_session(core, grant, now),
        origin: grant.origin.clone(),
        parent: None,
        audience: Vec::new(),
        actor: None,
        claims: RequestedClaims::default(),
    }
}

fn end_of_session(core: &Core, grant: &Grant<'_>, now: Timestamp) -> Timestamp {
    now.after(match (grant.form, grant.usage) {
        (TokenForm::AccessToken, Use::Many) => core.policies.lifetimes.session,
        // Nothing can come after its one token.
        (TokenForm::AccessToken, Use::Once) => core.policies.lifetimes.access_token,
        (TokenForm::Orion, Use::Many | Use::Once) => ORION_TOKEN_LIFETIME,
        (TokenForm::Browser | TokenForm::Client | TokenForm::Code, _) => core.policies.browser.session_lifetime,
    })
}

async fn give_refresh_token(
    core: &Core,
    tx: &mut dyn Transaction,
    session: &Session,
    grant: &Grant<'_>,
    now: Timestamp,
) -> Result<Option<RefreshToken>, StoreError> {
    match (grant.form, grant.usage) {
        (TokenForm::AccessToken, Use::Many) => {
            let (refresh_token, digest) = core.new_refresh_token();
            tx.refresh_tokens()
                .insert(&refresh_token_of(core, session, digest, now))
                .await?;
            Ok(Some(refresh_token))
        }
        (TokenForm::AccessToken, Use::Once)
        | (TokenForm::Orion | TokenForm::Browser | TokenForm::Client | TokenForm::Code, _) => Ok(None),
    }
}

async fn note_refused_scope(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    grant: &Grant<'_>,
) -> Result<(), StoreError> {
    let entry = Entry::by_owner(EventKind::LoginRefused, user.id, grant.origin, &[("reason", "scope")]);
    audit::record(core, tx, entry).await
}

async fn note_login(
    core: &Core,
    tx: &mut dyn Transaction,
    opening: &Opening,
    user: &User,
    grant: &Grant<'_>,
) -> Result<(), StoreError> {
    let (session, proved, scopes) = match opening {
        Opening::Session(opened) => (Some(&opened.session), &opened.session.proved, &opened.session.scopes),
        Opening::Browser(login) => (Some(&login.session), &login.session.proved, &login.session.scopes),
        Opening::Code(_, proved, scopes) => (None, proved, scopes),
        Opening::Refused(_) | Opening::EnrolmentDue(_) => return Ok(()),
    };
    let (session_id, amr, scope) = (
        session.map(|session| session.id.to_string()),
        proved.amr().join(" "),
        scopes.to_string(),
    );
    let authenticator = session
        .and_then(|session| session.authenticator)
        .map(|id| id.to_string());
    let mut details = Vec::new();
    details.extend(session_id.as_deref().map(|id| ("session", id)));
    details.extend(grant.client.map(|terms| ("client", terms.client.id.as_str())));
    details.extend([
        ("amr", amr.as_str()),
        ("acr", proved.assurance().acr()),
        ("scope", scope.as_str()),
    ]);
    details.extend(authenticator.as_deref().map(|id| ("authenticator", id)));
    let entry = Entry::by_owner(EventKind::LoginSucceeded, user.id, grant.origin, &details);
    audit::record(core, tx, entry).await
}

/// What the session may do. Pages look after the account and nothing else.
fn scopes_for(grant: &Grant<'_>, role: Role) -> Scopes {
    let allowed = Scopes::of_role(role);
    match (grant.form, grant.client) {
        (TokenForm::AccessToken | TokenForm::Orion, _) => grant
            .scopes
            .map_or_else(|| allowed.clone(), |asked| asked.within(&allowed)),
        (TokenForm::Browser, _) => Scopes::of_role(Role::User),
        (TokenForm::Client | TokenForm::Code, Some(terms)) => {
            terms.request.scopes.within(&terms.client.scopes).within_rights_of(role)
        }
        (TokenForm::Client | TokenForm::Code, None) => Scopes::default(),
    }
}
