//! `[browser]`: how long a browser stays logged in.

use std::time::Duration;

use crate::loading::reader::{Grain, Read, Reader};
use crate::tokens::no_longer_than;

/// Sessions of browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// How long one lives unused.
    pub session_idle: Duration,
    /// How long one lives at all.
    pub session_lifetime: Duration,
}

impl Browser {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        const LIFETIME: &str = "browser.session_lifetime";
        let range = Duration::from_mins(1)..=Duration::from_hours(30 * 24);
        let idle = from.duration("browser.session_idle", &range, Grain::Seconds);
        let lifetime = from.duration(LIFETIME, &range, Grain::Seconds);
        let idle = no_longer_than(from, "browser.session_idle", idle, LIFETIME, lifetime);
        Ok(Self {
            session_idle: idle?,
            session_lifetime: lifetime?,
        })
    }
}
