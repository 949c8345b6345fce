//! Time-based one-time passwords (RFC 6238): which steps are accepted.

use crate::one_time_code::{Digits, HashAlgorithm, OneTimeCode, Position};
use crate::otp_secret::OtpSecret;
use crate::time::Timestamp;

/// The most past steps that can be configured. RFC 6238 section 5.2 recommends one.
pub const PAST_STEPS_MAX: u8 = 10;
/// The most future steps that can be configured: for an authenticator whose clock runs ahead.
pub const FUTURE_STEPS_MAX: u8 = 1;

/// How long a step lasts (RFC 6238 section 4.1, `X`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// 30 seconds.
    Thirty,
    /// 60 seconds.
    Sixty,
}

impl Period {
    /// In seconds.
    pub const fn seconds(self) -> u8 {
        match self {
            Self::Thirty => 30,
            Self::Sixty => 60,
        }
    }

    /// From seconds.
    pub const fn from_seconds(seconds: u8) -> Option<Self> {
        match seconds {
            30 => Some(Self::Thirty),
            60 => Some(Self::Sixty),
            _ => None,
        }
    }

    /// The step at an instant (RFC 6238 section 4.2, with `T0` = 0).
    pub fn step(self, now: Timestamp) -> Position {
        Position::new(now.seconds().div_euclid(i64::from(self.seconds())))
    }
}

/// Which steps around the present one are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Steps before the present one, up to [`PAST_STEPS_MAX`].
    pub past_steps: u8,
    /// Steps after it, up to [`FUTURE_STEPS_MAX`].
    pub future_steps: u8,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            past_steps: 1,
            future_steps: 0,
        }
    }
}

impl Window {
    /// The steps that are accepted at `now`, in order.
    pub fn steps(self, period: Period, now: Timestamp) -> impl Iterator<Item = Position> {
        let present = period.step(now).number();
        let first = present - i64::from(self.past_steps.min(PAST_STEPS_MAX));
        let last = present + i64::from(self.future_steps.min(FUTURE_STEPS_MAX));
        (first.max(0)..=last).map(Position::new)
    }

    /// The step whose code was sent, if it is later than the `last` accepted one.
    ///
    /// Every step of the window is compared, whatever is found. Of two steps with the same code the later one counts, so
    /// that the code is not good a second time.
    pub fn matching_step(self, terms: &Terms<'_>, last: Position, sent: &OneTimeCode) -> Option<Position> {
        let mut found = None;
        for step in self.steps(terms.period, terms.now) {
            let code = OneTimeCode::compute(terms.secret, step, terms.algorithm, terms.digits);
            if bool::from(code.equals(sent)) && step > last {
                found = Some(step);
            }
        }
        found
    }
}

/// What a code is compared under.
pub struct Terms<'a> {
    /// The shared secret.
    pub secret: &'a OtpSecret,
    /// The hash.
    pub algorithm: HashAlgorithm,
    /// The length of codes.
    pub digits: Digits,
    /// The length of steps.
    pub period: Period,
    /// Now.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;

    fn secret() -> OtpSecret {
        OtpSecret::from_bytes(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    fn terms(secret: &OtpSecret, period: Period, now: i64) -> Terms<'_> {
        Terms {
            secret,
            algorithm: HashAlgorithm::Sha1,
            digits: Digits::Eight,
            period,
            now: Timestamp::from_seconds(now),
        }
    }

    #[test]
    fn a_step_begins_on_the_second() {
        for (seconds, step) in [(0, 0), (29, 0), (30, 1), (59, 1), (60, 2), (2_147_483_648, 71_582_788)] {
            assert_eq!(Period::Thirty.step(Timestamp::from_seconds(seconds)).number(), step);
        }
        assert_eq!(Period::Sixty.step(Timestamp::from_seconds(119)).number(), 1);
    }

    #[test]
    fn the_first_step_of_all_has_none_before_it() {
        let steps: Vec<_> = Window {
            past_steps: 10,
            future_steps: 1,
        }
        .steps(Period::Thirty, Timestamp::from_seconds(0))
        .collect();
        assert_eq!(steps, [Position::new(0), Position::new(1)]);
    }

    proptest! {
        /// For every setting, every period and every distance: the code of a step is accepted if and only if the step lies in
        /// the window and is later than the last accepted one.
        #[test]
        fn a_code_counts_exactly_within_the_window(
            past_steps in 0_u8..=12, future_steps in 0_u8..=3, sixty: bool, now in 0_i64..10_000_000_000,
            distance in -14_i64..=4, last_distance in -16_i64..=4,
        ) {
            let secret = secret();
            let period = if sixty { Period::Sixty } else { Period::Thirty };
            let terms = terms(&secret, period, now);
            let present = period.step(terms.now);
            let (sent_step, last) = (present.number() + distance, present.later(last_distance));
            prop_assume!(sent_step >= 0);
            let sent = OneTimeCode::compute(&secret, Position::new(sent_step), terms.algorithm, terms.digits);
            let window = Window { past_steps, future_steps };
            let in_window = distance >= -i64::from(past_steps.min(10)) && distance <= i64::from(future_steps.min(1));
            let expected = (in_window && Position::new(sent_step) > last).then(|| Position::new(sent_step));
            // Two steps of one window share a code of eight digits once in some millions of cases.
            let found = window.matching_step(&terms, last, &sent);
            let is_collision = found != expected && found.is_some_and(|step| {
                bool::from(OneTimeCode::compute(&secret, step, terms.algorithm, terms.digits).equals(&sent))
            });
            prop_assert!(found == expected || is_collision);
        }
    }
}
