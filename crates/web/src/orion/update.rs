//! `update`: changing one's own account, or as an administrator that of somebody else.

use application::accounts::{ChangePasswordError, ProfileChange, ProfileError};
use application::actor::Actor;
use application::admin::{AdminError, SetPasswordError, UserChange};
use application::tokens::{Caller, RenewError};
use domain::email::Email;
use domain::secret::Password;
use domain::user::User;

use super::account::{EMAIL_TAKEN, too_long, weak};
use super::answer::{Envelope, own};
use super::bearer::{PROVE_AGAIN, administrator};
use super::body::Update;
use super::form;
use super::login::NOT_FOUND;
use super::profile::NOT_YOURS;
use super::refusal::{Challenge, Refusal};
use crate::context::{Context, Source};

/// How that service calls it.
pub(super) const METHOD: &str = "update";
const NEW_PASSWORD: &str = "newPassword";
/// What is told of an address that no account has, to those who administer.
pub(super) const NO_USER: &str = "User not found";

/// Whether an account has this address.
pub(super) fn is_address_of(user: &User, email: &Email) -> bool {
    user.email.as_ref().is_some_and(|own| own.key() == email.key())
}

/// A change, its parts read.
struct Change {
    name: Option<String>,
    email: Option<Email>,
    password: Option<Password>,
    new_password: Option<Password>,
    has_password: bool,
}

impl Change {
    fn read(sent: &Update) -> Result<Self, Refusal> {
        let new_password = sent.new_password.as_ref().map(|text| Password::new(&text.0));
        if matches!(new_password, Some(None)) {
            return Err(Refusal::report(vec![too_long(METHOD, NEW_PASSWORD)]));
        }
        Ok(Self {
            name: sent.name.as_ref().map(|name| name.0.clone()),
            email: sent.new_email.as_ref().map(form::email).transpose()?,
            password: sent.password.as_ref().and_then(|text| Password::new(&text.0)),
            new_password: new_password.flatten(),
            has_password: sent.password.is_some(),
        })
    }
}

/// Changes the account of the address.
pub(super) async fn run(
    context: &Context,
    source: &Source,
    caller: &Caller,
    sent: Update,
) -> Result<Envelope, Refusal> {
    let email = form::email(&sent.email)?;
    let change = Change::read(&sent)?;
    let view = own(context, caller).await?;
    if is_address_of(&view.user, &email) {
        return change_own(context, source, caller, change).await;
    }
    // Whether such an account exists is for those who may change it.
    let actor = administrator(caller, NOT_YOURS)?;
    let other = context.app.queries.user_by_email(&actor, &email).await?;
    let other = other.ok_or_else(|| Refusal::bad_request(NO_USER))?;
    change_other(context, source, &actor, &other, change).await
}

fn void() -> Refusal {
    Refusal::unauthorized(Challenge::InvalidToken, "The token is not accepted")
}

async fn change_own(context: &Context, source: &Source, caller: &Caller, change: Change) -> Result<Envelope, Refusal> {
    let (has_old, has_new) = (change.has_password, change.new_password.is_some());
    if has_old != has_new {
        let missing = if has_old { NEW_PASSWORD } else { "password" };
        return Err(Refusal::field(METHOD, missing, "must not be empty"));
    }
    let profile = ProfileChange {
        email: change.email,
        display_name: change.name,
    };
    if profile != ProfileChange::default() {
        let changed = context
            .app
            .update_profile
            .execute(caller, profile, &source.origin)
            .await;
        changed.map_err(|error| match error {
            ProfileError::ProofNeeded(_) => Refusal::unauthorized(Challenge::FreshProof, PROVE_AGAIN),
            ProfileError::EmailTaken => Refusal::bad_request(EMAIL_TAKEN),
            ProfileError::AccountChanged => void(),
            ProfileError::Store(error) => error.into(),
        })?;
    }
    if let Some(new) = change.new_password {
        // One that is too long to be anybody's is as wrong as another.
        let current = change.password.ok_or_else(wrong_password)?;
        let changed = context
            .app
            .change_password
            .execute(caller, current, new, &source.origin)
            .await;
        changed.map_err(|error| match error {
            ChangePasswordError::Refused => wrong_password(),
            ChangePasswordError::Password(faults) => weak(METHOD, NEW_PASSWORD, &faults),
            ChangePasswordError::Unchanged => Refusal::field(METHOD, NEW_PASSWORD, "must not be the current password"),
            ChangePasswordError::AccountChanged => void(),
            ChangePasswordError::Busy(busy) => busy.into(),
            ChangePasswordError::Store(error) => error.into(),
        })?;
        return Ok(Envelope::awaiting("Password changed: log in again"));
    }
    let renewed = context.app.orion_tokens.renew(caller).await;
    let renewed = renewed.map_err(|error| match error {
        RenewError::Gone => void(),
        RenewError::Store(error) => error.into(),
        RenewError::Issue(error) => error.into(),
    })?;
    Envelope::of(context, renewed).await
}

fn wrong_password() -> Refusal {
    Refusal::unauthorized(Challenge::Login, NOT_FOUND)
}

async fn change_other(
    context: &Context,
    source: &Source,
    actor: &Actor,
    user: &User,
    change: Change,
) -> Result<Envelope, Refusal> {
    let manage = &context.app.manage_users;
    let profile = UserChange {
        email: change.email.map(Some),
        display_name: change.name.map(Some),
        role: None,
    };
    if profile != UserChange::default() {
        let changed = manage.update(actor, user.id, profile, &source.origin).await;
        changed.map_err(refused)?;
    }
    if let Some(new) = change.new_password {
        let set = manage.set_password(actor, user.id, new, &source.origin).await;
        set.map_err(|error| match error {
            SetPasswordError::Password(faults) => weak(METHOD, NEW_PASSWORD, &faults),
            SetPasswordError::Busy(busy) => busy.into(),
            SetPasswordError::Admin(error) => refused(error),
        })?;
    }
    Ok(Envelope::done("Updated"))
}

/// What an administrator is told whose change was not made.
fn refused(error: AdminError) -> Refusal {
    match error {
        AdminError::NotFound => Refusal::bad_request(NO_USER),
        // Only a change of role or of a factor comes to that, and none is made here.
        AdminError::LastAdmin | AdminError::OwnAccount => Refusal::bad_request(error.to_string()),
        AdminError::EmailTaken => Refusal::bad_request(EMAIL_TAKEN),
        AdminError::Store(error) => error.into(),
    }
}
