//! Changing keys, by age and by command.

use std::sync::Arc;

use domain::event::EventKind;
use domain::session::Origin;
use domain::signing_key::{KeyPurpose, KeyState, Kid, RotationStep, SigningKey, TooSoon};

use super::ring::{KeyRing, RingError, seal_identity};
use crate::actor::Actor;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{Addition, Consumption, KeyFailure, StoreError, Transaction};

/// How a change of keys treats what the old key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Tokens of the old key stay valid; verifiers had time to learn the new one.
    Orderly,
    /// The old key leaked: nothing that it signed is believed from now on, by this service.
    Compromised,
}

/// Why keys were not changed.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Verifiers may not know the next key yet.
    #[error(transparent)]
    TooSoon(#[from] TooSoon),
    /// Another node changed keys at the same moment.
    #[error("another node changed the keys at the same moment")]
    Lost,
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyFailure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The new ring cannot be used.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// Changes keys.
pub struct KeyRotation {
    core: Arc<Core>,
    ring: Arc<KeyRing>,
}

impl KeyRotation {
    pub(crate) const fn new(core: Arc<Core>, ring: Arc<KeyRing>) -> Self {
        Self { core, ring }
    }

    /// Does what is due: makes the next key, lets it take over, retires what is spent. Several nodes may do this at once;
    /// each step happens once. Called at start and by a worker.
    pub async fn tend(&self) -> Result<(), RotateError> {
        // Three steps fill an empty ring (next, activate, next); one more notices that nothing is due.
        for _ in 0..4 {
            let mut tx = self.core.ports.store.read().await?;
            let keys = tx.signing_keys().published().await?;
            drop(tx);
            match self.core.policies.rotation.due(&keys, self.core.now()) {
                RotationStep::Nothing => break,
                RotationStep::MakeNext => self.make_next().await?,
                RotationStep::Activate => match self
                    .activate(&Actor::Service, Urgency::Orderly, &Origin::default())
                    .await
                {
                    // Another node was faster. If it has made a new next key already, that one is what is too young.
                    Ok(_) | Err(RotateError::Lost | RotateError::TooSoon(_)) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        self.retire_spent().await?;
        Ok(self.ring.reload().await?)
    }

    /// Lets the next key take over now, and makes a new next one. Returns the name of the key that signs from now on.
    pub async fn rotate(&self, actor: &Actor, urgency: Urgency, origin: &Origin) -> Result<Kid, RotateError> {
        let kid = self.activate(actor, urgency, origin).await?;
        // At once: what a leaked key signed must not be believed until a further key is made, or because none can be.
        self.ring.reload().await?;
        // The change is done and cannot be undone. If no further key can be made now, the worker makes it later.
        if self.make_next().await.is_ok() {
            self.ring.reload().await?;
        }
        Ok(kid)
    }

    /// All keys, newest first.
    pub async fn list(&self) -> Result<Vec<SigningKey>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.signing_keys().list(100).await
    }

    async fn make_next(&self) -> Result<(), RotateError> {
        let core = &self.core;
        let algorithm = core.policies.rotation.algorithm;
        let material = core.ports.token_keys.generate(algorithm).await?;
        let kid = Kid::from_random(core.random_id());
        let now = core.now();
        let key = SigningKey {
            private: core.ports.sealer.seal(&material.private_der, &seal_identity(&kid)),
            kid,
            purpose: KeyPurpose::AccessToken,
            algorithm,
            public_der: material.public_der,
            state: KeyState::Next,
            created_at: now,
            state_since: now,
        };
        let mut tx = core.ports.store.begin().await?;
        let keys = tx.signing_keys().published().await?;
        let present = keys.iter().find(|other| other.state == KeyState::Next);
        match present {
            Some(next) if next.algorithm == algorithm => return Ok(()),
            // It never signed anything, so nobody will miss it.
            Some(next) => match tx
                .signing_keys()
                .advance(&next.kid, KeyState::Next, KeyState::Retired, now)
                .await?
            {
                Consumption::First => {}
                Consumption::Spent => return Ok(()),
            },
            None => {}
        }
        match tx.signing_keys().insert(&key).await? {
            Addition::Done => {}
            Addition::Occupied => return Ok(()),
        }
        self.note(
            tx.as_mut(),
            EventKind::KeyCreated,
            &Actor::Service,
            &key.kid,
            &Origin::default(),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    async fn activate(&self, actor: &Actor, urgency: Urgency, origin: &Origin) -> Result<Kid, RotateError> {
        let core = &self.core;
        let now = core.now();
        let mut tx = core.ports.store.begin().await?;
        let keys = tx.signing_keys().published().await?;
        let in_state = |state| keys.iter().find(|key| key.state == state);
        let next = in_state(KeyState::Next).ok_or(RotateError::Lost)?;
        let active = in_state(KeyState::Active);
        if let (Some(_), Urgency::Orderly) = (active, urgency) {
            core.policies.rotation.may_activate(next, now)?;
        }
        if let Some(active) = active {
            let left_to = match urgency {
                Urgency::Orderly => KeyState::Retiring,
                Urgency::Compromised => KeyState::Retired,
            };
            expect_first(
                tx.signing_keys()
                    .advance(&active.kid, KeyState::Active, left_to, now)
                    .await?,
            )?;
        }
        expect_first(
            tx.signing_keys()
                .advance(&next.kid, KeyState::Next, KeyState::Active, now)
                .await?,
        )?;
        if let (Some(active), Urgency::Compromised) = (active, urgency) {
            self.note(tx.as_mut(), EventKind::KeyRetired, actor, &active.kid, origin)
                .await?;
        }
        self.note(tx.as_mut(), EventKind::KeyActivated, actor, &next.kid, origin)
            .await?;
        let kid = next.kid.clone();
        tx.commit().await?;
        Ok(kid)
    }

    async fn retire_spent(&self) -> Result<(), RotateError> {
        let now = self.core.now();
        let mut tx = self.core.ports.store.read().await?;
        let keys = tx.signing_keys().published().await?;
        drop(tx);
        for key in self.core.policies.rotation.spent(&keys, now) {
            let mut tx = self.core.ports.store.begin().await?;
            match tx
                .signing_keys()
                .advance(&key.kid, KeyState::Retiring, KeyState::Retired, now)
                .await?
            {
                Consumption::First => {
                    self.note(
                        tx.as_mut(),
                        EventKind::KeyRetired,
                        &Actor::Service,
                        &key.kid,
                        &Origin::default(),
                    )
                    .await?;
                    tx.commit().await?;
                }
                Consumption::Spent => {}
            }
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut dyn Transaction,
        kind: EventKind,
        actor: &Actor,
        kid: &Kid,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let details = [("kid", kid.as_str()), ("by", actor.name())];
        let entry = Entry {
            kind,
            actor: actor.user(),
            subject: None,
            origin,
            details: &details,
        };
        audit::record(&self.core, tx, entry).await
    }
}

const fn expect_first(consumption: Consumption) -> Result<(), RotateError> {
    match consumption {
        Consumption::First => Ok(()),
        Consumption::Spent => Err(RotateError::Lost),
    }
}
