//! Spending what proved a second factor, within the transaction that grants something for it (invariant 3).

use domain::authenticator::Authenticator;
use domain::event::EventKind;
use domain::factor::Enrolled;
use domain::id::AuthenticatorId;
use domain::recovery_code::RecoveryCode;
use domain::session::Origin;
use domain::time::Timestamp;
use domain::user::{Enrolment, User};

use super::factors::enrolled_by;
use super::proof::Evidence;
use crate::accounts::authenticators::take_back_pending;
use crate::accounts::recovery_codes::give_recovery_codes;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{Consumption, StoreError, Transaction};

/// Whether an owner can be shown recovery codes where a confirmation happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codes {
    /// The answer has room for them.
    Shown,
    /// It has none, so none are made: codes that nobody saw help nobody.
    NotShown,
}

/// What followed from spending.
#[derive(Default)]
pub(crate) struct Spent {
    /// The authenticator that was confirmed.
    pub confirmed: Option<Authenticator>,
    /// Those that gave way to it.
    pub removed: Vec<AuthenticatorId>,
    /// The recovery codes that come with a first authenticator.
    pub codes: Vec<RecoveryCode>,
}

/// Spends the evidence. `None` if it was spent before: then nothing may be granted, and the transaction must be dropped. The
/// account must be held.
pub(crate) async fn spend(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    evidence: Evidence,
    codes: Codes,
    now: Timestamp,
) -> Result<Option<Spent>, StoreError> {
    let consumption = match evidence {
        Evidence::SecretKey(_) => Consumption::First,
        Evidence::Code {
            authenticator,
            position,
        } => tx.authenticators().advance(authenticator, position, now).await?,
        Evidence::RecoveryCode(digest) => tx.recovery_codes().spend(user.id, &digest, now).await?,
        Evidence::Confirmation {
            authenticator,
            position,
        } => {
            let present = tx.authenticators().of_user(user.id).await?;
            return match tx.authenticators().confirm(authenticator.id, position, now).await? {
                Consumption::First => complete(core, tx, user, authenticator, &present, codes, now)
                    .await
                    .map(Some),
                Consumption::Spent => Ok(None),
            };
        }
    };
    Ok(match consumption {
        Consumption::First => Some(Spent::default()),
        Consumption::Spent => None,
    })
}

/// What a confirmation brings along: the old authenticator gives way, and so does every other one if an administrator asked
/// for a new beginning; the first authenticator comes with recovery codes, and what else was begun before it is taken back,
/// because a key or a password alone was enough for that. `present` is what the account had before.
async fn complete(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    authenticator: Authenticator,
    present: &[Authenticator],
    codes: Codes,
    now: Timestamp,
) -> Result<Spent, StoreError> {
    let is_beginning = enrolled_by(present) == Enrolled::No || user.enrolment == Enrolment::Required;
    if is_beginning {
        take_back_pending(tx, user.id).await?;
    }
    let gives_way = |other: &&Authenticator| {
        let is_other = other.id != authenticator.id;
        is_other && (authenticator.replaces == Some(other.id) || user.enrolment == Enrolment::Required)
    };
    let mut removed = Vec::new();
    for other in present.iter().filter(gives_way) {
        if tx.authenticators().delete(user.id, other.id).await? {
            removed.push(other.id);
        }
    }
    if user.enrolment != Enrolment::Done {
        tx.users().set_enrolment(user.id, Enrolment::Done).await?;
    }
    let codes = match (is_beginning, codes) {
        (true, Codes::Shown) => give_recovery_codes(core, tx, user.id, now).await?,
        (true, Codes::NotShown) => {
            tx.recovery_codes().delete_all_of(user.id).await?;
            Vec::new()
        }
        (false, _) => Vec::new(),
    };
    Ok(Spent {
        confirmed: Some(authenticator),
        removed,
        codes,
    })
}

/// Writes down what followed. It comes with the other entries, at the end of the transaction.
pub(crate) async fn note(
    core: &Core,
    tx: &mut dyn Transaction,
    user: &User,
    spent: &Spent,
    origin: &Origin,
) -> Result<(), StoreError> {
    let Some(authenticator) = &spent.confirmed else {
        return Ok(());
    };
    let id = authenticator.id.to_string();
    let details = [
        ("authenticator", id.as_str()),
        ("type", authenticator.parameters.factor().name()),
    ];
    let entry = Entry::by_owner(EventKind::AuthenticatorConfirmed, user.id, origin, &details);
    audit::record(core, tx, entry).await?;
    for removed in &spent.removed {
        let removed = removed.to_string();
        let details = [("authenticator", removed.as_str()), ("reason", "replaced")];
        let entry = Entry::by_owner(EventKind::AuthenticatorRemoved, user.id, origin, &details);
        audit::record(core, tx, entry).await?;
    }
    if !spent.codes.is_empty() {
        let count = spent.codes.len().to_string();
        let details = [("count", count.as_str())];
        let entry = Entry::by_owner(EventKind::RecoveryCodesIssued, user.id, origin, &details);
        audit::record(core, tx, entry).await?;
    }
    Ok(())
}
