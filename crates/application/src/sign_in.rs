//! Logging in: a password and a second factor, in one call or in two.
//!
//! The steps, to which the code refers by number:
//!
//! 1. Charge the password's budget and commit. 2. Compare the password; an unknown, disabled or held account costs the same
//!    work. 3. Without a second factor in the request: open an authentication session, and stop.
//! 4. Charge the second factor's budget and commit. 5. Compare the second factor. 6. In one transaction: spend the
//!    authentication session if there is one, see that the account is still what it was in step 1, clear the budgets, open the
//!    session. 7. Mint the tokens.
//!
//! Everything that goes wrong ends in the one refusal.

mod account;
mod gate;
mod password;
pub mod proof;
mod second_factor;

use std::sync::Arc;
use std::time::Duration;

use domain::event::EventKind;
use domain::factor::FactorType;
use domain::id::UserId;
use domain::lockout::Budget;
use domain::scope::Scopes;
use domain::secret::{AuthSessionHandle, Password, SecretKey};
use domain::session::Origin;
use domain::username::Username;

pub(crate) use self::account::{Account, attempts_of};
pub(crate) use self::gate::Gate;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{AttemptKey, HasherBusy, StoreError};
use crate::tokens::issue::{self, Grant, IssueError, IssuedTokens};

/// A second factor as it was sent. Its form was checked before; a text that cannot be one is bad input and no guess.
pub enum SecondFactor {
    /// The secret key.
    SecretKey(SecretKey),
}

/// What a caller wants of the login, and where the call comes from.
pub struct LoginTerms {
    /// The scopes asked for; `None` for all that the account may have.
    pub scopes: Option<Scopes>,
    /// Whether the token may be used once only.
    pub usage: domain::claims::Use,
    /// Where the call comes from.
    pub origin: Origin,
    /// The network that guesses are charged to besides the account: the address, or the /64 of an IPv6 address.
    pub network: String,
}

/// How a login goes on.
pub enum LoginOutcome {
    /// Every factor was proved.
    Granted(IssuedTokens),
    /// The password was proved, and nothing else was sent.
    SecondFactorNeeded {
        /// What to send back with the second factor.
        auth_session: AuthSessionHandle,
        /// How long it lives.
        lifetime: Duration,
        /// The factor types that may complete the login.
        factors: Vec<FactorType>,
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
    gate: Arc<Gate>,
}

impl SignIn {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>, gate: Arc<Gate>) -> Self {
        Self { core, ring, gate }
    }

    /// Steps 6 and 7.
    async fn grant(
        &self,
        authentication: proof::Authentication,
        cleared: &[AttemptKey],
        terms: &LoginTerms,
    ) -> Result<LoginOutcome, LoginError> {
        let grant = Grant {
            client_id: &self.core.policies.client_id,
            scopes: terms.scopes.as_ref(),
            usage: terms.usage,
            origin: &terms.origin,
        };
        let user = authentication.user();
        // Both factors were proved: what a thief did with a token must not keep the owner from changing them now.
        let with_token = [Budget::PasswordWithToken, Budget::SecondFactorWithToken];
        let with_token = with_token.map(|budget| attempts_of(user, budget));
        let cleared = [cleared, with_token.as_slice()].concat();
        match issue::open_session(&self.core, authentication, &cleared, &grant).await {
            Ok(opened) => Ok(LoginOutcome::Granted(issue::mint(&self.core, &self.ring, opened)?)),
            // The account changed, or the authentication session was spent, between the comparison and the grant.
            Err(LoginError::Refused) => Err(self.refuse(Some(user), terms, "lost_race").await),
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

/// A login with a user name and a password, and perhaps the second factor.
pub struct PasswordLogin {
    /// The user name.
    pub username: Username,
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
