//! `[rate_limit]`: how many requests with credentials one address may send.

use crate::loading::reader::{Read, Reader};

/// Limits for each address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Whether there are any.
    pub enabled: bool,
    /// In the long run; not 0 if enabled.
    pub credentials_per_minute: u32,
    /// At once; not 0 if enabled.
    pub credentials_burst: u32,
}

impl RateLimit {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let enabled = from.switch("rate_limit.enabled");
        let per_minute = from.number("rate_limit.credentials_per_minute", 0..=1_000_000);
        let burst = from.number("rate_limit.credentials_burst", 0..=100_000);
        for (key, number) in [("credentials_per_minute", per_minute), ("credentials_burst", burst)] {
            if let (Ok(true), Ok(0)) = (enabled, number) {
                let problem = "0 would refuse every caller";
                from.refuse(
                    &format!("rate_limit.{key}"),
                    problem,
                    "at least 1, or rate_limit.enabled = false",
                );
            }
        }
        Ok(Self {
            enabled: enabled?,
            credentials_per_minute: per_minute?,
            credentials_burst: burst?,
        })
    }
}
