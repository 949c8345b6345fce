//! `[keys]`: when signing keys take over from each other.

use std::time::Duration;

use crate::loading::duration::written;
use crate::loading::reader::{Grain, Read, Reader};

/// Rotation of signing keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// How long a key signs.
    pub active_for: Duration,
    /// How long a key is published before it signs.
    pub publish_ahead: Duration,
    /// How long others may cache the published keys.
    pub jwks_max_age: Duration,
}

impl Keys {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        const SECOND: Duration = Duration::from_secs(1);
        const DAY: Duration = Duration::from_hours(24);
        let ages = Duration::from_hours(1)..=DAY * 3650;
        let active_for = from.duration("keys.active_for", &ages, Grain::Seconds);
        let publish_ahead = from.duration("keys.publish_ahead", &(SECOND..=DAY * 30), Grain::Seconds);
        let jwks_max_age = from.duration("keys.jwks_max_age", &(SECOND..=DAY), Grain::Seconds);
        let publish_ahead = publish_ahead.and_then(|ahead| check_ahead(from, ahead, active_for, jwks_max_age));
        Ok(Self {
            active_for: active_for?,
            publish_ahead: publish_ahead?,
            jwks_max_age: jwks_max_age?,
        })
    }
}

fn check_ahead(from: &mut Reader, ahead: Duration, active: Read<Duration>, max_age: Read<Duration>) -> Read<Duration> {
    let key = "keys.publish_ahead";
    let problem = match (active, max_age) {
        (_, Ok(max_age)) if ahead < max_age => {
            format!(
                "{} is shorter than keys.jwks_max_age ({})",
                written(ahead),
                written(max_age)
            )
        }
        (Ok(active), _) if ahead >= active => {
            format!(
                "{} is not shorter than keys.active_for ({})",
                written(ahead),
                written(active)
            )
        }
        _ => return Ok(ahead),
    };
    Err(from.refuse(key, problem, "at least keys.jwks_max_age, less than keys.active_for"))
}
