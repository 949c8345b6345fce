//! Durations as people write them: `250ms`, `30s`, `10m`, `24h`, `90d`; a number alone counts seconds.

use std::time::Duration;

use super::fault::quoted;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Reads one number and one unit. Compounds such as `1h30m` have no place in settings: `90m` says the same.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(unit_at);
    if digits.is_empty() {
        return Err(format!("{} is not a duration", quoted(text)));
    }
    let seconds_per_unit = match unit {
        "" | "s" | "ms" => 1,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return Err(format!("{} has a unit that is none of ms, s, m, h, d", quoted(text))),
    };
    let duration = digits.parse::<u64>().ok().and_then(|number| match unit {
        "ms" => Some(Duration::from_millis(number)),
        _ => number.checked_mul(seconds_per_unit).map(Duration::from_secs),
    });
    duration.ok_or_else(|| format!("{} is too long to be counted", quoted(text)))
}

/// The shortest way to write it; the inverse of [`parse`] for whole milliseconds.
pub(crate) fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() != 0 {
        return format!("{}ms", duration.as_millis());
    }
    for (size, unit) in [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm')] {
        if seconds != 0 && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        let table = [
            ("0s", Duration::ZERO),
            ("0", Duration::ZERO),
            ("250ms", Duration::from_millis(250)),
            ("30s", Duration::from_secs(30)),
            ("45", Duration::from_secs(45)),
            ("10m", Duration::from_mins(10)),
            ("24h", Duration::from_hours(24)),
            ("90d", Duration::from_hours(90 * 24)),
            ("007m", Duration::from_mins(7)),
            ("18446744073709551615s", Duration::from_secs(u64::MAX)),
            ("18446744073709551615ms", Duration::from_millis(u64::MAX)),
            ("213503982334601d", Duration::from_secs(213_503_982_334_601 * DAY)),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let table = [
            "", " ", "s", "ten", "-1s", "+1s", "1.5h", "1h30m", "5 m", " 5m", "5m ", "5M", "5min", "5w", "5µs", "٣s",
            "1e3s", "0x10", "1_000s",
        ];
        for text in table {
            assert!(parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn what_cannot_be_counted_is_refused_and_never_wraps() {
        let table = [
            "18446744073709551616s",
            "18446744073709551616",
            "18446744073709551616ms",
            "307445734561825861m",
            "5124095576030432h",
            "213503982334602d",
            "99999999999999999999999999999999d",
        ];
        for text in table {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains("too long"), "{text}: {refused}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["0s", "250ms", "1500ms", "59s", "1m", "61m", "1h", "25h", "1d", "365d"] {
            assert_eq!(written(parse(text).unwrap()), text);
        }
        assert_eq!(written(Duration::from_hours(24)), "1d");
    }
}
