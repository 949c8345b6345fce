//! Writing the audit log, and verifying it.

use domain::event::{Event, EventHead, EventKind, StoredEvent};
use domain::id::UserId;
use domain::secret::Digest;
use domain::session::Origin;

use crate::actor::Actor;
use crate::core::Core;
use crate::ports::{Purpose, StoreError, Transaction};

/// An event in the making.
pub(crate) struct Entry<'a> {
    pub kind: EventKind,
    pub actor: Option<UserId>,
    pub subject: Option<UserId>,
    pub origin: &'a Origin,
    pub details: &'a [(&'a str, &'a str)],
}

impl<'a> Entry<'a> {
    /// What an account did, or what was done with it by whoever proved to be its owner.
    pub const fn by_owner(
        kind: EventKind,
        user: UserId,
        origin: &'a Origin,
        details: &'a [(&'a str, &'a str)],
    ) -> Self {
        Self {
            kind,
            actor: Some(user),
            subject: Some(user),
            origin,
            details,
        }
    }
}

/// Appends to the log. It holds the end of the log until the transaction ends, so it comes last before the commit.
pub(crate) async fn record(core: &Core, tx: &mut dyn Transaction, entry: Entry<'_>) -> Result<(), StoreError> {
    let head = tx.events().hold_head().await?;
    let event = Event {
        at: core.now(),
        kind: entry.kind,
        actor: entry.actor,
        subject: entry.subject,
        origin: entry.origin.clone(),
        details: entry
            .details
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    let position = head.position + 1;
    let link = link(core, head.link, position, &event);
    tx.events().append(&StoredEvent { position, event, link }).await
}

/// Something that is done to an account of others.
pub(crate) struct Act<'a> {
    pub kind: EventKind,
    pub actor: &'a Actor,
    pub subject: UserId,
}

/// Appends what was done to an account of others, and by what kind of actor.
pub(crate) async fn record_act(
    core: &Core,
    tx: &mut dyn Transaction,
    act: Act<'_>,
    origin: &Origin,
    more: &[(&str, &str)],
) -> Result<(), StoreError> {
    let mut details = vec![("by", act.actor.name())];
    details.extend_from_slice(more);
    let entry = Entry {
        kind: act.kind,
        actor: act.actor.user(),
        subject: Some(act.subject),
        origin,
        details: &details,
    };
    record(core, tx, entry).await
}

/// Writes one entry in a transaction of its own: for refusals, which must be on record although nothing else changed.
pub(crate) async fn record_alone(core: &Core, entry: Entry<'_>) -> Result<(), StoreError> {
    let mut tx = core.ports.store.begin().await?;
    record(core, tx.as_mut(), entry).await?;
    tx.commit().await
}

fn link(core: &Core, before: Digest, position: i64, event: &Event) -> Digest {
    let mut bytes = before.as_bytes().to_vec();
    bytes.extend_from_slice(&event.canonical(position));
    core.ports.digester.digest(Purpose::EventLink, &bytes)
}

/// The log is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An entry is missing.
    #[error("entry {0} is missing")]
    Missing(i64),
    /// An entry was altered, or was made with another master key.
    #[error("entry {0} was altered, or the master key is another")]
    Altered(i64),
    /// The log does not end where its head says.
    #[error("the log ends at entry {found}, but its head says {expected}")]
    Cut {
        /// The last entry there is.
        found: i64,
        /// The last entry there should be.
        expected: i64,
    },
}

/// Why verification did not end well.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The log is broken.
    #[error(transparent)]
    Broken(#[from] BrokenChain),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const PAGE: u32 = 1_000;

/// Follows the chain from the first entry to the last. Returns the head, which an operator can note down: a later head
/// below a noted one means that the end was cut off together with the stored head, which the chain alone cannot show.
pub async fn verify(core: &Core) -> Result<EventHead, VerifyError> {
    let mut tx = core.ports.store.read().await?;
    let head = tx.events().head().await?;
    let mut last = EventHead::EMPTY;
    while last.position < head.position {
        let page = tx.events().after(last.position, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for stored in page {
            if stored.position > head.position {
                break;
            }
            let expected = last.position + 1;
            if stored.position != expected {
                return Err(BrokenChain::Missing(expected).into());
            }
            if link(core, last.link, stored.position, &stored.event) != stored.link {
                return Err(BrokenChain::Altered(stored.position).into());
            }
            last = EventHead {
                position: stored.position,
                link: stored.link,
            };
        }
    }
    if last.position != head.position {
        return Err(BrokenChain::Cut {
            found: last.position,
            expected: head.position,
        }
        .into());
    }
    if last.link != head.link {
        return Err(BrokenChain::Altered(head.position).into());
    }
    Ok(head)
}
