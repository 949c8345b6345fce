//! `[lockout]`: how often an account may be guessed at.

use std::time::Duration;

use crate::loading::duration::written;
use crate::loading::reader::{Grain, Read, Reader};

/// The numbers of the lockout rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Wrong proofs within `window` before the first wait.
    pub free_attempts: u32,
    /// The time in which they are counted.
    pub window: Duration,
    /// The first wait.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// Wrong proofs in a row after which only an administrator can unlock.
    pub cap: u32,
}

impl Lockout {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        const DAY: Duration = Duration::from_hours(24);
        let waits = Duration::from_secs(1)..=DAY;
        let free_attempts = from.number("lockout.free_attempts", 1..=20);
        let window = from.duration("lockout.window", &(Duration::from_mins(1)..=DAY), Grain::Seconds);
        let first_wait = from.duration("lockout.first_wait", &waits, Grain::Seconds);
        let longest_wait = from.duration("lockout.longest_wait", &waits, Grain::Seconds);
        // NIST SP 800-63B-4, section 3.2.2: no more than 100 consecutive failed attempts.
        let cap = from.number("lockout.cap", 1..=100);
        if let (Ok(first), Ok(longest)) = (first_wait, longest_wait)
            && first > longest
        {
            let problem = format!(
                "{} is longer than lockout.longest_wait ({})",
                written(first),
                written(longest)
            );
            from.refuse("lockout.first_wait", problem, "at most the longest wait");
        }
        if let (Ok(free), Ok(cap)) = (free_attempts, cap)
            && cap < free
        {
            let problem = format!("{cap} is less than lockout.free_attempts ({free})");
            from.refuse("lockout.cap", problem, "at least the free attempts, at most 100");
        }
        Ok(Self {
            free_attempts: free_attempts?,
            window: window?,
            first_wait: first_wait?,
            longest_wait: longest_wait?,
            cap: cap?,
        })
    }
}
