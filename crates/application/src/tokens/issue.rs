//! The one mint. Tokens come into being here, for a session that was opened for an
//! [`Authentication`](crate::sign_in::proof::Authentication), continued by the rotation of its refresh token or by a further
//! proof, or looked at again for a new token of the Orion profile; there is no other way to an `Opened`.

pub(crate) mod client;
pub mod for_client;
mod session;

use std::time::Duration;

use domain::claims::{Claims, Use};
use domain::client::ClientId;
use domain::email::Email;
use domain::factor::Proved;
use domain::id::{SessionId, TokenId};
use domain::id_token::{IdTokenClaims, half_hash};
use domain::orion::{self, ORION_LOGIN_WINDOW, OrionClaims};
use domain::recovery_code::RecoveryCode;
use domain::refresh_token::StoredRefreshToken;
use domain::scope::{Scope, Scopes};
use domain::secret::{Digest, OpaqueToken, RefreshToken};
use domain::session::{Lifetimes, Origin, Session};
use domain::time::Timestamp;
use domain::user::{Role, User};

pub(crate) use self::session::{Opening, open_session};
use super::person;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::keys::ring::RingError;
use crate::sign_in::ClientTerms;
use crate::sign_in::spending::Codes;

/// The form of the token that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenForm {
    /// An access token (RFC 9068), with a refresh token where one is possible.
    AccessToken,
    /// The token of the Orion profile, which lives for five minutes and has no refresh token.
    Orion,
    /// No token: a cookie for the pages of this service.
    Browser,
    /// The tokens of a client, by what it asked for.
    Client,
    /// No token yet: an authorization code for a client (draft-ietf-oauth-first-party-apps).
    Code,
}

impl TokenForm {
    /// How long a login that is not complete may take.
    pub(crate) fn auth_session_lifetime(self, lifetimes: &Lifetimes) -> Duration {
        match self {
            Self::AccessToken | Self::Browser | Self::Client | Self::Code => lifetimes.auth_session,
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
    pub client: Option<&'a ClientTerms>,
    pub codes: Codes,
    pub origin: &'a Origin,
}

/// What a successful login or refresh gives. The tokens are shown once.
pub struct IssuedTokens {
    /// The access token: a JWT (RFC 9068, or that of the Orion profile), or a reference where a client's are.
    pub access_token: String,
    /// The ID token (OpenID Connect Core section 2), where a client asked for `openid`.
    pub id_token: Option<String>,
    /// The session that they belong to.
    pub session: SessionId,
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

/// What is minted for a session.
pub(crate) struct Terms {
    form: SignedForm,
    usage: Use,
    access_token_lifetime: Duration,
    id_token: Option<IdTokenTerms>,
    opaque: Option<OpaqueToken>,
}

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SignedForm {
    AccessToken,
    Orion,
}

/// An ID token that comes along.
pub(crate) struct IdTokenTerms {
    client: ClientId,
    lifetime: Duration,
    nonce: Option<String>,
}

impl Terms {
    /// Those of the service's own tokens.
    pub fn own(core: &Core) -> Self {
        Self {
            form: SignedForm::AccessToken,
            usage: Use::Many,
            access_token_lifetime: core.policies.lifetimes.access_token,
            id_token: None,
            opaque: None,
        }
    }

    /// Those of the service's own tokens, for so many uses.
    pub fn for_use(core: &Core, usage: Use) -> Self {
        Self {
            usage,
            ..Self::own(core)
        }
    }

    fn orion(core: &Core) -> Self {
        Self {
            form: SignedForm::Orion,
            access_token_lifetime: orion::ORION_TOKEN_LIFETIME,
            ..Self::own(core)
        }
    }

    /// The same with an opaque access token.
    #[must_use]
    pub fn with_opaque(self, opaque: Option<OpaqueToken>) -> Self {
        Self { opaque, ..self }
    }

    /// When an access token that is issued now expires; never beyond the session.
    pub fn access_token_expiry(&self, session: &Session, now: Timestamp) -> Timestamp {
        now.after(self.access_token_lifetime).min(session.expires_at)
    }
}

/// A session for which tokens may be minted now.
pub(crate) struct Opened {
    session: Session,
    user: User,
    terms: Terms,
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
        terms: Terms,
        refresh_token: Option<RefreshToken>,
        now: Timestamp,
    ) -> Self {
        Self {
            session,
            user,
            terms,
            refresh_token,
            recovery_codes: Vec::new(),
            now,
        }
    }

    /// The session of a token of the Orion profile was looked at again, because the account's address in it changed.
    pub(super) fn renewed(core: &Core, session: Session, user: User, now: Timestamp) -> Self {
        Self::continued(session, user, Terms::orion(core), None, now)
    }

    /// The same with recovery codes that its login brought.
    #[must_use]
    fn with_recovery_codes(self, recovery_codes: Vec<RecoveryCode>) -> Self {
        Self { recovery_codes, ..self }
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

/// Signs the tokens of an opened session.
pub(crate) fn mint(core: &Core, ring: &KeyRing, opened: Opened) -> Result<IssuedTokens, IssueError> {
    let Opened {
        session,
        user,
        terms,
        refresh_token,
        recovery_codes,
        now,
    } = opened;
    // A NumericDate counts whole seconds: rounded down, so that a token is never valid before it was issued plus nothing.
    let issued_at = Timestamp::from_seconds(now.seconds());
    let expires_at = terms.access_token_expiry(&session, now);
    let times = (issued_at, Timestamp::from_seconds(expires_at.seconds()));
    let access_token = match (&terms.opaque, terms.form) {
        (Some(opaque), _) => opaque.expose().to_owned(),
        (None, SignedForm::AccessToken) => ring.sign(&claims(core, &session, &user, terms.usage, times))?,
        (None, SignedForm::Orion) => ring.sign_orion(&orion_claims(core, &session, &user, times))?,
    };
    let id_token = match terms.id_token {
        None => None,
        Some(id_token) => {
            let claims = id_token_claims(core, &session, &user, id_token, &access_token, issued_at);
            Some(ring.sign_id_token(&claims)?)
        }
    };
    Ok(IssuedTokens {
        access_token,
        id_token,
        session: session.id,
        expires_in: times.1.since(times.0).as_secs(),
        refresh_token,
        scopes: session.scopes,
        user,
        recovery_codes,
    })
}

/// The resources that the tokens of a session are for.
pub(crate) fn audience_of(core: &Core, session: &Session) -> Vec<String> {
    if session.audience.is_empty() {
        vec![core.policies.expectation.audience.clone()]
    } else {
        session.audience.clone()
    }
}

/// What was proved, to the second.
fn to_the_second(proved: &Proved) -> Proved {
    Proved::new(
        proved.factors().to_vec(),
        Timestamp::from_seconds(proved.at().seconds()),
    )
}

/// The claims of an access token of a session, issued and ending at these instants.
pub(crate) fn claims(
    core: &Core,
    session: &Session,
    user: &User,
    usage: Use,
    (issued_at, expires_at): (Timestamp, Timestamp),
) -> Claims {
    Claims {
        issuer: core.policies.expectation.issuer.clone(),
        subject: session.user,
        audience: audience_of(core, session),
        client_id: session.client_id.clone(),
        actor: session.actor.clone(),
        scopes: session.scopes.clone(),
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

fn id_token_claims(
    core: &Core,
    session: &Session,
    user: &User,
    terms: IdTokenTerms,
    access_token: &str,
    issued_at: Timestamp,
) -> IdTokenClaims {
    IdTokenClaims {
        issuer: core.policies.expectation.issuer.clone(),
        subject: session.user,
        client: terms.client,
        session: session.id,
        proved: to_the_second(&session.proved),
        nonce: terms.nonce,
        access_token_hash: Some(half_hash(access_token)),
        code_hash: None,
        // In the code flow, what scopes ask for is told at the UserInfo endpoint (OpenID Connect Core section 5.4).
        person: person::claims_of(user, None, &session.claims.id_token),
        issued_at,
        expires_at: issued_at.after(terms.lifetime),
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
