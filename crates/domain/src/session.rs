//! Sessions and authentication sessions: a login that is complete, and one that is not.

use std::time::Duration;

use crate::authorization::{ClientRequest, RequestedClaims};
use crate::factor::Proved;
use crate::id::{AuthenticatorId, SessionId, UserId};
use crate::scope::Scopes;
use crate::secret::Digest;
use crate::time::Timestamp;
use crate::user::Epoch;

/// Where a request came from, as far as it helps an owner to recognise a session and an auditor to follow a trail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The network address.
    pub address: Option<String>,
    /// The `User-Agent`, cut to 256 characters.
    pub user_agent: Option<String>,
    /// The request's identifier in the logs.
    pub request_id: Option<String>,
}

/// One completed login with everything that is issued from it: the family of its refresh tokens, the `sid` of its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its identity.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The client application that it was opened for.
    pub client_id: String,
    /// What its tokens may be used for.
    pub scopes: Scopes,
    /// What was proved to open it, or since.
    pub proved: Proved,
    /// The authenticator that proved the one-time code, if one was proved: without it the session does not go on.
    pub authenticator: Option<AuthenticatorId>,
    /// The account's epoch at that time.
    pub epoch: Epoch,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it last issued a token.
    pub used_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Where it was opened from.
    pub origin: Origin,
    /// The browser's session that it came from, and with which it ends.
    pub parent: Option<SessionId>,
    /// The resources that its tokens are for; empty for this service itself.
    pub audience: Vec<String>,
    /// Who acts for the account (RFC 8693 section 4.1): the client that exchanged a token for this session.
    pub actor: Option<String>,
    /// Claims that were asked for by name.
    pub claims: RequestedClaims,
}

/// How long things live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Access tokens.
    pub access_token: Duration,
    /// A refresh token that is not used.
    pub refresh_token_idle: Duration,
    /// A session, however much it is used (NIST SP 800-63B-4 section 2.2.3).
    pub session: Duration,
    /// An authentication session.
    pub auth_session: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access_token: Duration::from_mins(10),
            refresh_token_idle: Duration::from_hours(24),
            session: Duration::from_hours(30 * 24),
            auth_session: Duration::from_mins(10),
        }
    }
}

impl Lifetimes {
    /// When a refresh token issued at `now` expires: idle time, but never beyond the session.
    pub fn refresh_token_expiry(&self, session: &Session, now: Timestamp) -> Timestamp {
        now.after(self.refresh_token_idle).min(session.expires_at)
    }

    /// When an access token issued at `now` expires; never beyond the session.
    pub fn access_token_expiry(&self, session: &Session, now: Timestamp) -> Timestamp {
        now.after(self.access_token).min(session.expires_at)
    }
}

/// What an authentication session may be completed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthPurpose {
    /// A second factor that the account has.
    Login,
    /// The confirmation of a new authenticator: the account has none yet, or must have a new one.
    Enrolment,
}

impl AuthPurpose {
    /// The name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Enrolment => "enrolment",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Login, Self::Enrolment]
            .into_iter()
            .find(|purpose| purpose.name() == name)
    }
}

/// A login that has proved some factors and not yet all. It is looked up by the digest of its handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthSession {
    /// The account that it is bound to.
    pub user: UserId,
    /// The account's epoch when the password was proved: a changed password voids it.
    pub epoch: Epoch,
    /// What it may be completed with.
    pub purpose: AuthPurpose,
    /// What was proved, and when: the password at least.
    pub proved: Proved,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What a client asked for when it began this login. Only a login of the same client goes on from it; without a client,
    /// only one without.
    pub request: Option<ClientRequest>,
}

/// An authentication session with the digest it is stored under.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredAuthSession {
    /// The keyed digest of the handle.
    pub digest: Digest,
    /// The login.
    pub auth_session: AuthSession,
}
