//! The wall clock of the machine.

use std::time::{SystemTime, UNIX_EPOCH};

use application::ports::Clock;
use domain::time::Timestamp;

/// The wall clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as 1970: everything is then not yet valid, nothing is by mistake still valid.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::EARLIEST.after(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_does_not_stand_in_1970() {
        assert!(SystemClock.now() > Timestamp::from_seconds(1_700_000_000));
    }
}
