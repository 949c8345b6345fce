//! Resources: documents by which other systems write and read accounts, clients and settings of logging in. For administrators.
//!
//! What a document says of an account or a client becomes an account or a client; the rest of it is kept beside. No secret
//! is: passwords and the secrets of clients are hashed, shared secrets are sealed, and none is shown again.

use std::sync::Arc;

use domain::aidbox::node::Node;
use domain::aidbox::reading::AttributeFault;
use domain::aidbox::{AidboxResource, ResourceKind, is_resource_id};
use domain::event::EventKind;
use domain::id::UserId;
use domain::session::Origin;
use domain::time::Timestamp;

use super::{clients, configs, json, users};
use crate::actor::Actor;
use crate::admin::AdminError;
use crate::audit::{self, Entry};
use crate::core::{Core, UnknownAttributes};
use crate::ports::{HasherBusy, StoreError, Transaction};
use crate::revocation_feed::RevocationFeed;

/// The largest document that is stored, in bytes of JSON.
pub const DOCUMENT_MAX: usize = 32 * 1024;

/// A resource as it is shown.
pub struct ShownResource {
    /// What it describes.
    pub kind: ResourceKind,
    /// Its identity.
    pub id: String,
    /// Its attributes, without secrets, identity and kind.
    pub document: Node,
    /// Counts writes, from 1; zero for an account that nobody described.
    pub version: i64,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// What writing a resource came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// There was none of that identity.
    Created,
    /// It took the place of the one that was there.
    Replaced,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// There is no such resource.
    #[error("there is no such resource")]
    NotFound,
    /// Something is wrong with the document.
    #[error("something is wrong with the document")]
    Faults(Vec<AttributeFault>),
    /// Another account has the user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// Another account has the e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// It would leave nobody who can administer.
    #[error("this is the last active administrator")]
    LastAdmin,
    /// It is the administrator's own account, whose factors take a fresh proof.
    #[error("this is the administrator's own account")]
    OwnAccount,
    /// The account would have too many authenticators.
    #[error("the account has too many authenticators")]
    TooManyAuthenticators,
    /// Somebody else wrote it at the same time.
    #[error("the resource was changed meanwhile")]
    Changed,
    /// Too many passwords are waiting.
    #[error(transparent)]
    Busy(#[from] HasherBusy),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdminError> for ResourceError {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::NotFound => Self::NotFound,
            AdminError::LastAdmin => Self::LastAdmin,
            AdminError::EmailTaken => Self::EmailTaken,
            AdminError::OwnAccount => Self::OwnAccount,
            AdminError::Store(error) => Self::Store(error),
        }
    }
}

impl ResourceError {
    /// One thing that is wrong.
    pub(super) fn fault(attribute: &str, detail: &str) -> Self {
        Self::Faults(vec![AttributeFault::new(attribute, detail)])
    }

    /// Refuses a document with faults or, where the settings say so, with attributes that mean nothing.
    pub(super) fn unless_sound(core: &Core, mut faults: Vec<AttributeFault>, idle: &[String]) -> Result<(), Self> {
        let policy = core.policies.aidbox.as_ref().map(|policy| policy.unknown_attributes);
        if policy == Some(UnknownAttributes::Refuse) {
            let idle = idle.iter().map(|name| AttributeFault::new(name, "has no meaning here"));
            faults.extend(idle);
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Self::Faults(faults))
        }
    }
}

/// A document that is fit to be stored: it holds no secret.
pub(super) struct Draft {
    /// The attributes.
    pub document: Node,
    /// The account that it describes.
    pub account: Option<UserId>,
}

/// Writes, reads and deletes resources.
pub struct ManageResources {
    core: Arc<Core>,
    feed: Arc<RevocationFeed>,
}

impl ManageResources {
    pub(super) const fn new(core: Arc<Core>, feed: Arc<RevocationFeed>) -> Self {
        Self { core, feed }
    }

    /// Writes a resource: adds it, or puts it in the place of the one that is there.
    pub async fn put(
        &self,
        actor: &Actor,
        kind: ResourceKind,
        id: &str,
        document: Node,
        origin: &Origin,
    ) -> Result<(Written, ShownResource), ResourceError> {
        let document = attributes(kind, id, document)?;
        let call = Call {
            core: &self.core,
            feed: &self.feed,
            actor,
            id,
            origin,
        };
        let written = match kind {
            ResourceKind::AuthConfig => {
                let mut tx = self.core.ports.store.begin().await?;
                let before = tx.aidbox_resources().hold(kind, id).await?;
                let draft = configs::prepare(&self.core, id, document, before.as_ref())?;
                let written = store(&call, tx.as_mut(), kind, draft, before).await?;
                note(&call, tx.as_mut(), EventKind::AidboxResourceWritten, kind).await?;
                tx.commit().await?;
                written
            }
            ResourceKind::Client => clients::put(&call, document).await?,
            ResourceKind::User => users::put(&call, document).await?,
        };
        let shown = self.get(actor, kind, id).await?;
        Ok((written, shown))
    }

    /// A resource.
    pub async fn get(&self, _: &Actor, kind: ResourceKind, id: &str) -> Result<ShownResource, ResourceError> {
        let mut tx = self.core.ports.store.read().await?;
        let found = match kind {
            ResourceKind::User => users::find(&self.core, tx.as_mut(), id).await?,
            ResourceKind::AuthConfig | ResourceKind::Client => {
                let found = tx.aidbox_resources().find(kind, id).await?;
                found.map(shown).transpose()?
            }
        };
        found.ok_or(ResourceError::NotFound)
    }

    /// Up to `limit` resources of a kind that come after `after`: clients and settings by identity, users by user name.
    pub async fn list(
        &self,
        _: &Actor,
        kind: ResourceKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ShownResource>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        if kind == ResourceKind::User {
            return users::list(&self.core, tx.as_mut(), after, limit).await;
        }
        let stored = tx.aidbox_resources().list(kind, after, limit).await?;
        stored.into_iter().map(shown).collect()
    }

    /// Deletes a resource with the account or the client that it describes.
    pub async fn delete(
        &self,
        actor: &Actor,
        kind: ResourceKind,
        id: &str,
        origin: &Origin,
    ) -> Result<(), ResourceError> {
        let call = Call {
            core: &self.core,
            feed: &self.feed,
            actor,
            id,
            origin,
        };
        match kind {
            ResourceKind::AuthConfig => {}
            ResourceKind::Client => clients::delete(&call).await?,
            // The document is forgotten with the account.
            ResourceKind::User => return users::delete(&call).await,
        }
        let mut tx = self.core.ports.store.begin().await?;
        if !tx.aidbox_resources().delete(kind, id).await? {
            return Err(ResourceError::NotFound);
        }
        note(&call, tx.as_mut(), EventKind::AidboxResourceDeleted, kind).await?;
        Ok(tx.commit().await?)
    }
}

/// One call that writes.
pub(super) struct Call<'a> {
    pub core: &'a Arc<Core>,
    pub feed: &'a Arc<RevocationFeed>,
    pub actor: &'a Actor,
    pub id: &'a str,
    pub origin: &'a Origin,
}

/// The attributes of a document, when it says of itself what its address says.
fn attributes(kind: ResourceKind, id: &str, mut document: Node) -> Result<Node, ResourceError> {
    if !is_resource_id(id) {
        return Err(ResourceError::fault(
            "id",
            "must have 1 to 64 letters, digits, hyphens and dots",
        ));
    }
    if !matches!(document, Node::Map(_)) {
        return Err(ResourceError::fault("", "must have named attributes"));
    }
    for (name, expected) in [("id", id), ("resourceType", kind.name())] {
        match document.take(name) {
            None | Some(Node::Null) => {}
            Some(Node::Text(said)) if said == expected => {}
            Some(_) => return Err(ResourceError::fault(name, "must be what the address says")),
        }
    }
    // What the service says of it, and nobody else.
    document.take("meta");
    Ok(document)
}

/// Writes a document in a transaction that goes on.
pub(super) async fn store(
    call: &Call<'_>,
    tx: &mut dyn Transaction,
    kind: ResourceKind,
    draft: Draft,
    before: Option<AidboxResource>,
) -> Result<Written, ResourceError> {
    let document = json::write(&draft.document);
    if document.len() > DOCUMENT_MAX {
        return Err(ResourceError::fault("", "is larger than 32 KiB"));
    }
    let now = call.core.now();
    let resource = AidboxResource {
        kind,
        id: call.id.to_owned(),
        account: draft.account,
        document,
        version: before.as_ref().map_or(1, |before| before.version.saturating_add(1)),
        created_at: before.as_ref().map_or(now, |before| before.created_at),
        updated_at: now,
    };
    tx.aidbox_resources().put(&resource).await?;
    Ok(if before.is_some() {
        Written::Replaced
    } else {
        Written::Created
    })
}

/// Puts what was done on record.
pub(super) async fn note(
    call: &Call<'_>,
    tx: &mut dyn Transaction,
    kind: EventKind,
    resource: ResourceKind,
) -> Result<(), StoreError> {
    let details = [("by", call.actor.name()), ("kind", resource.name()), ("id", call.id)];
    let entry = Entry {
        kind,
        actor: call.actor.user(),
        subject: None,
        origin: call.origin,
        details: &details,
    };
    audit::record(call.core, tx, entry).await
}

fn shown(stored: AidboxResource) -> Result<ShownResource, StoreError> {
    let document = match stored.kind {
        ResourceKind::AuthConfig => configs::shown(&stored)?,
        ResourceKind::Client | ResourceKind::User => json::parse(&stored.document)?,
    };
    Ok(ShownResource {
        kind: stored.kind,
        id: stored.id,
        document,
        version: stored.version,
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    })
}
