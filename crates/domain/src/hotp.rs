//! Counter-based one-time passwords (RFC 4226): how far ahead of the server a token may be, and how the two meet again.

use crate::one_time_code::{Digits, HashAlgorithm, OneTimeCode, Position};
use crate::otp_secret::OtpSecret;

/// The largest look-ahead that can be configured.
pub const LOOK_AHEAD_MAX: u16 = 50;
/// The largest window for resynchronisation that can be configured.
pub const RESYNC_MAX: u16 = 1_000;

/// How far ahead of the last accepted counter codes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookAhead {
    /// For one code (RFC 4226 section 7.4, `s`): counters beyond the next one.
    pub counters: u16,
    /// For two consecutive codes, which are far harder to guess.
    pub resync: u16,
}

impl Default for LookAhead {
    fn default() -> Self {
        Self {
            counters: 10,
            resync: 100,
        }
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
}

impl Terms<'_> {
    fn code(&self, counter: Position) -> OneTimeCode {
        OneTimeCode::compute(self.secret, counter, self.algorithm, self.digits)
    }
}

impl LookAhead {
    /// The counter whose code was sent, if it is later than the `last` accepted one and not too far ahead. Every counter is
    /// compared, whatever is found; the first match counts (RFC 4226 section 7.2).
    pub fn matching_counter(self, terms: &Terms<'_>, last: Position, sent: &OneTimeCode) -> Option<Position> {
        let reach = 1 + i64::from(self.counters.min(LOOK_AHEAD_MAX));
        let mut found = None;
        for distance in 1..=reach {
            let counter = last.later(distance);
            let is_same = bool::from(terms.code(counter).equals(sent));
            if is_same && found.is_none() {
                found = Some(counter);
            }
        }
        found
    }

    /// The counter of the second of two consecutive codes, for a token that ran further ahead (RFC 4226 section 7.4).
    pub fn matching_pair(
        self,
        terms: &Terms<'_>,
        last: Position,
        sent: (&OneTimeCode, &OneTimeCode),
    ) -> Option<Position> {
        let reach = 1 + i64::from(self.resync.min(RESYNC_MAX));
        let mut found = None;
        let mut before = terms.code(last.later(1));
        for distance in 1..=reach {
            let after = terms.code(last.later(distance + 1));
            let is_pair = bool::from(before.equals(sent.0) & after.equals(sent.1));
            if is_pair && found.is_none() {
                found = Some(last.later(distance + 1));
            }
            before = after;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;

    fn secret() -> OtpSecret {
        OtpSecret::from_bytes(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    fn terms(secret: &OtpSecret) -> Terms<'_> {
        Terms {
            secret,
            algorithm: HashAlgorithm::Sha1,
            digits: Digits::Eight,
        }
    }

    #[test]
    fn the_first_counter_is_zero() {
        let secret = secret();
        let first = terms(&secret).code(Position::new(0));
        let found = LookAhead::default().matching_counter(&terms(&secret), Position::NONE, &first);
        assert_eq!(found, Some(Position::new(0)));
    }

    proptest! {
        #[test]
        fn one_code_counts_within_the_look_ahead_only(
            counters in 0_u16..60, last in -1_i64..1_000_000, distance in -3_i64..70,
        ) {
            let secret = secret();
            let (terms, last) = (terms(&secret), Position::new(last));
            let counter = last.number() + distance;
            prop_assume!(counter >= 0);
            let found = LookAhead { counters, resync: 0 }.matching_counter(&terms, last, &terms.code(Position::new(counter)));
            let reach = 1 + i64::from(counters.min(LOOK_AHEAD_MAX));
            prop_assert_eq!(found.is_some(), (1..=reach).contains(&distance));
        }

        #[test]
        fn a_pair_counts_further_and_only_in_order(last in -1_i64..1_000_000, distance in 1_i64..140) {
            let secret = secret();
            let (terms, last) = (terms(&secret), Position::new(last));
            let (first, second) = (terms.code(last.later(distance)), terms.code(last.later(distance + 1)));
            let window = LookAhead { counters: 0, resync: 100 };
            let expected = (distance <= 101).then(|| last.later(distance + 1));
            prop_assert_eq!(window.matching_pair(&terms, last, (&first, &second)), expected);
            prop_assert_eq!(window.matching_pair(&terms, last, (&second, &first)), None);
            prop_assert_eq!(window.matching_pair(&terms, last, (&first, &first)), None);
        }
    }
}
