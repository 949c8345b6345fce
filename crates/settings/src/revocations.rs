//! `[revocations]`: how fast nodes learn what was revoked on others.

use std::time::Duration;

use crate::loading::duration::written;
use crate::loading::reader::{Grain, Read, Reader};

/// The revocation feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocations {
    /// How often the database is asked.
    pub poll: Duration,
    /// How old the answer may be; when it is older, the database is asked before a token is accepted.
    pub stale_after: Duration,
}

impl Revocations {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        const SHORTEST: Duration = Duration::from_millis(50);
        let poll = from.duration(
            "revocations.poll",
            &(SHORTEST..=Duration::from_secs(1)),
            Grain::Milliseconds,
        );
        let ages = SHORTEST..=Duration::from_mins(1);
        let stale_after = from.duration("revocations.stale_after", &ages, Grain::Milliseconds);
        let (poll, stale_after) = (poll?, stale_after?);
        if stale_after < poll {
            let problem = format!(
                "{} is shorter than revocations.poll ({})",
                written(stale_after),
                written(poll)
            );
            return Err(from.refuse(
                "revocations.stale_after",
                problem,
                "at least the time between two polls",
            ));
        }
        Ok(Self { poll, stale_after })
    }
}
