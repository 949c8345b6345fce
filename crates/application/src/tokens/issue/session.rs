//! Opening a session for an [`Authentication`], in one transaction with everything that must happen together.

use domain::authorization::RequestedClaims;
use domain::claims::Use;
use domain::event::EventKind;
use domain::id::SessionId;
use domain::orion::ORION_TOKEN_LIFETIME;
use domain::scope::Scopes;
use domain::secret::{AuthSessionHandle, RefreshToken};
use domain::session::{AuthPurpose, AuthSession, Session};
use domain::time::Timestamp;
use domain::user::{Enrolment, User};

use super::{Grant, Opened, TokenForm, refresh_token_of};
use crate::accounts::sessions::{end_proved_by, void_sessions};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{AttemptKey, StoreError, Transaction};
use crate::sign_in::LoginError;
use crate::sign_in::factors::policy_of;
use crate::sign_in::pending;
use crate::sign_in::proof::Authentication;
use crate::sign_in::settling::settle;
use crate::sign_in::spending::{self, Spent};

/// What an authentication came to.
pub(crate) enum Opening {
    /// A session.
    Session(Box<Opened>),
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
    let allowed = Scopes::of_role(authentication.rights_of(user.role));
    let scopes = grant
        .scopes
        .map_or_else(|| allowed.clone(), |asked| asked.within(&allowed));
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
            request: None,
        };
        let handle = pending::open(core, tx.as_mut(), opened, grant.form, grant.origin).await?;
        tx.commit().await?;
        return Ok(Opening::EnrolmentDue(handle));
    }
    let ended = end_proved_by(tx.as_mut(), user.id, &spent.removed, now).await?;
    let session = Session {
        id: SessionId::from_random(core.random_id()),
        user: user.id,
        client_id: grant.client_id.to_owned(),
        scopes,
        epoch: user.epoch,
        proved,
        authenticator,
        opened_at: now,
        used_at: now,
        expires_at: end_of_session(core, grant, now),
        origin: grant.origin.clone(),
        parent: None,
        audience: Vec::new(),
        actor: None,
        claims: RequestedClaims::default(),
    };
    tx.sessions().insert(&session).await?;
    let refresh_token = give_refresh_token(core, tx.as_mut(), &session, grant, now).await?;
    void_sessions(core, tx.as_mut(), &ended).await?;
    spending::note(core, tx.as_mut(), &user, &spent, grant.origin).await?;
    note_login(core, tx.as_mut(), &session, grant).await?;
    tx.commit().await?;
    let Spent { codes, .. } = spent;
    Ok(Opening::Session(Box::new(Opened {
        user: User {
            enrolment: Enrolment::Done,
            ..user
        },
        session,
        usage: grant.usage,
        form: grant.form,
        refresh_token,
        recovery_codes: codes,
        now,
    })))
}

fn end_of_session(core: &Core, grant: &Grant<'_>, now: Timestamp) -> Timestamp {
    now.after(match (grant.form, grant.usage) {
        (TokenForm::AccessToken, Use::Many) => core.policies.lifetimes.session,
        // Nothing can come after its one token.
        (TokenForm::AccessToken, Use::Once) => core.policies.lifetimes.access_token,
        (TokenForm::Orion, Use::Many | Use::Once) => ORION_TOKEN_LIFETIME,
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
        (TokenForm::AccessToken, Use::Once) | (TokenForm::Orion, _) => Ok(None),
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
    session: &Session,
    grant: &Grant<'_>,
) -> Result<(), StoreError> {
    let (session_id, amr, scope) = (
        session.id.to_string(),
        session.proved.amr().join(" "),
        session.scopes.to_string(),
    );
    let authenticator = session.authenticator.map(|id| id.to_string());
    let mut details = vec![
        ("session", session_id.as_str()),
        ("amr", amr.as_str()),
        ("acr", session.proved.assurance().acr()),
        ("scope", scope.as_str()),
    ];
    details.extend(authenticator.as_deref().map(|id| ("authenticator", id)));
    let entry = Entry::by_owner(EventKind::LoginSucceeded, session.user, grant.origin, &details);
    audit::record(core, tx, entry).await
}
