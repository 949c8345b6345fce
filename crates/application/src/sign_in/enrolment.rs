//! Enrolling an authenticator within a login: for accounts that have no second factor yet, and for those that must have a new
//! one. It takes an authentication session of its own kind; a session that awaits a second factor opens nothing here.

use domain::authenticator::SentCode;
use domain::id::AuthenticatorId;
use domain::secret::AuthSessionHandle;
use domain::session::{AuthPurpose, Origin};
use domain::user::Enrolment;
use zeroize::Zeroizing;

use super::proof::Candidates;
use super::second_factor::Continuation;
use super::{LoginError, LoginOutcome, LoginTerms, SecondFactor, SignIn};
use crate::accounts::authenticators::begin::{begin_within, key_uri_of};
use crate::accounts::{BeginError, Begun, NewAuthenticator};
use crate::aidbox::auth_config::totp_issuer;
use crate::ports::StoreError;

/// The confirmation of an authenticator, which completes the login.
pub struct EnrolmentConfirmation {
    /// What the login was answered with.
    pub auth_session: AuthSessionHandle,
    /// Which authenticator; without it every pending one is tried.
    pub authenticator: Option<AuthenticatorId>,
    /// A code of it.
    pub sent: SentCode,
    /// What is wanted of the login.
    pub terms: LoginTerms,
}

/// Why a key URI is not shown.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentShowError {
    /// The authentication session is none for an enrolment, or there is no such pending authenticator; nobody is told which.
    #[error("there is no such pending authenticator")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignIn {
    /// Begins an authenticator within a login.
    pub async fn begin_enrolment(
        &self,
        auth_session: &AuthSessionHandle,
        new: NewAuthenticator,
        origin: &Origin,
    ) -> Result<Begun, BeginError> {
        let core = &self.core;
        let digest = core.digest_auth_session(auth_session);
        // Looked up without the writer first: handles that somebody made up must not hold anybody up.
        let mut tx = core.ports.store.read().await?;
        let pending = tx.auth_sessions().find(&digest, core.now()).await?;
        drop(tx);
        let pending = pending.filter(|pending| pending.purpose == AuthPurpose::Enrolment);
        let pending = pending.ok_or(BeginError::NoAuthSession)?;
        let mut tx = core.ports.store.begin().await?;
        let user = tx.users().hold(pending.user).await?;
        let user = user.filter(|user| user.honours(pending.epoch) && user.enrolment != Enrolment::Done);
        let user = user.ok_or(BeginError::NoAuthSession)?;
        let begun = begin_within(core, tx.as_mut(), &user, new, origin).await?;
        // It may have completed its login meanwhile.
        if tx.auth_sessions().find(&digest, core.now()).await?.is_none() {
            return Err(BeginError::NoAuthSession);
        }
        tx.commit().await?;
        Ok(begun)
    }

    /// The key URI of an authenticator that was begun within a login, for its QR code.
    pub async fn enrolment_key_uri(
        &self,
        auth_session: &AuthSessionHandle,
        id: AuthenticatorId,
    ) -> Result<Zeroizing<String>, EnrolmentShowError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let digest = core.digest_auth_session(auth_session);
        let pending = tx.auth_sessions().find(&digest, now).await?;
        let pending = pending.filter(|pending| pending.purpose == AuthPurpose::Enrolment);
        let Some(pending) = pending else {
            return Err(EnrolmentShowError::NotFound);
        };
        let user = tx.users().find(pending.user).await?;
        let authenticators = tx.authenticators().of_user(pending.user).await?;
        let issuer = totp_issuer(core, tx.as_mut()).await?;
        drop(tx);
        let user = user.filter(|user| user.honours(pending.epoch) && user.enrolment != Enrolment::Done);
        let found = authenticators.iter().find(|one| one.id == id && one.is_pending(now));
        match (user, found) {
            (Some(user), Some(authenticator)) => Ok(key_uri_of(core, &issuer, &user, authenticator)?),
            _ => Err(EnrolmentShowError::NotFound),
        }
    }

    /// Confirms an authenticator that was begun within a login, and completes the login with it.
    pub async fn confirm_enrolment(&self, confirmation: EnrolmentConfirmation) -> Result<LoginOutcome, LoginError> {
        let EnrolmentConfirmation {
            auth_session,
            authenticator,
            sent,
            terms,
        } = confirmation;
        let continuation = Continuation {
            digest: self.core.digest_auth_session(&auth_session),
            purpose: Some(AuthPurpose::Enrolment),
            candidates: Candidates::Pending,
        };
        let second = SecondFactor::OneTimeCode { sent, authenticator };
        self.go_on(continuation, &second, &terms).await
    }
}
