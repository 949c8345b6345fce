//! `User` documents: each describes an account. What the account itself knows is told from the account, so that it is never out
//! of date; the document keeps the rest.

use std::sync::Arc;

use domain::aidbox::node::Node;
use domain::aidbox::reading::AttributeFault;
use domain::aidbox::user::{TwoFactor, UserRead};
use domain::aidbox::{AidboxResource, ResourceKind};
use domain::authenticator::Authenticator;
use domain::event::EventKind;
use domain::id::UserId;
use domain::lockout::Budget;
use domain::password;
use domain::secret::{Password, PasswordHash, RefreshToken};
use domain::user::{Enrolment, Epoch, Role, User, UserState};
use domain::username::Username;

use super::json;
use super::resources::{Call, Draft, ResourceError, ShownResource, Written, note, store};
use super::second_factor;
use crate::accounts::sessions::void_everything;
use crate::admin::ManageUsers;
use crate::audit::{self, Act};
use crate::core::Core;
use crate::ports::{Insertion, PasswordCheck, StoreError, Transaction, UserFilter, UserProfile, entropy};
use crate::sign_in::attempts_of;

/// Attributes that the account knows, or that are no business of a document.
const OF_ACCOUNT: [&str; 6] = ["userName", "email", "displayName", "inactive", "active", "password"];

/// An account with its document, if it has one.
struct Described {
    user: User,
    document: Option<AidboxResource>,
}

/// The account that an identity stands for: that of the document, or else the one of that identity that nobody described.
async fn described(tx: &mut dyn Transaction, id: &str) -> Result<Option<Described>, StoreError> {
    let document = tx.aidbox_resources().find(ResourceKind::User, id).await?;
    let account = match &document {
        Some(document) => document.account,
        None => UserId::parse(id),
    };
    let Some(account) = account else { return Ok(None) };
    let Some(user) = tx.users().find(account).await? else {
        return Ok(None);
    };
    if document.is_none() && tx.aidbox_resources().of_account(account).await?.is_some() {
        return Ok(None);
    }
    Ok(Some(Described { user, document }))
}

/// A user as it is shown.
pub(super) async fn find(core: &Core, tx: &mut dyn Transaction, id: &str) -> Result<Option<ShownResource>, StoreError> {
    match described(tx, id).await? {
        Some(found) => show(core, tx, found).await.map(Some),
        None => Ok(None),
    }
}

/// The user that describes an account, whether or not somebody wrote a document of it.
pub(super) async fn of_account(core: &Core, tx: &mut dyn Transaction, user: User) -> Result<ShownResource, StoreError> {
    let document = tx.aidbox_resources().of_account(user.id).await?;
    show(core, tx, Described { user, document }).await
}

/// Users by user name.
pub(super) async fn list(
    core: &Core,
    tx: &mut dyn Transaction,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<ShownResource>, StoreError> {
    let filter = UserFilter {
        after: after.and_then(|name| Username::new(name).ok()),
        ..UserFilter::default()
    };
    let mut shown = Vec::new();
    for user in tx.users().list(&filter, limit).await? {
        shown.push(of_account(core, tx, user).await?);
    }
    Ok(shown)
}

async fn show(core: &Core, tx: &mut dyn Transaction, found: Described) -> Result<ShownResource, StoreError> {
    let Described { user, document } = found;
    let authenticators = tx.authenticators().of_user(user.id).await?;
    let is_enabled = authenticators.iter().any(Authenticator::is_active);
    let mut attributes = match &document {
        Some(document) => json::parse(&document.document)?,
        None => Node::Map(Vec::new()),
    };
    attributes.set("userName", Node::from(user.username.as_str()));
    if let Some(email) = &user.email {
        attributes.set("email", Node::from(email.as_str()));
    }
    if let Some(name) = &user.display_name {
        attributes.set("displayName", Node::from(name.as_str()));
    }
    attributes.set("inactive", Node::Boolean(user.state == UserState::Disabled));
    let mut second = attributes.take("twoFactor").unwrap_or(Node::Null);
    if !matches!(second, Node::Map(_)) {
        second = Node::Map(Vec::new());
    }
    second.set("enabled", Node::Boolean(is_enabled));
    attributes.set("twoFactor", second);
    Ok(ShownResource {
        kind: ResourceKind::User,
        version: document.as_ref().map_or(0, |document| document.version),
        created_at: document
            .as_ref()
            .map_or(user.created_at, |document| document.created_at),
        updated_at: document
            .as_ref()
            .map_or_else(|| core.now(), |document| document.updated_at),
        id: document.map_or_else(|| user.id.to_string(), |document| document.id),
        document: attributes,
    })
}

/// A password that was sent, hashed, or none.
enum NewPassword {
    /// None was sent, or it is the one that the account has.
    Same,
    /// Another one.
    Hashed(PasswordHash),
}

/// Makes or changes the account, and keeps the document beside it: all of it, or nothing.
pub(super) async fn put(call: &Call<'_>, document: Node) -> Result<Written, ResourceError> {
    let core = call.core;
    let mut read = UserRead::of(&document, call.id);
    let faults = std::mem::take(&mut read.faults);
    ResourceError::unless_sound(core, faults, &read.idle)?;
    let Some(username) = read.username.take() else {
        return Err(ResourceError::fault("userName", "is needed"));
    };
    let mut tx = core.ports.store.read().await?;
    let before = described(tx.as_mut(), call.id).await?;
    drop(tx);
    let draft = stripped(document);
    match before {
        None => create(call, read, username, draft).await,
        Some(before) => change(call, read, &username, draft, before).await,
    }
}

/// The document without what the account knows, and without secrets.
fn stripped(mut document: Node) -> Node {
    for name in OF_ACCOUNT {
        document.take(name);
    }
    if let Some(mut second) = document.take("twoFactor") {
        second.take("secretKey");
        second.take("enabled");
        document.set("twoFactor", second);
    }
    document
}

async fn create(call: &Call<'_>, read: UserRead, username: Username, document: Node) -> Result<Written, ResourceError> {
    let core = call.core;
    let is_weak = read
        .password
        .as_ref()
        .is_some_and(|sent| !password::faults(sent, &username).is_empty());
    let has_password = read.password.is_some();
    let password_hash = hash(core, read.password).await?;
    let now = core.now();
    let user = User {
        id: UserId::from_random(core.random_id()),
        username,
        email: read.email,
        display_name: read.display_name,
        role: Role::User,
        state: read.state.unwrap_or(UserState::Active),
        password_hash,
        password_is_weak: is_weak,
        enrolment: Enrolment::Open,
        epoch: Epoch::FIRST,
        created_at: now,
        password_changed_at: now,
    };
    let mut tx = core.ports.store.begin().await?;
    if let Some(other) = UserId::parse(call.id)
        && tx.users().find(other).await?.is_some()
    {
        // Clients would take one for the other.
        return Err(ResourceError::fault(
            "id",
            "is that of an account which has another name here",
        ));
    }
    inserted(tx.users().insert(&user).await?)?;
    let settled = second_factor::settle(call, tx.as_mut(), &user, &read.two_factor).await?;
    let before = tx.aidbox_resources().hold(ResourceKind::User, call.id).await?;
    if before.is_some() {
        return Err(ResourceError::Changed);
    }
    let draft = Draft {
        document,
        account: Some(user.id),
    };
    store(call, tx.as_mut(), ResourceKind::User, draft, None).await?;
    settled.void(call, tx.as_mut()).await?;
    let act = Act {
        kind: EventKind::UserImported,
        actor: call.actor,
        subject: user.id,
    };
    let password = match (has_password, is_weak) {
        (false, _) => "none",
        (true, true) => "weak",
        (true, false) => "taken",
    };
    let details = [("role", user.role.name()), ("password", password)];
    audit::record_act(core, tx.as_mut(), act, call.origin, &details).await?;
    settled.record(call, tx.as_mut(), &user).await?;
    note(call, tx.as_mut(), EventKind::AidboxResourceWritten, ResourceKind::User).await?;
    tx.commit().await?;
    Ok(Written::Created)
}

async fn change(
    call: &Call<'_>,
    mut read: UserRead,
    username: &Username,
    document: Node,
    before: Described,
) -> Result<Written, ResourceError> {
    let core = call.core;
    let Described { user: seen, .. } = before;
    // Without `userName` the identity is the name of a new account only: an account keeps the name that it has.
    let is_renamed = *username != seen.username && (username.as_str() != call.id.to_lowercase());
    if is_renamed {
        return Err(ResourceError::fault("userName", "cannot be changed"));
    }
    let new_password = match read.password.take() {
        // The own one takes the present one as a proof, and is not even compared: that would be a guess that nobody counts.
        Some(_) if call.actor.is(seen.id) => return Err(ResourceError::OwnAccount),
        Some(sent) => compare(call, &seen, sent).await?,
        None => NewPassword::Same,
    };
    let now = core.now();
    let mut tx = core.ports.store.begin().await?;
    let admins = tx.users().hold_active_admins().await?;
    let user = tx.users().hold(seen.id).await?.ok_or(ResourceError::Changed)?;
    let state = read.state.unwrap_or(user.state);
    if state == UserState::Disabled && admins == [user.id] {
        return Err(ResourceError::LastAdmin);
    }
    let profile = UserProfile {
        email: read.email,
        display_name: read.display_name,
        role: user.role,
    };
    inserted(tx.users().set_profile(user.id, &profile).await?)?;
    tx.users().set_state(user.id, state).await?;
    let has_new_password = match &new_password {
        NewPassword::Same => false,
        NewPassword::Hashed(hash) => {
            tx.users().set_password(user.id, hash, now).await?;
            tx.attempts().clear(&attempts_of(user.id, Budget::Password)).await?;
            true
        }
    };
    let settled = second_factor::settle(call, tx.as_mut(), &user, &read.two_factor).await?;
    let kept = tx.aidbox_resources().hold(ResourceKind::User, call.id).await?;
    let draft = Draft {
        document,
        account: Some(user.id),
    };
    let written = store(call, tx.as_mut(), ResourceKind::User, draft, kept).await?;
    let mut kinds = vec![EventKind::UserUpdated];
    match (user.state, state) {
        (UserState::Active, UserState::Disabled) => kinds.push(EventKind::UserDisabled),
        (UserState::Disabled, UserState::Active) => kinds.push(EventKind::UserEnabled),
        (UserState::Active, UserState::Active) | (UserState::Disabled, UserState::Disabled) => {}
    }
    if has_new_password {
        kinds.push(EventKind::PasswordReset);
    }
    if kinds
        .iter()
        .any(|kind| matches!(kind, EventKind::UserDisabled | EventKind::PasswordReset))
    {
        void_everything(core, tx.as_mut(), user.id).await?;
    }
    settled.void(call, tx.as_mut()).await?;
    for kind in kinds {
        let act = Act {
            kind,
            actor: call.actor,
            subject: user.id,
        };
        audit::record_act(core, tx.as_mut(), act, call.origin, &[]).await?;
    }
    settled.record(call, tx.as_mut(), &user).await?;
    note(call, tx.as_mut(), EventKind::AidboxResourceWritten, ResourceKind::User).await?;
    tx.commit().await?;
    call.feed.catch_up().await;
    Ok(written)
}

/// Whether a password is another than the account has. Writing the same document twice changes nothing, also where its
/// password is one that would be refused today; a new one must be good.
async fn compare(call: &Call<'_>, user: &User, sent: Password) -> Result<NewPassword, ResourceError> {
    let core = call.core;
    let copy = Password::new(sent.expose()).ok_or_else(|| ResourceError::fault("password", "is too long"))?;
    let check = core
        .hashing
        .place()?
        .check(copy, Some(user.password_hash.clone()))
        .await?;
    if check != PasswordCheck::Wrong {
        return Ok(NewPassword::Same);
    }
    let faults = password::faults(&sent, &user.username);
    if !faults.is_empty() {
        let faults = faults
            .iter()
            .map(|fault| AttributeFault::new("password", fault.to_string()));
        return Err(ResourceError::Faults(faults.collect()));
    }
    Ok(NewPassword::Hashed(core.hashing.place()?.hash(sent).await?))
}

/// The hash of a password. An account without one gets that of a secret which nobody knows: it cannot log in before its password
/// is set.
async fn hash(core: &Core, sent: Option<Password>) -> Result<PasswordHash, ResourceError> {
    let password = match sent {
        Some(sent) => sent,
        None => {
            let secret = RefreshToken::generate(&entropy::secret_bytes(core.ports.entropy.as_ref()));
            Password::new(secret.expose()).ok_or_else(|| ResourceError::fault("password", "is too long"))?
        }
    };
    Ok(core.hashing.place()?.hash(password).await?)
}

fn inserted(insertion: Insertion) -> Result<(), ResourceError> {
    match insertion {
        Insertion::Done => Ok(()),
        Insertion::UsernameTaken => Err(ResourceError::UsernameTaken),
        Insertion::EmailTaken => Err(ResourceError::EmailTaken),
    }
}

/// Deletes the account with its document.
pub(super) async fn delete(call: &Call<'_>) -> Result<(), ResourceError> {
    let mut tx = call.core.ports.store.read().await?;
    let found = described(tx.as_mut(), call.id).await?.ok_or(ResourceError::NotFound)?;
    drop(tx);
    let manage = ManageUsers::new(Arc::clone(call.core), Arc::clone(call.feed));
    Ok(manage.delete(call.actor, found.user.id, call.origin).await?)
}

/// Remembers how codes are brought to the owner of an account, in its document; one is made if there is none.
pub(super) async fn set_transport(
    core: &Core,
    tx: &mut dyn Transaction,
    user: UserId,
    transport: Option<&str>,
) -> Result<(), StoreError> {
    let now = core.now();
    let found = tx.aidbox_resources().of_account(user).await?;
    if found.is_none() && transport.is_none() {
        return Ok(());
    }
    let mut resource = found.unwrap_or_else(|| AidboxResource {
        kind: ResourceKind::User,
        id: user.to_string(),
        account: Some(user),
        document: String::from("{}"),
        version: 0,
        created_at: now,
        updated_at: now,
    });
    let mut document = json::parse(&resource.document)?;
    let mut second = match document.take("twoFactor") {
        Some(second @ Node::Map(_)) => second,
        _ => Node::Map(Vec::new()),
    };
    match transport {
        Some(transport) => second.set("transport", Node::from(transport)),
        None => drop(second.take("transport")),
    }
    document.set("twoFactor", second);
    resource.document = json::write(&document);
    resource.version = resource.version.saturating_add(1);
    resource.updated_at = now;
    tx.aidbox_resources().put(&resource).await
}

/// What the document of an account says of its second factor.
pub(super) fn two_factor_of(shown: &ShownResource) -> TwoFactor {
    UserRead::of(&shown.document, &shown.id).two_factor
}
