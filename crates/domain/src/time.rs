//! Instants. Rules take them as arguments; only the edge of the service reads a clock.

use std::time::Duration;

/// An instant on the wall clock: microseconds since 1970-01-01T00:00:00Z.
///
/// Arithmetic saturates, so that no setting and no stored value can make a rule panic or wrap around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest instant there is; before every other.
    pub const EARLIEST: Self = Self(0);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch, as in a JWT's `NumericDate` (RFC 7519 section 2).
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This instant and `span` later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// This instant and `span` earlier.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(
            Timestamp::from_micros(i64::MAX).after(Duration::from_secs(1)),
            Timestamp::from_micros(i64::MAX)
        );
        assert_eq!(
            Timestamp::from_seconds(5).since(Timestamp::from_seconds(9)),
            Duration::ZERO
        );
        assert_eq!(
            Timestamp::from_seconds(9).since(Timestamp::from_seconds(5)),
            Duration::from_secs(4)
        );
    }

    #[test]
    fn seconds_round_down() {
        assert_eq!(Timestamp::from_micros(1_999_999).seconds(), 1);
        assert_eq!(Timestamp::from_micros(-1).seconds(), -1);
    }
}
