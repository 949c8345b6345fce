//! Enrolling an authenticator in two calls, as applications of that product do it: a request, and a code that confirms it.

use std::sync::Arc;

use domain::aidbox::reading::is_label;
use domain::authenticator::{Authenticator, AuthenticatorName, OtpParameters, SentCode};
use domain::id::AuthenticatorId;
use domain::key_uri::{self, Label};
use domain::one_time_code::OneTimeCode;
use domain::recovery_code::RecoveryCode;
use domain::session::Origin;
use zeroize::Zeroizing;

use super::auth_config::in_effect;
use super::send_code::{CodeReason, CodeSender, CodeSending};
use super::users;
use crate::accounts::{BeginError, Begun, ConfirmError, ManageAuthenticators, NewAuthenticator};
use crate::core::Core;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;
use crate::tokens::Caller;

/// What a request came to.
pub enum TwoFactorRequest {
    /// The owner brings this key URI into an app.
    App(Zeroizing<String>),
    /// The code that confirms it was sent, or was not.
    Sent(CodeSending),
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum TwoFactorRequestError {
    /// The account has an authenticator.
    #[error("the account has an authenticator")]
    AlreadyEnabled,
    /// The transport is no word for one.
    #[error("the transport must be a text of 1 to 64 characters")]
    Transport,
    /// As for every other authenticator.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<StoreError> for TwoFactorRequestError {
    fn from(error: StoreError) -> Self {
        Self::Begin(error.into())
    }
}

/// Why nothing was confirmed.
#[derive(Debug, thiserror::Error)]
pub enum TwoFactorConfirmError {
    /// The account has an authenticator.
    #[error("the account has an authenticator")]
    AlreadyEnabled,
    /// Nothing was requested, or it has expired.
    #[error("nothing was requested")]
    NotRequested,
    /// As for every other authenticator.
    #[error(transparent)]
    Confirm(#[from] ConfirmError),
}

impl From<StoreError> for TwoFactorConfirmError {
    fn from(error: StoreError) -> Self {
        Self::Confirm(error.into())
    }
}

/// Enrols authenticators in two calls.
pub struct TwoFactor {
    core: Arc<Core>,
    manage: ManageAuthenticators,
    codes: CodeSender,
}

impl TwoFactor {
    pub(super) fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self {
            manage: ManageAuthenticators::new(Arc::clone(&core), feed),
            codes: CodeSender::new(Arc::clone(&core)),
            core,
        }
    }

    /// Begins an authenticator; what was begun before and not confirmed gives way. With a transport its code is sent to the
    /// owner, and so is that of later logins.
    pub async fn request(
        &self,
        caller: &Caller,
        transport: Option<&str>,
        origin: &Origin,
    ) -> Result<TwoFactorRequest, TwoFactorRequestError> {
        let core = &self.core;
        if transport.is_some_and(|text| !is_label(text)) {
            return Err(TwoFactorRequestError::Transport);
        }
        if self.state(caller).await?.0 {
            return Err(TwoFactorRequestError::AlreadyEnabled);
        }
        let new = NewAuthenticator {
            name: AuthenticatorName::of_an_app(),
            parameters: OtpParameters::TOTP,
            replaces: None,
        };
        let begun = self.manage.begin(caller, new, origin).await?;
        let mut tx = core.ports.store.begin().await?;
        let user = caller
            .hold_account(tx.as_mut())
            .await?
            .ok_or(BeginError::AccountChanged)?;
        users::set_transport(core, tx.as_mut(), user.id, transport).await?;
        let config = in_effect(core, tx.as_mut()).await?;
        tx.commit().await?;
        if transport.is_some() {
            let sending = self.codes.send(caller.subject, CodeReason::Enrolment, origin).await?;
            return Ok(TwoFactorRequest::Sent(sending));
        }
        let account = user
            .email
            .as_ref()
            .map_or(user.username.as_str(), |email| email.as_str());
        let label = Label {
            issuer: &config.issuer,
            account,
        };
        Ok(TwoFactorRequest::App(uri(label, &begun)))
    }

    /// Confirms what was begun. Gives the recovery codes that come with a first authenticator, shown this once.
    pub async fn confirm(
        &self,
        caller: &Caller,
        code: OneTimeCode,
        origin: &Origin,
    ) -> Result<Vec<RecoveryCode>, TwoFactorConfirmError> {
        let (is_enabled, pending) = self.state(caller).await?;
        if is_enabled {
            return Err(TwoFactorConfirmError::AlreadyEnabled);
        }
        let Some(id) = pending else {
            return Err(TwoFactorConfirmError::NotRequested);
        };
        let mut tx = self.core.ports.store.read().await?;
        let rule = in_effect(&self.core, tx.as_mut()).await?.otp;
        drop(tx);
        let sent = SentCode { code, next: None };
        let confirmed = self.manage.confirm_under(caller, id, sent, Some(rule), origin).await;
        match confirmed {
            Ok(confirmed) => Ok(confirmed.recovery_codes),
            Err(ConfirmError::NotFound) => Err(TwoFactorConfirmError::NotRequested),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the account has an authenticator, and which one waits for its confirmation: the newest.
    async fn state(&self, caller: &Caller) -> Result<(bool, Option<AuthenticatorId>), StoreError> {
        let now = self.core.now();
        let mut tx = self.core.ports.store.read().await?;
        let present = tx.authenticators().of_user(caller.subject).await?;
        let pending = present.iter().rev().find(|one| one.is_pending(now)).map(|one| one.id);
        Ok((present.iter().any(Authenticator::is_active), pending))
    }
}

fn uri(label: Label<'_>, begun: &Begun) -> Zeroizing<String> {
    let next = begun.authenticator.position.later(1);
    key_uri::write(label, &begun.authenticator.parameters, next, &begun.secret)
}
