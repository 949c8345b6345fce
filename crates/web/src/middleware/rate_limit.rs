//! How many requests with credentials a network may send. It stands in front of the counters of accounts, which decide: this
//! one keeps a single network from using up the work of hashing, and tells honest clients when to come again.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use poem::Response;
use poem::http::{HeaderName, HeaderValue};

use super::client_address::Network;
use crate::RateLimit;
use crate::problem::{Code, Problem};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// After so many requests, networks that are back at their full budget are forgotten.
const FORGET_EVERY: u32 = 1_024;

type Limiter = RateLimiter<Network, DefaultKeyedStateStore<Network>, DefaultClock, StateInformationMiddleware>;

/// Counts requests with credentials.
pub(crate) struct RateLimits {
    limiter: Limiter,
    clock: DefaultClock,
    burst: NonZeroU32,
    each: Duration,
    policy: HeaderValue,
    since_forgetting: AtomicU32,
}

/// What a network has left, for the headers of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    requests: u32,
    seconds: u64,
}

/// Whether a request may go on.
pub(crate) enum Admission {
    /// It may.
    Admitted(Left),
    /// It must wait.
    Refused(Left),
}

impl RateLimits {
    /// Counts by these numbers.
    pub fn new(limit: RateLimit) -> Self {
        let quota = Quota::per_minute(limit.per_minute).allow_burst(limit.burst);
        let clock = DefaultClock::default();
        let each = quota.replenish_interval();
        let policy = format!(
            "\"credentials\";q={};w={}",
            limit.burst,
            whole_seconds(each * limit.burst.get())
        );
        Self {
            limiter: RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone()),
            clock,
            burst: limit.burst,
            each,
            policy: HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("")),
            since_forgetting: AtomicU32::new(0),
        }
    }

    /// Counts a request.
    pub fn admit(&self, network: Network) -> Admission {
        if self.since_forgetting.fetch_add(1, Ordering::Relaxed) >= FORGET_EVERY {
            self.since_forgetting.store(0, Ordering::Relaxed);
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&network) {
            Ok(state) => {
                let requests = state.remaining_burst_capacity();
                let used = self.burst.get().saturating_sub(requests);
                Admission::Admitted(Left {
                    requests,
                    seconds: whole_seconds(self.each * used),
                })
            }
            Err(until) => Admission::Refused(Left {
                requests: 0,
                seconds: whole_seconds(until.wait_time_from(self.clock.now())).max(1),
            }),
        }
    }

    /// Tells the caller what is left (draft-ietf-httpapi-ratelimit-headers).
    pub fn describe(&self, left: Left, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(POLICY, self.policy.clone());
        let state = format!("\"credentials\";r={};t={}", left.requests, left.seconds);
        if let Ok(state) = HeaderValue::try_from(state) {
            headers.insert(STATE, state);
        }
    }
}

impl Left {
    /// How long to wait.
    pub const fn seconds(self) -> u64 {
        self.seconds
    }

    /// The refusal.
    pub fn problem(self) -> Problem {
        Problem::new(Code::RateLimited).retry_after(self.seconds)
    }
}

/// Rounded up: who comes again too early is refused again.
fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn limits(per_minute: u32, burst: u32) -> RateLimits {
        RateLimits::new(RateLimit {
            per_minute: NonZeroU32::new(per_minute).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        })
    }

    fn network(last: u8) -> Network {
        Network::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    #[test]
    fn a_burst_is_admitted_and_no_more() {
        let limits = limits(1, 3);
        for _ in 0..3 {
            assert!(matches!(limits.admit(network(1)), Admission::Admitted(_)));
        }
        let Admission::Refused(left) = limits.admit(network(1)) else {
            panic!("the fourth of three was admitted");
        };
        assert!(left.requests == 0 && (1..=60).contains(&left.seconds), "{left:?}");
    }

    #[test]
    fn networks_do_not_use_up_each_others_budget() {
        let limits = limits(1, 1);
        assert!(matches!(limits.admit(network(1)), Admission::Admitted(_)));
        assert!(matches!(limits.admit(network(2)), Admission::Admitted(_)));
        assert!(matches!(limits.admit(network(1)), Admission::Refused(_)));
    }

    #[test]
    fn the_headers_say_what_is_left() {
        let limits = limits(60, 30);
        let Admission::Admitted(left) = limits.admit(network(1)) else {
            panic!("the first was refused");
        };
        let mut response = Response::default();
        limits.describe(left, &mut response);
        assert_eq!(response.header(POLICY), Some(r#""credentials";q=30;w=30"#));
        assert_eq!(response.header(STATE), Some(r#""credentials";r=29;t=1"#));
    }

    #[test]
    fn networks_at_full_budget_are_forgotten() {
        let limits = limits(u32::MAX, 1);
        for round in 0..=FORGET_EVERY {
            let bytes = round.to_be_bytes();
            let _ = limits.admit(Network::V4(Ipv4Addr::from(bytes)));
        }
        assert!(limits.limiter.len() <= 2, "{}", limits.limiter.len());
    }
}
