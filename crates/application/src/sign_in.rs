//! Logging in: a password and a second factor, in one call or in two.
//!
//! The steps, to which the code refers by number:
//!
//! 1. Charge the password's budget and commit. 2. Compare the password; an unknown, disabled or held account costs the same
//!    work. 3. Without a second factor in the request: open an authentication session, and stop.
//! 4. Charge the second factor's budget and commit. 5. Compare the second factor. 6. In one transaction: see that the account
//!    is still what it was in step 1 and its policy admits what was proved, clear the budgets, spend the code and the
//!    authentication session if there are any, open the session. 7. Mint the tokens.
//!
//! Everything that goes wrong ends in the one refusal.

mod account;
mod enrolment;
pub(crate) mod factors;
mod gate;
mod orion;
mod password;
pub(crate) mod pending;
pub mod proof;
mod second_factor;
pub(crate) mod settling;
pub(crate) mod spending;

use std::sync::Arc;
use std::time::Duration;

use domain::authenticator::{OtpRule, SentCode};
use domain::authorization::ClientRequest;
use domain::browser::PAGES_CLIENT;
use domain::claims::Use;
use domain::client::{Client, ClientId};
use domain::email::Email;
use domain::event::EventKind;
use domain::factor::FactorType;
use domain::id::{AuthenticatorId, UserId};
use domain::lockout::Budget;
use domain::recovery_code::RecoveryCode;
use domain::scope::Scopes;
use domain::secret::{AuthSessionHandle, AuthorizationCode, BrowserHandle, Password, SecretKey};
use domain::session::{AuthSession, Origin, Session};
use domain::user::User;
use domain::username::Username;

pub(crate) use self::account::{Account, attempts_of};
pub use self::enrolment::{EnrolmentConfirmation, EnrolmentShowError};
pub(crate) use self::gate::Gate;
pub use self::orion::OrionEnrolError;
use self::spending::Codes;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{AttemptKey, HasherBusy, StoreError};
use crate::revocation_feed::RevocationFeed;
use crate::tokens::issue::{self, Grant, IssueError, IssuedTokens, Opening, TokenForm};

/// A second factor as it was sent. Its form was checked before; a text that cannot be one is bad input and no guess.
pub enum SecondFactor {
    /// The secret key.
    SecretKey(SecretKey),
    /// A code of an authenticator.
    OneTimeCode {
        /// The code.
        sent: SentCode,
        /// Of which authenticator; without it every active one of the account is tried, and one guess charged.
        authenticator: Option<AuthenticatorId>,
    },
    /// A recovery code.
    RecoveryCode(RecoveryCode),
}

impl SecondFactor {
    /// Whether a guess at it cannot be right.
    const fn is_unguessable(&self) -> bool {
        match self {
            Self::SecretKey(_) => FactorType::SecretKey.is_unguessable(),
            Self::RecoveryCode(_) => FactorType::RecoveryCode.is_unguessable(),
            Self::OneTimeCode { .. } => FactorType::Totp.is_unguessable(),
        }
    }
}

/// A client that asks for a login by itself, without a browser.
#[derive(Clone)]
pub struct ClientTerms {
    /// The client, as it was authenticated.
    pub client: Arc<Client>,
    /// What it asks for. A login that goes on does so with what it began with.
    pub request: ClientRequest,
}

/// What a caller wants of the login, and where the call comes from.
#[derive(Clone)]
pub struct LoginTerms {
    /// The scopes asked for; `None` for all that the account may have.
    pub scopes: Option<Scopes>,
    /// Whether the token may be used once only.
    pub usage: Use,
    /// The form of the token. With [`TokenForm::Orion`] a login that awaits its second factor is found by its account and not
    /// by a handle.
    pub form: TokenForm,
    /// The client that asks for it, and for what: with [`TokenForm::Client`] and [`TokenForm::Code`].
    pub client: Option<ClientTerms>,
    /// Which one-time codes are accepted, if not those of the service.
    pub otp: Option<OtpRule>,
    /// Where the call comes from.
    pub origin: Origin,
    /// The network that guesses are charged to besides the account: the address, or the /64 of an IPv6 address.
    pub network: String,
}

impl LoginTerms {
    /// Which client asks.
    pub(crate) fn client_id(&self) -> Option<&ClientId> {
        self.client.as_ref().map(|terms| &terms.client.id)
    }

    /// The same for a login that goes on: with what its client asked for when it began. `None` if it began for another client.
    pub(crate) fn resumed(&self, pending: &AuthSession) -> Option<Self> {
        if pending.request.as_ref().map(|request| &request.client) != self.client_id() {
            return None;
        }
        let mut terms = self.clone();
        if let (Some(client), Some(request)) = (&mut terms.client, &pending.request) {
            client.request = request.clone();
        }
        Some(terms)
    }
}

/// A browser that has logged in.
pub struct BrowserLogin {
    /// What its cookie holds. Shown once.
    pub handle: BrowserHandle,
    /// Its session.
    pub session: Session,
    /// The account.
    pub user: User,
    /// The recovery codes that come with a first authenticator, if this login confirmed it. Shown once.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// How a login goes on.
pub enum LoginOutcome {
    /// Every factor was proved.
    Granted(Box<IssuedTokens>),
    /// Every factor was proved, with [`TokenForm::Browser`].
    Browser(Box<BrowserLogin>),
    /// Every factor was proved, with [`TokenForm::Code`].
    Code(AuthorizationCode),
    /// The password was proved, and nothing else was sent.
    SecondFactorNeeded {
        /// The account.
        user: UserId,
        /// What to send back with the second factor; `None` at the Orion profile.
        auth_session: Option<AuthSessionHandle>,
        /// How long it lives.
        lifetime: Duration,
        /// The factor types that may complete the login, of those that the account has.
        factors: Vec<FactorType>,
    },
    /// What the account has was proved, and it must enrol an authenticator before it gets tokens.
    EnrolmentNeeded {
        /// The account.
        user: UserId,
        /// What to enrol with; `None` at the Orion profile.
        auth_session: Option<AuthSessionHandle>,
        /// How long it lives.
        lifetime: Duration,
    },
}

/// Why a login did not go on.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Something was wrong; nobody is told what (invariant 4).
    #[error("the login was refused")]
    Refused,
    /// None of the scopes asked for may be had. Said only after every factor was proved.
    #[error("none of the requested scopes is available to this account")]
    InvalidScope,
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tokens could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// Logs in.
pub struct SignIn {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
    feed: Arc<RevocationFeed>,
    gate: Arc<Gate>,
}

impl SignIn {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, feed: Arc<RevocationFeed>, gate: Arc<Gate>) -> Self {
        Self { core, ring, feed, gate }
    }

    /// Steps 6 and 7. `charged` was charged for the second factor, and `others` are counters to set back besides.
    async fn grant(
        &self,
        authentication: proof::Authentication,
        charged: Option<&AttemptKey>,
        others: &[AttemptKey],
        terms: &LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        let grant = Grant {
            client_id: match terms.form {
                TokenForm::AccessToken => &self.core.policies.client_id,
                TokenForm::Orion => ORION_CLIENT,
                TokenForm::Browser => PAGES_CLIENT,
                TokenForm::Client | TokenForm::Code => terms.client_id().map_or("", ClientId::as_str),
            },
            client: terms.client.as_ref(),
            scopes: terms.scopes.as_ref(),
            usage: terms.usage,
            form: terms.form,
            codes: match terms.form {
                TokenForm::AccessToken | TokenForm::Browser => Codes::Shown,
                // Its answers have no room for them.
                TokenForm::Orion | TokenForm::Client | TokenForm::Code => Codes::NotShown,
            },
            origin: &terms.origin,
        };
        let user = authentication.user();
        let confirms = authentication.confirms();
        let mut others = others.to_vec();
        if authentication.has_password() {
            // Both factors were proved: what a thief did with a token must not keep the owner from changing them now.
            let with_token = [Budget::PasswordWithToken, Budget::SecondFactorWithToken];
            others.extend(with_token.map(|budget| attempts_of(user, budget)));
        }
        match issue::open_session(&self.core, authentication, charged, &others, &grant).await {
            Ok(Opening::Browser(login)) => {
                if confirms {
                    self.feed.catch_up().await;
                }
                Ok(LoginOutcome::Browser(login))
            }
            Ok(Opening::Code(code, ..)) => Ok(LoginOutcome::Code(code)),
            Ok(Opening::Session(opened)) => {
                if confirms {
                    // Sessions of an authenticator that gave way may have ended.
                    self.feed.catch_up().await;
                }
                let issued = issue::mint(&self.core, &self.ring, *opened)?;
                Ok(LoginOutcome::Granted(Box::new(issued)))
            }
            Ok(Opening::EnrolmentDue(auth_session)) => Ok(LoginOutcome::EnrolmentNeeded {
                user,
                auth_session,
                lifetime: terms.form.auth_session_lifetime(&self.core.policies.lifetimes),
            }),
            // Something changed, or what is good once was spent, between the comparison and the grant; or what was proved is not
            // enough for this account.
            Ok(Opening::Refused(reason)) => Err(self.refuse(Some(user), terms, reason).await),
            Err(error) => Err(error),
        }
    }

    /// Writes down a refusal and returns it. The same is written for an unknown name as for a known one, but for the account.
    async fn refuse(&self, account: Option<UserId>, terms: &LoginTerms, reason: &'static str) -> LoginError {
        let details = [("reason", reason)];
        let entry = Entry {
            kind: EventKind::LoginRefused,
            actor: None,
            subject: account,
            origin: &terms.origin,
            details: &details,
        };
        match audit::record_alone(&self.core, entry).await {
            Ok(()) => LoginError::Refused,
            Err(error) => LoginError::Store(error),
        }
    }
}

/// The `client_id` of sessions that were opened at the Orion profile.
pub(crate) const ORION_CLIENT: &str = "orion";

/// What an account is called by in a login.
pub enum LoginName {
    /// Its user name.
    Username(Username),
    /// Its e-mail address.
    Email(Email),
}

/// A login with a name and a password, and perhaps the second factor.
pub struct PasswordLogin {
    /// The name.
    pub name: LoginName,
    /// The password.
    pub password: Password,
    /// The second factor, when everything is sent in one call.
    pub second: Option<SecondFactor>,
    /// What is wanted.
    pub terms: LoginTerms,
}

/// A login that goes on.
pub struct ContinuedLogin {
    /// What the first call answered.
    pub auth_session: AuthSessionHandle,
    /// The second factor.
    pub second: SecondFactor,
    /// What is wanted.
    pub terms: LoginTerms,
}
