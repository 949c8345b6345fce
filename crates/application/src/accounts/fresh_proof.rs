//! What follows when somebody with a token fails to prove a factor again.

use domain::event::EventKind;
use domain::session::Origin;

use super::sessions::end_with_tokens;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::StoreError;
use crate::revocation_feed::RevocationFeed;
use crate::tokens::Caller;

/// Why a fresh proof was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was compared, and is wrong.
    Wrong,
    /// Too many wrong ones came before it.
    Held,
}

impl Refusal {
    const fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Held => "held",
        }
    }
}

/// Writes the refusal down. Whoever goes on guessing with a token stole it, or looks like it: the session is ended, so that
/// the thief is out and the owner, who logs in anew, can change what he came to change.
pub(crate) async fn refuse(
    core: &Core,
    feed: &RevocationFeed,
    caller: &Caller,
    kind: EventKind,
    refusal: Refusal,
    origin: &Origin,
) -> Result<(), StoreError> {
    let user = Some(caller.subject);
    let session = caller.session.to_string();
    let details = [("reason", refusal.name()), ("session", session.as_str())];
    let entry = |kind| Entry {
        kind,
        actor: user,
        subject: user,
        origin,
        details: &details,
    };
    let mut tx = core.ports.store.begin().await?;
    let ended = refusal == Refusal::Held && end_with_tokens(core, tx.as_mut(), caller.session).await?;
    audit::record(core, tx.as_mut(), entry(kind)).await?;
    if ended {
        audit::record(core, tx.as_mut(), entry(EventKind::SessionEnded)).await?;
    }
    tx.commit().await?;
    if ended {
        feed.catch_up().await;
    }
    Ok(())
}
