//! `[recovery]`: the way back for somebody who lost an authenticator.

use std::time::Duration;

use crate::loading::reader::{Grain, Read, Reader};

/// Recovery codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// How long a recovery code that an administrator made is good.
    pub issued_lifetime: Duration,
}

impl Recovery {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        // NIST SP 800-63B-4, section 4.2.1.2: no issued recovery code is good for more than 24 hours.
        let lifetimes = Duration::from_mins(10)..=Duration::from_hours(24);
        let issued_lifetime = from.duration("recovery.issued_lifetime", &lifetimes, Grain::Seconds);
        Ok(Self {
            issued_lifetime: issued_lifetime?,
        })
    }
}
