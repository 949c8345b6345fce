//! The one mint. Tokens come into being here, for a session that was opened for an
//! [`Authentication`](crate::sign_in::proof::Authentication), continued by the rotation of its refresh token or by a further
//! proof, or looked at again for a new token of the Orion profile; there is no other way to an `Opened`.

mod session;

use std::time::Duration;

use domain::claims::{Claims, Use};
use domain::email::Email;
use domain::factor::Proved;
use domain::id::TokenId;
use domain::orion::{self, ORION_LOGIN_WINDOW, OrionClaims};
use domain::recovery_code::RecoveryCode;
use domain::refresh_token::StoredRefreshToken;
use domain::scope::{Scope, Scopes};
use domain::secret::{Digest, RefreshToken};
use domain::session::{Lifetimes, Origin, Session};
use domain::time::Timestamp;
use domain::user::{Role, User};

pub(crate) use self::session::{Opening, open_session};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::keys::ring::RingError;
use crate::sign_in::spending::Codes;

/// The form of the token that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenForm {
    /// An access token (RFC 9068), with a refresh token where one is possible.
    AccessToken,
    /// The token of the Orion profile, which lives for five minutes and has no refresh token.
    Orion,
}

impl TokenForm {
    /// How long a login that is not complete may take.
    pub(crate) fn auth_session_lifetime(self, lifetimes: &Lifetimes) -> Duration {
        match self {
            Self::AccessToken => lifetimes.auth_session,
            Self::Orion => lifetimes.auth_session.min(ORION_LOGIN_WINDOW),
        }
    }
}

/// What a login asks the mint for.
pub(crate) struct Grant<'a> {
    pub client_id: &'a str,
    pub scopes: Option<&'a Scopes>,
    pub usage: Use,
    pub form: TokenForm,
    pub codes: Codes,
    pub origin: &'a Origin,
}

/// What a successful login or refresh gives. The tokens are shown once.
pub struct IssuedTokens {
    /// The access token: a JWT (RFC 9068, or that of the Orion profile).
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: u64,
    /// The refresh token; none for a token that may be used once.
    pub refresh_token: Option<RefreshToken>,
    /// What the access token may be used for.
    pub scopes: Scopes,
    /// The account.
    pub user: User,
    /// The recovery codes that come with a first authenticator, if this login confirmed it. Shown once.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct IssueError(#[from] RingError);

/// A session for which tokens may be minted now.
pub(crate) struct Opened {
    session: Session,
    user: User,
    usage: Use,
    form: TokenForm,
    refresh_token: Option<RefreshToken>,
    recovery_codes: Vec<RecoveryCode>,
    now: Timestamp,
}

impl Opened {
    /// The session's refresh token was rotated, or a factor was proved again, and the account looked at again, in the
    /// transaction that committed this.
    pub(super) fn continued(
        session: Session,
        user: User,
        usage: Use,
        refresh_token: Option<RefreshToken>,
        now: Timestamp,
    ) -> Self {
        Self {
            session,
            user,
            usage,
            form: TokenForm::AccessToken,
            refresh_token,
            recovery_codes: Vec::new(),
            now,
        }
    }

    /// The session of a token of the Orion profile was looked at again, because the account's address in it changed.
    pub(super) fn renewed(session: Session, user: User, now: Timestamp) -> Self {
        Self {
            form: TokenForm::Orion,
            ..Self::continued(session, user, Use::Many, None, now)
        }
    }
}

/// The row of a refresh token that is issued now.
pub(super) fn refresh_token_of(core: &Core, session: &Session, digest: Digest, now: Timestamp) -> StoredRefreshToken {
    let expires_at = core.policies.lifetimes.refresh_token_expiry(session, now);
    StoredRefreshToken {
        digest,
        session: session.id,
        issued_at: now,
        expires_at,
    }
}

/// Signs the token of an opened session.
pub(crate) fn mint(core: &Core, ring: &KeyRing, opened: Opened) -> Result<IssuedTokens, IssueError> {
    let Opened {
        session,
        user,
        usage,
        form,
        refresh_token,
        recovery_codes,
        now,
    } = opened;
    // A NumericDate counts whole seconds: rounded down, so that a token is never valid before it was issued plus nothing.
    let issued_at = Timestamp::from_seconds(now.seconds());
    let expires_at = match form {
        TokenForm::AccessToken => core.policies.lifetimes.access_token_expiry(&session, now),
        TokenForm::Orion => now.after(orion::ORION_TOKEN_LIFETIME).min(session.expires_at),
    };
    let times = (issued_at, Timestamp::from_seconds(expires_at.seconds()));
    let scopes = session.scopes.clone();
    let access_token = match form {
        TokenForm::AccessToken => ring.sign(&claims(core, session, &user, usage, times))?,
        TokenForm::Orion => ring.sign_orion(&orion_claims(core, &session, &user, times))?,
    };
    Ok(IssuedTokens {
        access_token,
        expires_in: times.1.since(times.0).as_secs(),
        refresh_token,
        scopes,
        user,
        recovery_codes,
    })
}

/// What was proved, to the second.
fn to_the_second(proved: &Proved) -> Proved {
    Proved::new(
        proved.factors().to_vec(),
        Timestamp::from_seconds(proved.at().seconds()),
    )
}

fn claims(
    core: &Core,
    session: Session,
    user: &User,
    usage: Use,
    (issued_at, expires_at): (Timestamp, Timestamp),
) -> Claims {
    let expectation = &core.policies.expectation;
    Claims {
        issuer: expectation.issuer.clone(),
        subject: session.user,
        audience: vec![expectation.audience.clone()],
        client_id: session.client_id,
        actor: None,
        scopes: session.scopes,
        token: TokenId::from_random(core.random_id()),
        session: session.id,
        proved: to_the_second(&session.proved),
        username: user.username.as_str().to_owned(),
        epoch: session.epoch,
        usage,
        issued_at,
        not_before: issued_at,
        expires_at,
    }
}

fn orion_claims(
    core: &Core,
    session: &Session,
    user: &User,
    (issued_at, expires_at): (Timestamp, Timestamp),
) -> OrionClaims {
    let issuer = core.policies.orion.as_ref().map(|policy| policy.issuer.clone());
    // Those of what the session may do, which can be less than the account may.
    let role = if session.scopes.contains(&Scope::Admin) {
        Role::Admin
    } else {
        Role::User
    };
    let email = user.email.as_ref().map_or(user.username.as_str(), Email::as_str);
    OrionClaims {
        issuer: issuer.unwrap_or_default(),
        subject: user.id,
        email: email.to_owned(),
        groups: orion::groups(role).to_vec(),
        token: TokenId::from_random(core.random_id()),
        issued_at,
        expires_at,
        session: session.id,
        proved: to_the_second(&session.proved),
    }
}
