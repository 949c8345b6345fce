//! The line of keys of one purpose: what is due in it, and when a key may take over.
//!
//! A line knows no other: each has its own `next` and its own `active` key, and nothing that happens in one is a reason for
//! anything in another.

use crate::signing_key::{Algorithm, KeyPurpose, KeyState, RotationPolicy, SigningKey, TooSoon};
use crate::time::Timestamp;

/// What a line needs next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationStep {
    /// Nothing now.
    Nothing,
    /// A `next` key must be made (there is none, or the configured algorithm is another).
    MakeNext,
    /// The `next` key takes over from the active one.
    Activate,
}

/// The keys of one purpose.
#[derive(Clone)]
pub struct KeyLine<'keys> {
    purpose: KeyPurpose,
    policy: RotationPolicy,
    keys: Vec<&'keys SigningKey>,
}

impl<'keys> KeyLine<'keys> {
    /// Picks the keys of `purpose` from a ring.
    pub fn of(purpose: KeyPurpose, policy: RotationPolicy, ring: &'keys [SigningKey]) -> Self {
        Self {
            purpose,
            policy,
            keys: ring.iter().filter(|key| key.purpose == purpose).collect(),
        }
    }

    /// What its keys sign.
    pub const fn purpose(&self) -> KeyPurpose {
        self.purpose
    }

    /// The algorithm of new keys.
    pub const fn algorithm(&self) -> Algorithm {
        self.policy.algorithm_for(self.purpose)
    }

    /// The key that takes over next.
    pub fn next_key(&self) -> Option<&'keys SigningKey> {
        self.in_state(KeyState::Next)
    }

    /// The key that signs.
    pub fn active_key(&self) -> Option<&'keys SigningKey> {
        self.in_state(KeyState::Active)
    }

    fn in_state(&self, state: KeyState) -> Option<&'keys SigningKey> {
        self.keys.iter().copied().find(|key| key.state == state)
    }

    /// What is due at `now`, by age.
    pub fn due(&self, now: Timestamp) -> RotationStep {
        let algorithm = self.algorithm();
        if self.next_key().is_none_or(|next| next.algorithm != algorithm) {
            return RotationStep::MakeNext;
        }
        let worn_out = self
            .active_key()
            .is_none_or(|active| active.algorithm != algorithm || self.has_served(active, now));
        if worn_out && self.may_hand_over(now).is_ok() {
            RotationStep::Activate
        } else {
            RotationStep::Nothing
        }
    }

    /// Whether the `next` key was published long enough to take over at `now`. Nobody holds an older set of a line that never
    /// signed, so its first key does not wait.
    pub fn may_hand_over(&self, now: Timestamp) -> Result<(), TooSoon> {
        let (Some(next), Some(_)) = (self.next_key(), self.active_key()) else {
            return Ok(());
        };
        let possible_at = next.created_at.after(self.policy.publish_ahead);
        if now >= possible_at {
            Ok(())
        } else {
            Err(TooSoon { possible_at })
        }
    }

    /// The keys that a line loses by age when nothing is to be signed in it any more and nobody makes new ones.
    ///
    /// Not at once: during a rollout, or a command that runs without the settings of the service, one node has switched off
    /// what another still signs with, and the two would take the key from each other. It does no harm where it is.
    pub fn outlived(&self, now: Timestamp) -> Vec<&'keys SigningKey> {
        [self.active_key(), self.next_key()]
            .into_iter()
            .flatten()
            .filter(|key| self.has_served(key, now))
            .collect()
    }

    fn has_served(&self, key: &SigningKey, now: Timestamp) -> bool {
        now >= key.state_since.after(self.policy.active_for)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::secret::Sealed;
    use crate::signing_key::Kid;

    const DAY: Duration = Duration::from_hours(24);
    const POLICY: RotationPolicy = RotationPolicy {
        algorithm: Algorithm::Es256,
        active_for: Duration::from_hours(90 * 24),
        publish_ahead: DAY,
        retire_after: Duration::from_hours(1),
    };

    fn key(state: KeyState, algorithm: Algorithm, since: Timestamp) -> SigningKey {
        SigningKey {
            purpose: KeyPurpose::AccessToken,
            kid: Kid::new(state.name().into()),
            algorithm,
            public_der: vec![],
            private: Sealed::from_bytes(vec![]),
            state,
            created_at: since,
            state_since: since,
        }
    }

    fn orion_key(state: KeyState, since: Timestamp) -> SigningKey {
        SigningKey {
            purpose: KeyPurpose::Orion,
            ..key(state, Algorithm::Rs256, since)
        }
    }

    fn line(keys: &[SigningKey]) -> KeyLine<'_> {
        KeyLine::of(KeyPurpose::AccessToken, POLICY, keys)
    }

    fn orion_line(keys: &[SigningKey]) -> KeyLine<'_> {
        KeyLine::of(KeyPurpose::Orion, POLICY, keys)
    }

    #[test]
    fn an_empty_line_gets_a_next_key_and_activates_it_at_once() {
        let now = Timestamp::from_seconds(0);
        assert_eq!(line(&[]).due(now), RotationStep::MakeNext);
        assert_eq!(
            line(&[key(KeyState::Next, Algorithm::Es256, now)]).due(now),
            RotationStep::Activate
        );
    }

    #[test]
    fn a_key_signs_for_its_time_and_hands_over() {
        let start = Timestamp::from_seconds(0);
        let ring = [
            key(KeyState::Active, Algorithm::Es256, start),
            key(KeyState::Next, Algorithm::Es256, start),
        ];
        assert_eq!(line(&ring).due(start.after(DAY * 89)), RotationStep::Nothing);
        assert_eq!(line(&ring).due(start.after(DAY * 90)), RotationStep::Activate);
    }

    #[test]
    fn a_key_never_signs_before_verifiers_could_know_it() {
        let start = Timestamp::from_seconds(0);
        let made = start.after(DAY * 90);
        let ring = [
            key(KeyState::Active, Algorithm::Es256, start),
            key(KeyState::Next, Algorithm::Es256, made),
        ];
        assert_eq!(line(&ring).due(made), RotationStep::Nothing);
        let possible_at = made.after(DAY);
        assert_eq!(line(&ring).may_hand_over(made), Err(TooSoon { possible_at }));
        assert_eq!(line(&ring).due(possible_at), RotationStep::Activate);
        assert_eq!(line(&ring).may_hand_over(possible_at), Ok(()));
    }

    #[test]
    fn another_algorithm_is_rolled_in_by_the_same_steps() {
        let start = Timestamp::from_seconds(0);
        let mut ring = vec![
            key(KeyState::Active, Algorithm::Rs256, start),
            key(KeyState::Next, Algorithm::Rs256, start),
        ];
        assert_eq!(line(&ring).due(start.after(DAY)), RotationStep::MakeNext);
        ring.push(key(KeyState::Next, Algorithm::Es256, start.after(DAY)));
        ring.remove(1);
        assert_eq!(line(&ring).due(start.after(DAY)), RotationStep::Nothing);
        assert_eq!(line(&ring).due(start.after(DAY * 2)), RotationStep::Activate);
    }

    #[test]
    fn a_line_has_keys_of_its_own_purpose_only() {
        let start = Timestamp::from_seconds(0);
        let mut ring = vec![
            key(KeyState::Active, Algorithm::Es256, start),
            key(KeyState::Next, Algorithm::Es256, start),
        ];
        assert_eq!(orion_line(&ring).due(start), RotationStep::MakeNext);
        ring.push(orion_key(KeyState::Next, start));
        assert_eq!(orion_line(&ring).due(start), RotationStep::Activate);
        assert_eq!(line(&ring).due(start), RotationStep::Nothing);
        assert!(line(&ring[2..]).next_key().is_none());
        assert!(orion_line(&ring[..2]).active_key().is_none());
    }

    #[test]
    fn the_algorithm_of_the_settings_is_for_access_tokens() {
        for algorithm in Algorithm::ALL {
            let policy = RotationPolicy { algorithm, ..POLICY };
            let of = |purpose| KeyLine::of(purpose, policy, &[]).algorithm();
            assert_eq!(of(KeyPurpose::AccessToken), algorithm);
            assert_eq!(of(KeyPurpose::Orion), Algorithm::Rs256);
            assert_eq!(of(KeyPurpose::IdToken), Algorithm::Rs256);
        }
    }

    #[test]
    fn a_line_that_is_given_up_loses_its_keys_by_age() {
        let start = Timestamp::from_seconds(0);
        let ring = [
            key(KeyState::Active, Algorithm::Es256, start),
            orion_key(KeyState::Active, start),
            orion_key(KeyState::Next, start.after(DAY)),
            orion_key(KeyState::Retiring, start),
        ];
        let outlived = |days| {
            let keys = orion_line(&ring).outlived(start.after(DAY * days));
            keys.iter().map(|key| key.state).collect::<Vec<_>>()
        };
        assert_eq!(outlived(89), []);
        assert_eq!(outlived(90), [KeyState::Active]);
        assert_eq!(outlived(91), [KeyState::Active, KeyState::Next]);
    }

    #[test]
    fn a_retiring_key_is_believed_until_its_last_token_is_gone() {
        let since = Timestamp::from_seconds(0);
        let ring = [
            key(KeyState::Retiring, Algorithm::Es256, since),
            orion_key(KeyState::Retiring, since),
            orion_key(KeyState::Active, since),
        ];
        assert!(POLICY.spent(&ring, since.after(Duration::from_mins(59))).is_empty());
        assert_eq!(POLICY.spent(&ring, since.after(Duration::from_hours(1))).len(), 2);
    }
}
