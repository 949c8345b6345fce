//! The one mint. Tokens come into being here, for a session that was opened for an [`Authentication`] or continued by the
//! rotation of its refresh token; there is no other way to an [`Opened`].

use domain::claims::{Claims, Use};
use domain::event::EventKind;
use domain::factor::Proved;
use domain::id::{SessionId, TokenId};
use domain::refresh_token::StoredRefreshToken;
use domain::scope::Scopes;
use domain::secret::RefreshToken;
use domain::session::{Origin, Session};
use domain::time::Timestamp;
use domain::user::User;

use crate::audit::{self, Entry};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::keys::ring::RingError;
use crate::ports::{AttemptKey, StoreError, Transaction};
use crate::sign_in::LoginError;
use crate::sign_in::proof::Authentication;

/// What a login asks the mint for.
pub(crate) struct Grant<'a> {
    pub client_id: &'a str,
    pub scopes: Option<&'a Scopes>,
    pub usage: Use,
    pub origin: &'a Origin,
}

/// What a successful login or refresh gives. The tokens are shown once.
pub struct IssuedTokens {
    /// The access token: a JWT (RFC 9068).
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: u64,
    /// The refresh token; none for a token that may be used once.
    pub refresh_token: Option<RefreshToken>,
    /// What the access token may be used for.
    pub scopes: Scopes,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct IssueError(#[from] RingError);

/// A session for which tokens may be minted now.
pub(crate) struct Opened {
    session: Session,
    username: String,
    usage: Use,
    refresh_token: Option<RefreshToken>,
    now: Timestamp,
}

impl Opened {
    /// The session's refresh token was rotated and the account looked at again, in the transaction that committed this.
    pub(super) fn continued(session: Session, user: &User, refresh_token: RefreshToken, now: Timestamp) -> Self {
        let username = user.username.as_str().to_owned();
        Self {
            session,
            username,
            usage: Use::Many,
            refresh_token: Some(refresh_token),
            now,
        }
    }
}

/// Opens a session, in one transaction with everything that must happen together: the authentication session is spent, the
/// account is still the one whose password was compared, the counters go back to nothing.
pub(crate) async fn open_session(
    core: &Core,
    authentication: Authentication,
    cleared: &[AttemptKey],
    grant: &Grant<'_>,
) -> Result<Opened, LoginError> {
    let now = core.now();
    let (refresh_token, digest) = core.new_refresh_token();
    let mut tx = core.ports.store.begin().await?;
    let user = tx.users().hold(authentication.user()).await?;
    let user = user
        .filter(|user| user.honours(authentication.epoch()))
        .ok_or(LoginError::Refused)?;
    let allowed = Scopes::of_role(user.role);
    let scopes = grant
        .scopes
        .map_or_else(|| allowed.clone(), |asked| asked.within(&allowed));
    for key in cleared {
        tx.attempts().clear(key).await?;
    }
    if scopes.is_empty() {
        // Every factor was proved, so there is no failure to remember: a caller who asks for too much must not be held.
        note_refused_scope(core, tx.as_mut(), &user, grant).await?;
        tx.commit().await?;
        return Err(LoginError::InvalidScope);
    }
    if let Some(digest) = authentication.pending() {
        let pending = tx.auth_sessions().redeem(digest, now).await?;
        if pending.is_none_or(|pending| pending.user != user.id || pending.epoch != authentication.epoch()) {
            return Err(LoginError::Refused);
        }
    }
    let session = Session {
        id: SessionId::from_random(core.random_id()),
        user: user.id,
        client_id: grant.client_id.to_owned(),
        scopes,
        epoch: user.epoch,
        proved: authentication.into_proved(),
        authenticator: None,
        opened_at: now,
        used_at: now,
        expires_at: now.after(match grant.usage {
            Use::Many => core.policies.lifetimes.session,
            // Nothing can come after its one token.
            Use::Once => core.policies.lifetimes.access_token,
        }),
        origin: grant.origin.clone(),
    };
    tx.sessions().insert(&session).await?;
    let refresh_token = match grant.usage {
        Use::Once => None,
        Use::Many => {
            tx.refresh_tokens()
                .insert(&refresh_token_of(core, &session, digest, now))
                .await?;
            Some(refresh_token)
        }
    };
    note_login(core, tx.as_mut(), &session, grant).await?;
    tx.commit().await?;
    Ok(Opened {
        username: user.username.as_str().to_owned(),
        session,
        usage: grant.usage,
        refresh_token,
        now,
    })
}

/// The row of a refresh token that is issued now.
pub(super) fn refresh_token_of(
    core: &Core,
    session: &Session,
    digest: domain::secret::Digest,
    now: Timestamp,
) -> StoredRefreshToken {
    let expires_at = core.policies.lifetimes.refresh_token_expiry(session, now);
    StoredRefreshToken {
        digest,
        session: session.id,
        issued_at: now,
        expires_at,
    }
}

async fn note_refused_scope(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    grant: &Grant<'_>,
) -> Result<(), StoreError> {
    let entry = Entry {
        kind: EventKind::LoginRefused,
        actor: Some(user.id),
        subject: Some(user.id),
        origin: grant.origin,
        details: &[("reason", "scope")],
    };
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
    let details = [
        ("session", session_id.as_str()),
        ("amr", amr.as_str()),
        ("scope", scope.as_str()),
    ];
    let entry = Entry {
        kind: EventKind::LoginSucceeded,
        actor: Some(session.user),
        subject: Some(session.user),
        origin: grant.origin,
        details: &details,
    };
    audit::record(core, tx, entry).await
}

/// Signs the access token of an opened session.
pub(crate) fn mint(core: &Core, ring: &KeyRing, opened: Opened) -> Result<IssuedTokens, IssueError> {
    let Opened {
        session,
        username,
        usage,
        refresh_token,
        now,
    } = opened;
    let policies = &core.policies;
    // A NumericDate counts whole seconds: rounded down, so that a token is never valid before it was issued plus nothing.
    let issued_at = Timestamp::from_seconds(now.seconds());
    let expires_at = Timestamp::from_seconds(policies.lifetimes.access_token_expiry(&session, now).seconds());
    let proved = Proved::new(
        session.proved.factors().to_vec(),
        Timestamp::from_seconds(session.proved.at().seconds()),
    );
    let claims = Claims {
        issuer: policies.expectation.issuer.clone(),
        subject: session.user,
        audience: policies.expectation.audience.clone(),
        client_id: session.client_id,
        scopes: session.scopes.clone(),
        token: TokenId::from_random(core.random_id()),
        session: session.id,
        proved,
        username,
        epoch: session.epoch,
        usage,
        issued_at,
        not_before: issued_at,
        expires_at,
    };
    let access_token = ring.sign(&claims)?;
    Ok(IssuedTokens {
        access_token,
        expires_in: expires_at.since(issued_at).as_secs(),
        refresh_token,
        scopes: session.scopes,
    })
}
