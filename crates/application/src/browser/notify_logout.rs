//! Telling clients that sessions ended (OpenID Connect Back-Channel Logout section 2.5). At least once, and not for ever.

use std::sync::Arc;
use std::time::Duration;

use domain::event::EventKind;
use domain::id::TokenId;
use domain::id_token::{LOGOUT_TOKEN_MAX, LogoutClaims};
use domain::logout_notice::{LogoutNotice, NOTICE_ATTEMPTS_MAX};
use domain::session::Origin;
use domain::time::Timestamp;
use tokio::task::JoinSet;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::audit::{self, Entry};
use crate::authorize::AuthorizeError;
use crate::core::Core;
use crate::keys::KeyRing;
use crate::ports::{OutboundError, OutboundPost};

/// Notices that are under way at the same time.
const AT_ONCE: u32 = 16;
/// How long a client may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long nobody else takes a notice that is under way: longer than it can take.
const LEASE: Duration = Duration::from_mins(1);

/// Delivers notices. Shared, because they are delivered at the same time.
pub struct NotifyLogout {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
}

impl NotifyLogout {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>) -> Self {
        Self { core, ring }
    }

    /// Delivers what is due, and returns how many were. Called by a worker every other second; several nodes may.
    pub async fn execute(self: &Arc<Self>) -> Result<u64, AuthorizeError> {
        let mut delivered = 0;
        loop {
            let now = self.core.now();
            let mut tx = self.core.ports.store.begin().await?;
            let due = tx
                .oauth()
                .logout_notices()
                .lease(AT_ONCE, now, now.after(LEASE))
                .await?;
            if due.is_empty() {
                return Ok(delivered);
            }
            tx.commit().await?;
            let mut under_way = JoinSet::new();
            for notice in due {
                let this = Arc::clone(self);
                under_way.spawn(async move { this.deliver(notice).await });
            }
            while let Some(outcome) = under_way.join_next().await {
                // One that panicked is tried again when its lease is over.
                if let Ok(outcome) = outcome {
                    delivered += u64::from(outcome?);
                }
            }
        }
    }

    async fn deliver(&self, notice: LogoutNotice) -> Result<bool, AuthorizeError> {
        let core = &self.core;
        let token = self.ring.sign_logout(&self.claims(&notice))?;
        let mut body = String::new();
        form_urlencoded::Serializer::new(&mut body).append_pair("logout_token", &token);
        let sent = core.ports.outbound.post(OutboundPost {
            endpoint: notice.endpoint.clone(),
            content_type: "application/x-www-form-urlencoded".to_owned(),
            headers: Vec::new(),
            body: Zeroizing::new(body.into_bytes()),
            timeout: TIMEOUT,
        });
        let outcome = sent.await;
        let session = notice.session.to_string();
        let reason = outcome.err().map(|error| error.to_string());
        let mut details = vec![("client", notice.client.as_str()), ("session", session.as_str())];
        details.extend(reason.as_deref().map(|reason| ("reason", reason)));
        let is_last = notice.attempts >= NOTICE_ATTEMPTS_MAX || matches!(outcome, Err(OutboundError::Refused(_)));
        let kind = match (&outcome, is_last) {
            (Ok(_), _) => EventKind::LogoutDelivered,
            (Err(_), true) => EventKind::LogoutUndeliverable,
            (Err(_), false) => {
                let due_at = core.now().after(LogoutNotice::pause_after(notice.attempts));
                let mut tx = core.ports.store.begin().await?;
                tx.oauth().logout_notices().put_off(notice.id, due_at).await?;
                tx.commit().await?;
                return Ok(false);
            }
        };
        let mut tx = core.ports.store.begin().await?;
        if !tx.oauth().logout_notices().delete(notice.id).await? {
            // Another node delivered it, too: its entry is enough.
            return Ok(false);
        }
        let entry = Entry {
            kind,
            actor: None,
            subject: Some(notice.user),
            origin: &Origin::default(),
            details: &details,
        };
        audit::record(core, tx.as_mut(), entry).await?;
        tx.commit().await?;
        Ok(outcome.is_ok())
    }

    /// Made anew for each attempt, because it lives for two minutes only.
    fn claims(&self, notice: &LogoutNotice) -> LogoutClaims {
        let core = &self.core;
        let now = Timestamp::from_seconds(core.now().seconds());
        LogoutClaims {
            issuer: core.policies.expectation.issuer.clone(),
            subject: notice.user,
            client: notice.client.clone(),
            session: notice.session,
            token: TokenId::from_random(core.random_id()),
            issued_at: now,
            expires_at: now.after(LOGOUT_TOKEN_MAX),
        }
    }
}
