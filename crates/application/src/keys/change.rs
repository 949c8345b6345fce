//! The steps of a change of keys: which key goes from which state into which.

use domain::event::EventKind;
use domain::key_line::KeyLine;
use domain::session::Origin;
use domain::signing_key::{KeyPurpose, KeyState, Kid, SigningKey};
use domain::time::Timestamp;

use crate::actor::Actor;

/// How a change of keys treats what the old key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Tokens of the old key stay valid; verifiers had time to learn the new one.
    Orderly,
    /// The old key leaked: nothing that it signed is believed from now on, by this service.
    Compromised,
}

/// By whom keys are changed, from where and when.
pub(super) struct Change<'a> {
    pub(super) actor: &'a Actor,
    pub(super) origin: &'a Origin,
    pub(super) now: Timestamp,
}

/// A change that nobody asked for.
pub(super) const fn by_age(now: Timestamp) -> Change<'static> {
    static NOWHERE: Origin = Origin {
        address: None,
        user_agent: None,
        request_id: None,
    };
    Change {
        actor: &Actor::Service,
        origin: &NOWHERE,
        now,
    }
}

/// A key on its way into another state.
#[derive(Clone)]
pub(super) struct Step<'keys> {
    pub(super) key: &'keys SigningKey,
    pub(super) to: KeyState,
}

impl<'keys> Step<'keys> {
    /// What becomes of a key that is no longer needed. Only one that has signed is believed for a while.
    pub(super) const fn onward(key: &'keys SigningKey) -> Self {
        let to = match key.state {
            KeyState::Active => KeyState::Retiring,
            KeyState::Next | KeyState::Retiring | KeyState::Retired => KeyState::Retired,
        };
        Self { key, to }
    }

    /// What the log says of it.
    pub(super) const fn event(&self) -> Option<EventKind> {
        match self.to {
            KeyState::Next | KeyState::Retiring => None,
            KeyState::Active => Some(EventKind::KeyActivated),
            KeyState::Retired => Some(EventKind::KeyRetired),
        }
    }
}

/// The steps by which the next key of a line takes over, the leaving key first: a line has one active key at a time.
///
/// Without a next key an orderly change has to wait, which is `None`; a leaked key goes all the same.
pub(super) fn hand_over<'keys>(line: &KeyLine<'keys>, urgency: Urgency) -> Option<Vec<Step<'keys>>> {
    let next = line.next_key();
    let left_to = match urgency {
        Urgency::Orderly if next.is_none() => return None,
        Urgency::Orderly => KeyState::Retiring,
        Urgency::Compromised => KeyState::Retired,
    };
    let leaves = line.active_key().map(|key| Step { key, to: left_to });
    let enters = next.map(|key| Step {
        key,
        to: KeyState::Active,
    });
    Some(leaves.into_iter().chain(enters).collect())
}

/// The steps by which nothing that a key of a line signs is believed, now or later.
pub(super) fn give_up<'keys>(line: &KeyLine<'keys>) -> impl Iterator<Item = Step<'keys>> + use<'keys> {
    let keys = [line.active_key(), line.next_key()].into_iter().flatten();
    keys.map(|key| Step {
        key,
        to: KeyState::Retired,
    })
}

/// The key that signs for `purpose` after these steps, if they change it.
pub(super) fn new_signer(steps: &[Step<'_>], purpose: KeyPurpose) -> Option<Kid> {
    let signs = |step: &&Step<'_>| step.key.purpose == purpose && step.to == KeyState::Active;
    steps.iter().find(signs).map(|step| step.key.kid.clone())
}
