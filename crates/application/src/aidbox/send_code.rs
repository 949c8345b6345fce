//! Sending a one-time code through the webhook: the present code of the account's own authenticator, for an owner who has no app
//! at hand. A login is complete with it as with any other code, and once.
//!
//! Nobody waits for it longer than the webhook's timeout, and no failure of it keeps anybody from logging in.

use std::sync::Arc;

use domain::aidbox::auth_config::Webhook;
use domain::aidbox::node::Node;
use domain::authenticator::{Authenticator, OtpKind};
use domain::event::EventKind;
use domain::id::UserId;
use domain::lockout::{Budget, CODE_SENDING};
use domain::one_time_code::OneTimeCode;
use domain::session::Origin;
use domain::time::Timestamp;
use zeroize::Zeroizing;

use super::auth_config::in_effect;
use super::json;
use super::resources::ShownResource;
use super::users::{self, two_factor_of};
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{OutboundPost, StoreError, Transaction};
use crate::sign_in::attempts_of;

/// Why a code is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeReason {
    /// The password was proved. Only for accounts whose document names a transport.
    PasswordProved,
    /// The owner, who has proved the password, asks for it.
    Asked,
    /// The owner enrols an authenticator whose codes are to be sent.
    Enrolment,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSending {
    /// The receiver took it.
    Sent,
    /// Nothing was sent: there is no webhook, the account wants no codes by it, or it has no authenticator that makes them.
    NotConfigured,
    /// The receiver did not take it in time. It may be asked again.
    Failed,
    /// Too many were sent within a minute, or the present code was used already: another can be had when it is over.
    TooMany,
}

/// Sends codes.
pub struct CodeSender {
    core: Arc<Core>,
}

/// What is to be sent, after everything was looked at.
struct Ready {
    webhook: Webhook,
    body: Zeroizing<Vec<u8>>,
}

enum Looked {
    Ready(Ready),
    Not(CodeSending),
}

impl CodeSender {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Whether somebody who has proved the password of an account could be sent a code: for a page that offers it.
    pub async fn is_offered(&self, account: UserId) -> Result<bool, StoreError> {
        if self.core.policies.aidbox.is_none() {
            return Ok(false);
        }
        let mut tx = self.core.ports.store.read().await?;
        let config = in_effect(&self.core, tx.as_mut()).await?;
        let authenticators = tx.authenticators().of_user(account).await?;
        let now = self.core.now();
        Ok(config.webhook.is_some() && meant(&authenticators, CodeReason::Asked, now).is_some())
    }

    /// Sends a code to the owner of an account who has proved its password. `Err` only if the store fails.
    pub async fn send(&self, account: UserId, reason: CodeReason, origin: &Origin) -> Result<CodeSending, StoreError> {
        let core = &self.core;
        if core.policies.aidbox.is_none() {
            return Ok(CodeSending::NotConfigured);
        }
        let ready = match self.look(account, reason).await? {
            Looked::Ready(ready) => ready,
            Looked::Not(outcome) => return Ok(outcome),
        };
        if !self.charge(account).await? {
            return Ok(CodeSending::TooMany);
        }
        let post = OutboundPost {
            endpoint: ready.webhook.endpoint,
            content_type: String::from("application/json"),
            headers: ready.webhook.headers.to_pairs(),
            body: ready.body,
            timeout: ready.webhook.timeout,
        };
        let (kind, outcome, why) = match core.ports.outbound.post(post).await {
            Ok(_) => (EventKind::CodeSent, CodeSending::Sent, String::new()),
            Err(error) => (EventKind::CodeNotSent, CodeSending::Failed, error.to_string()),
        };
        let mut details = vec![("channel", "webhook")];
        if !why.is_empty() {
            details.push(("reason", why.as_str()));
        }
        let entry = Entry {
            kind,
            actor: None,
            subject: Some(account),
            origin,
            details: &details,
        };
        audit::record_alone(core, entry).await?;
        Ok(outcome)
    }

    /// Looks at everything that decides whether something is sent, without a charge.
    async fn look(&self, account: UserId, reason: CodeReason) -> Result<Looked, StoreError> {
        const NOT: Looked = Looked::Not(CodeSending::NotConfigured);
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.read().await?;
        let Some(webhook) = in_effect(core, tx.as_mut()).await?.webhook else {
            return Ok(NOT);
        };
        let Some(user) = tx.users().find(account).await? else {
            return Ok(NOT);
        };
        let shown = users::of_account(core, tx.as_mut(), user).await?;
        if reason == CodeReason::PasswordProved && two_factor_of(&shown).transport.is_none() {
            return Ok(NOT);
        }
        let authenticators = tx.authenticators().of_user(account).await?;
        drop(tx);
        let Some((authenticator, code)) = self.code(&authenticators, reason, now)? else {
            return Ok(NOT);
        };
        let Some(code) = code else {
            return Ok(Looked::Not(CodeSending::TooMany));
        };
        debug_assert_eq!(authenticator.user, account, "a code of the account itself");
        let body = body(shown, &code);
        Ok(Looked::Ready(Ready { webhook, body }))
    }

    /// The present code of the authenticator that is meant; none while it was used already.
    fn code<'a>(
        &self,
        authenticators: &'a [Authenticator],
        reason: CodeReason,
        now: Timestamp,
    ) -> Result<Option<(&'a Authenticator, Option<OneTimeCode>)>, StoreError> {
        let Some(one) = meant(authenticators, reason, now) else {
            return Ok(None);
        };
        let OtpKind::Totp(period) = one.parameters.kind else {
            return Ok(None);
        };
        let step = period.step(now);
        if step <= one.position {
            return Ok(Some((one, None)));
        }
        let secret = self.core.open_otp_secret(one)?;
        let code = OneTimeCode::compute(&secret, step, one.parameters.algorithm, one.parameters.digits);
        Ok(Some((one, Some(code))))
    }

    /// Charges one sending, before it is done: a crowd of requests sends no more than one after the other does.
    async fn charge(&self, account: UserId) -> Result<bool, StoreError> {
        let core = &self.core;
        let key = attempts_of(account, Budget::CodeSending);
        let mut tx: Box<dyn Transaction> = core.ports.store.begin().await?;
        let tally = tx.attempts().hold(&key).await?;
        let Ok(charged) = CODE_SENDING.charge_leniently(tally, core.now()) else {
            return Ok(false);
        };
        tx.attempts().record(&key, charged).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The authenticator whose code is sent: the oldest that makes codes by time and is active or, for an enrolment, is begun.
fn meant(authenticators: &[Authenticator], reason: CodeReason, now: Timestamp) -> Option<&Authenticator> {
    authenticators.iter().find(|one| {
        let is_timed = matches!(one.parameters.kind, OtpKind::Totp(_));
        is_timed
            && match reason {
                CodeReason::PasswordProved | CodeReason::Asked => one.is_active(),
                CodeReason::Enrolment => one.is_pending(now),
            }
    })
}

/// What is sent: the user as anybody is shown it, and the code.
fn body(shown: ShownResource, code: &OneTimeCode) -> Zeroizing<Vec<u8>> {
    let mut user = vec![
        (String::from("id"), Node::from(shown.id.as_str())),
        (String::from("resourceType"), Node::from(shown.kind.name())),
    ];
    if let Node::Map(members) = shown.document {
        user.extend(members);
    }
    let body = Node::Map(vec![
        (String::from("user"), Node::Map(user)),
        (String::from("token"), Node::from(code.expose())),
    ]);
    Zeroizing::new(json::write(&body).into_bytes())
}
