//! Changing keys, by age and by command.

use std::sync::Arc;

use domain::event::EventKind;
use domain::key_line::{KeyLine, RotationStep};
use domain::session::Origin;
use domain::signing_key::{KeyPurpose, KeyState, Kid, SigningKey, TooSoon};
use domain::time::Timestamp;

use super::change::{Change, Step, Urgency, by_age, give_up, hand_over, new_signer};
use super::ring::{KeyRing, RingError, seal_identity};
use crate::actor::Actor;
use crate::audit::{self, Entry};
use crate::core::Core;
use crate::ports::{Addition, Consumption, KeyFailure, StoreError, Transaction};

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

    /// Does what is due in each line of keys: makes the next key, lets it take over, retires what is spent. Several nodes may
    /// do this at once; each step happens once. Called at start and by a worker.
    pub async fn tend(&self) -> Result<(), RotateError> {
        let tended = self.tend_lines().await;
        // Also after a failure: what changed in one line before another failed has changed.
        let reloaded = self.ring.reload().await;
        tended?;
        Ok(reloaded?)
    }

    async fn tend_lines(&self) -> Result<(), RotateError> {
        for purpose in KeyPurpose::ALL {
            if self.core.policies.signs(purpose) {
                self.tend_line(purpose).await?;
            } else {
                self.let_go(purpose).await?;
            }
        }
        self.retire_spent().await
    }

    async fn tend_line(&self, purpose: KeyPurpose) -> Result<(), RotateError> {
        // Three steps fill an empty line (next, activate, next); one more notices that nothing is due.
        for _ in 0..4 {
            let keys = self.published().await?;
            match self.line(purpose, &keys).due(self.core.now()) {
                RotationStep::Nothing => break,
                RotationStep::MakeNext => self.make_next(purpose).await?,
                RotationStep::Activate => match self.activate(purpose).await {
                    // Another node was faster. If it has made a new next key already, that one is what is too young.
                    Ok(()) | Err(RotateError::Lost | RotateError::TooSoon(_)) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Lets the next keys take over now, for everything that this service signs, and makes new next ones. Returns the name of
    /// the key that signs access tokens from now on. If one line of keys must wait, nothing is changed.
    pub async fn rotate(&self, actor: &Actor, urgency: Urgency, origin: &Origin) -> Result<Kid, RotateError> {
        let kid = self.change_all(actor, urgency, origin).await?;
        // At once: what a leaked key signed must not be believed until a further key is made, or because none can be.
        self.ring.reload().await?;
        // The change is done and cannot be undone. If no further key can be made now, the worker makes it later.
        for purpose in self.core.policies.signed_purposes() {
            if self.tend_line(purpose).await.is_ok() {
                self.ring.reload().await?;
            }
        }
        Ok(kid)
    }

    /// All keys, newest first.
    pub async fn list(&self) -> Result<Vec<SigningKey>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.signing_keys().list(100).await
    }

    async fn published(&self) -> Result<Vec<SigningKey>, StoreError> {
        let mut tx = self.core.ports.store.read().await?;
        tx.signing_keys().published().await
    }

    fn line<'keys>(&self, purpose: KeyPurpose, keys: &'keys [SigningKey]) -> KeyLine<'keys> {
        KeyLine::of(purpose, self.core.policies.rotation, keys)
    }

    async fn make_next(&self, purpose: KeyPurpose) -> Result<(), RotateError> {
        let core = &self.core;
        let algorithm = core.policies.rotation.algorithm_for(purpose);
        let material = core.ports.token_keys.generate(algorithm).await?;
        let kid = Kid::from_random(core.random_id());
        let now = core.now();
        let key = SigningKey {
            private: core.ports.sealer.seal(&material.private_der, &seal_identity(&kid)),
            kid,
            purpose,
            algorithm,
            public_der: material.public_der,
            state: KeyState::Next,
            created_at: now,
            state_since: now,
        };
        let mut tx = core.ports.store.begin().await?;
        let keys = tx.signing_keys().published().await?;
        match self.line(purpose, &keys).next_key() {
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
        self.note(tx.as_mut(), EventKind::KeyCreated, &key, &by_age(now))
            .await?;
        Ok(tx.commit().await?)
    }

    async fn activate(&self, purpose: KeyPurpose) -> Result<(), RotateError> {
        let now = self.core.now();
        let mut tx = self.core.ports.store.begin().await?;
        let keys = tx.signing_keys().published().await?;
        let line = self.line(purpose, &keys);
        line.may_hand_over(now)?;
        let steps = hand_over(&line, Urgency::Orderly).ok_or(RotateError::Lost)?;
        self.take(tx.as_mut(), &steps, &by_age(now)).await?;
        Ok(tx.commit().await?)
    }

    /// One transaction for all lines: if one must wait, or was changed by another node, no other is changed either.
    async fn change_all(&self, actor: &Actor, urgency: Urgency, origin: &Origin) -> Result<Kid, RotateError> {
        let now = self.core.now();
        let mut tx = self.core.ports.store.begin().await?;
        let keys = tx.signing_keys().published().await?;
        let lines = KeyPurpose::ALL.map(|purpose| self.line(purpose, &keys));
        let (signing, idle): (Vec<_>, Vec<_>) = lines
            .into_iter()
            .partition(|line| self.core.policies.signs(line.purpose()));
        if urgency == Urgency::Orderly {
            let refusals = signing.iter().filter_map(|line| line.may_hand_over(now).err());
            // The latest: who waits for it is not refused again.
            if let Some(too_soon) = refusals.max_by_key(|too_soon| too_soon.possible_at) {
                return Err(too_soon.into());
            }
        }
        let mut steps = Vec::new();
        for line in &signing {
            steps.extend(hand_over(line, urgency).ok_or(RotateError::Lost)?);
        }
        if urgency == Urgency::Compromised {
            // Nothing is signed with these here; but they are published, and so believed elsewhere.
            steps.extend(idle.iter().flat_map(give_up));
        }
        let kid = new_signer(&steps, KeyPurpose::AccessToken).ok_or(RotateError::Lost)?;
        self.take(tx.as_mut(), &steps, &Change { actor, origin, now }).await?;
        tx.commit().await?;
        Ok(kid)
    }

    /// Lets a line in which nothing is signed any more end by age.
    async fn let_go(&self, purpose: KeyPurpose) -> Result<(), RotateError> {
        let now = self.core.now();
        let keys = self.published().await?;
        for key in self.line(purpose, &keys).outlived(now) {
            self.take_alone(Step::onward(key), now).await?;
        }
        Ok(())
    }

    async fn retire_spent(&self) -> Result<(), RotateError> {
        let now = self.core.now();
        let keys = self.published().await?;
        for key in self.core.policies.rotation.spent(&keys, now) {
            self.take_alone(Step::onward(key), now).await?;
        }
        Ok(())
    }

    /// Takes a step by age, unless another node did.
    async fn take_alone(&self, step: Step<'_>, now: Timestamp) -> Result<(), RotateError> {
        let mut tx = self.core.ports.store.begin().await?;
        match self.take(tx.as_mut(), &[step], &by_age(now)).await {
            Ok(()) => Ok(tx.commit().await?),
            Err(RotateError::Lost) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes the steps, and only then writes to the log, whose end is held until the transaction ends.
    async fn take(&self, tx: &mut dyn Transaction, steps: &[Step<'_>], change: &Change<'_>) -> Result<(), RotateError> {
        for Step { key, to } in steps {
            match tx.signing_keys().advance(&key.kid, key.state, *to, change.now).await? {
                Consumption::First => {}
                Consumption::Spent => return Err(RotateError::Lost),
            }
        }
        for step in steps {
            if let Some(kind) = step.event() {
                self.note(tx, kind, step.key, change).await?;
            }
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut dyn Transaction,
        kind: EventKind,
        key: &SigningKey,
        change: &Change<'_>,
    ) -> Result<(), StoreError> {
        let details = [
            ("kid", key.kid.as_str()),
            ("purpose", key.purpose.name()),
            ("by", change.actor.name()),
        ];
        let entry = Entry {
            kind,
            actor: change.actor.user(),
            subject: None,
            origin: change.origin,
            details: &details,
        };
        audit::record(&self.core, tx, entry).await
    }
}
