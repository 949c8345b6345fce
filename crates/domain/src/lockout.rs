//! How guessing is bounded.
//!
//! The store keeps a *fact* per account and [`Budget`]: the [`Tally`]. The *verdict* is derived here and never stored, so
//! there is no flag that somebody could forget to reset. An attempt is charged before it is evaluated, and refunded by
//! success only:
//!
//! ```text
//!            charge            charge x free_attempts in window          wait over: charge, evaluate, longer wait
//!   clear ----------> counting ---------------------------------> held ------------------------------------> held ..
//!     ^                  |  window over: counting starts again       |                  consecutive = cap: held for good
//!     '------------------'------------- success ---------------------'
//! ```

use std::time::Duration;

use crate::time::Timestamp;

/// What a guess is charged to. Failures of one budget never use up another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Budget {
    /// Passwords sent by a caller who has proved nothing.
    Password,
    /// Second factors, of any type, by a caller who has proved the password.
    SecondFactor,
    /// Passwords sent by a caller who has proved a secret key or a recovery code, while [`Budget::Password`] is held. This is
    /// how the owner gets in during a flood of wrong passwords: only somebody who holds one of them can use this budget up.
    PasswordWithKey,
    /// Secret keys and recovery codes sent while [`Budget::Password`] is held, per network.
    KeyDuringHold,
    /// Passwords sent as a fresh proof by a caller with a token. A stolen token must not use up what the owner logs in with.
    PasswordWithToken,
    /// Second factors sent as a fresh proof by a caller with a token.
    SecondFactorWithToken,
    /// Codes sent to confirm a new authenticator by a caller with a token, who knows its secret: a right one is no proof of
    /// anything the account had before, so it must not clear any other budget.
    Confirmation,
    /// Codes of devices (RFC 8628) typed by somebody who is logged in: of an account, and of a network over all accounts.
    DeviceCode,
    /// Secrets of a client application that its owner chose, which may be guessable. The account is the identity that stands
    /// for the client.
    ClientSecret,
    /// Codes that are sent to the owner of an account. No guesses: it keeps the service from pestering people.
    CodeSending,
}

impl Budget {
    /// Every budget.
    pub const ALL: [Self; 10] = [
        Self::Password,
        Self::SecondFactor,
        Self::PasswordWithKey,
        Self::KeyDuringHold,
        Self::PasswordWithToken,
        Self::SecondFactorWithToken,
        Self::Confirmation,
        Self::CodeSending,
        Self::DeviceCode,
        Self::ClientSecret,
    ];

    /// The name under which it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SecondFactor => "second_factor",
            Self::PasswordWithKey => "password_with_key",
            Self::KeyDuringHold => "key_during_hold",
            Self::PasswordWithToken => "password_with_token",
            Self::SecondFactorWithToken => "second_factor_with_token",
            Self::Confirmation => "confirmation",
            Self::CodeSending => "code_sending",
            Self::DeviceCode => "device_code",
            Self::ClientSecret => "client_secret",
        }
    }

    /// Whether guesses at the codes of active authenticators are charged to it.
    pub const fn bounds_guesses_at_codes(self) -> bool {
        matches!(self, Self::SecondFactor | Self::SecondFactorWithToken)
    }

    /// The budget of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|budget| budget.name() == name)
    }
}

/// What is known about the attempts on one budget of one account since its last success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Attempts that were evaluated in the present series; decides the wait.
    pub streak: u32,
    /// When the present series began. `None` exactly when `streak` is zero.
    pub streak_began: Option<Timestamp>,
    /// Attempts that were evaluated since the last success; never restarts by time.
    pub consecutive: u32,
    /// When the last attempt was admitted.
    pub last_admitted: Option<Timestamp>,
}

impl Tally {
    /// Without one attempt that was charged and was no failure, as if it had not been made. When it was made still counts, so a
    /// wait begins anew.
    #[must_use]
    pub const fn refunded(self) -> Self {
        let streak = self.streak.saturating_sub(1);
        Self {
            streak,
            streak_began: if streak == 0 { None } else { self.streak_began },
            consecutive: self.consecutive.saturating_sub(1),
            last_admitted: self.last_admitted,
        }
    }
}

/// How often a code is sent to the owner of one account: three times within a minute, and then once a minute.
pub const CODE_SENDING: LockoutPolicy = LockoutPolicy {
    free_attempts: 3,
    window: Duration::from_mins(1),
    first_wait: Duration::from_mins(1),
    longest_wait: Duration::from_mins(1),
    cap: u32::MAX,
};

/// An attempt that must not be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Until this instant.
    Until(Timestamp),
    /// Until an administrator unlocks the account: the cap is reached (NIST SP 800-63B-4 section 3.2.2).
    ForGood,
}

/// The numbers of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// Attempts that are evaluated at once within `window`.
    pub free_attempts: u32,
    /// The span in which `free_attempts` may be used.
    pub window: Duration,
    /// The wait after the last free attempt; each further attempt doubles it.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// Consecutive attempts without success after which no more is evaluated.
    pub cap: u32,
}

impl Default for LockoutPolicy {
    fn default() -> Self {
        Self {
            free_attempts: 5,
            window: Duration::from_mins(15),
            first_wait: Duration::from_mins(1),
            longest_wait: Duration::from_hours(1),
            cap: 100,
        }
    }
}

impl LockoutPolicy {
    /// Charges one attempt at `now`.
    ///
    /// Returns the tally to store before the attempt is evaluated, or why it must not be evaluated. A held attempt leaves
    /// the tally as it is: hammering on a held account does not make its wait longer.
    pub fn charge(&self, tally: Tally, now: Timestamp) -> Result<Tally, Held> {
        if tally.consecutive >= self.cap {
            return Err(Held::ForGood);
        }
        let mut charged = Tally {
            consecutive: tally.consecutive + 1,
            last_admitted: Some(now),
            ..tally
        };
        if tally.streak >= self.free_attempts {
            let free_at = tally
                .last_admitted
                .unwrap_or(Timestamp::EARLIEST)
                .after(self.wait_after(tally.streak));
            if now < free_at {
                return Err(Held::Until(free_at));
            }
            charged.streak = tally.streak.saturating_add(1);
            return Ok(charged);
        }
        match tally.streak_began {
            Some(began) if now < began.after(self.window) => charged.streak = tally.streak + 1,
            _ => (charged.streak, charged.streak_began) = (1, Some(now)),
        }
        Ok(charged)
    }

    /// What the tally means for the next attempt, without charging one; for administrators.
    pub fn verdict(&self, tally: Tally, now: Timestamp) -> Result<(), Held> {
        self.charge(tally, now).map(|_| ())
    }

    /// As [`LockoutPolicy::charge`], for what is no guess: a tally whose window has passed since its last attempt is forgotten.
    pub fn charge_leniently(&self, tally: Tally, now: Timestamp) -> Result<Tally, Held> {
        let is_over = tally.last_admitted.is_some_and(|last| now >= last.after(self.window));
        self.charge(if is_over { Tally::default() } else { tally }, now)
    }

    fn wait_after(&self, streak: u32) -> Duration {
        let doublings = streak.saturating_sub(self.free_attempts).min(31);
        self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: LockoutPolicy = LockoutPolicy {
        free_attempts: 5,
        window: Duration::from_mins(15),
        first_wait: Duration::from_mins(1),
        longest_wait: Duration::from_hours(1),
        cap: 100,
    };

    fn minute(minutes: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + minutes * 60)
    }

    fn after_free_attempts() -> Tally {
        (0..5).fold(Tally::default(), |tally, _| {
            POLICY.charge(tally, minute(0)).unwrap_or(tally)
        })
    }

    #[test]
    fn five_are_free_and_the_sixth_waits() {
        let tally = after_free_attempts();
        assert_eq!((tally.streak, tally.consecutive), (5, 5));
        assert_eq!(POLICY.charge(tally, minute(0)), Err(Held::Until(minute(1))));
    }

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_the_longest() {
        let mut tally = after_free_attempts();
        let (mut now, mut waits) = (minute(0), Vec::new());
        for _ in 0..9 {
            let Err(Held::Until(free_at)) = POLICY.charge(tally, now) else {
                break;
            };
            waits.push(free_at.since(now).as_secs() / 60);
            now = free_at;
            tally = POLICY.charge(tally, now).unwrap_or(tally);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn four_failures_are_forgotten_after_the_window_but_not_by_the_cap() {
        let four = (0..4).fold(Tally::default(), |tally, _| {
            POLICY.charge(tally, minute(0)).unwrap_or(tally)
        });
        let later = POLICY.charge(four, minute(15)).unwrap_or_default();
        assert_eq!((later.streak, later.consecutive), (1, 5));
    }

    #[test]
    fn codes_are_sent_three_times_a_minute_at_most() {
        let second = |seconds: i64| Timestamp::from_seconds(1_000_000 + seconds);
        let mut tally = Tally::default();
        for _ in 0..3 {
            tally = CODE_SENDING.charge_leniently(tally, second(0)).unwrap_or_default();
        }
        assert_eq!(
            CODE_SENDING.charge_leniently(tally, second(59)),
            Err(Held::Until(second(60)))
        );
        let later = CODE_SENDING.charge_leniently(tally, second(60)).unwrap_or_default();
        assert_eq!((later.streak, later.consecutive), (1, 1));
    }

    #[test]
    fn a_held_account_does_not_become_free_by_a_window_passing() {
        let tally = POLICY.charge(after_free_attempts(), minute(1)).unwrap_or_default();
        assert_eq!(POLICY.charge(tally, minute(2)), Err(Held::Until(minute(3))));
        let next = POLICY.charge(tally, minute(600)).unwrap_or_default();
        assert_eq!(next.streak, 7);
    }

    #[test]
    fn a_refund_takes_back_one_attempt_and_no_failure_before_it() {
        let mut tally = Tally::default();
        for _ in 0..50 {
            tally = POLICY.charge(tally, minute(0)).unwrap_or(tally).refunded();
        }
        assert_eq!((tally.streak, tally.streak_began, tally.consecutive), (0, None, 0));
        let five = after_free_attempts();
        let after_a_wait = POLICY.charge(five, minute(1)).map(Tally::refunded).unwrap_or_default();
        assert_eq!((after_a_wait.streak, after_a_wait.consecutive), (5, 5));
        assert_eq!(POLICY.charge(after_a_wait, minute(1)), Err(Held::Until(minute(2))));
        assert_eq!(Tally::default().refunded(), Tally::default());
    }

    #[test]
    fn a_clock_that_goes_back_frees_nothing() {
        assert!(POLICY.charge(after_free_attempts(), minute(-600)).is_err());
    }

    proptest! {
        /// However the attempts are spread over time, no more than the cap are evaluated without a success.
        #[test]
        fn the_cap_holds_for_every_spread(gaps in proptest::collection::vec(0_i64..200, 1..400)) {
            let (mut tally, mut now, mut evaluated) = (Tally::default(), minute(0), 0);
            for gap in gaps {
                now = now.after(Duration::from_secs(gap.unsigned_abs() * 60));
                if let Ok(charged) = POLICY.charge(tally, now) {
                    (tally, evaluated) = (charged, evaluated + 1);
                }
            }
            prop_assert!(evaluated <= 100);
            prop_assert_eq!(tally.consecutive, evaluated);
        }

        /// Within any window of the first failures, no more than the free attempts are evaluated.
        #[test]
        fn never_more_than_the_free_attempts_at_once(tries in 1_usize..600) {
            let mut tally = Tally::default();
            let evaluated = (0..tries).filter(|_| match POLICY.charge(tally, minute(0)) {
                Ok(charged) => { tally = charged; true }
                Err(_) => false,
            }).count();
            prop_assert!(evaluated <= 5);
        }
    }
}
