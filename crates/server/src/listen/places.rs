//! Places for connections: so many in all, and so many for one network, so that nobody can take them all.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// The places of one listener.
pub(super) struct Places {
    free: Arc<Semaphore>,
    total: usize,
    per_network: Option<NonZeroUsize>,
    exempt: Vec<IpNet>,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// The place of one connection; free again when this is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    /// `None`: nobody counts its connections.
    network: Option<IpAddr>,
    _free: OwnedSemaphorePermit,
}

impl Places {
    /// `total` places, of which one network gets `per_network`, unless it is of those that are `exempt`.
    pub(super) fn new(total: usize, per_network: Option<NonZeroUsize>, exempt: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(total)),
            total,
            per_network,
            exempt,
            taken: Mutex::default(),
        })
    }

    /// Waits for a place that somebody may have.
    pub(super) async fn free(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.free).acquire_owned().await
    }

    /// Gives the place to a caller; `None` if its network has its share already.
    pub(super) fn admit(self: &Arc<Self>, free: OwnedSemaphorePermit, caller: IpAddr) -> Option<Place> {
        let caller = caller.to_canonical();
        let network = match self.per_network {
            Some(share) if !self.exempt.iter().any(|network| network.contains(&caller)) => {
                let network = network(caller);
                let mut taken = self.taken();
                let count = taken.entry(network).or_default();
                if *count >= share.get() {
                    return None;
                }
                *count += 1;
                Some(network)
            }
            _ => None,
        };
        Some(Place {
            places: Arc::clone(self),
            network,
            _free: free,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whether more than three quarters of all places are taken: those who do nothing should make room.
    pub(super) fn is_crowded(&self) -> bool {
        self.places.free.available_permits() < self.places.total.div_ceil(4)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        if let Entry::Occupied(mut count) = self.places.taken().entry(network) {
            if *count.get() <= 1 {
                count.remove();
            } else {
                *count.get_mut() -= 1;
            }
        }
    }
}

/// What belongs to one holder of addresses: an IPv4 address, or the /64 that every IPv6 site has at least.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(per_network: usize, exempt: &[&str]) -> Arc<Places> {
        let exempt = exempt.iter().map(|network| network.parse().unwrap()).collect();
        Places::new(100, NonZeroUsize::new(per_network), exempt)
    }

    fn admit(places: &Arc<Places>, caller: &str) -> Option<Place> {
        let free = Arc::clone(&places.free).try_acquire_owned().unwrap();
        places.admit(free, caller.parse().unwrap())
    }

    #[test]
    fn a_network_gets_its_share_and_not_that_of_others() {
        let places = places(2, &[]);
        for (network, other) in [
            (["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"], "192.0.2.2"),
            (["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"], "2001:db8:0:1::1"),
        ] {
            let [first, second, third] = network;
            let one = admit(&places, first).unwrap();
            let _two = admit(&places, second).unwrap();
            assert!(admit(&places, third).is_none(), "{network:?}");
            assert!(admit(&places, other).is_some(), "{other}");
            drop(one);
            assert!(admit(&places, third).is_some(), "{network:?} has room again");
        }
        assert!(places.taken().is_empty(), "networks without connections are forgotten");
        assert_eq!(places.free.available_permits(), 100);
    }

    #[test]
    fn exempt_networks_and_everybody_where_there_is_no_cap_may_have_all_places() {
        for places in [places(1, &["10.0.0.0/8"]), places(0, &[])] {
            let all: Vec<_> = (0..100).map(|_| admit(&places, "::ffff:10.1.2.3")).collect();
            assert!(all.iter().all(Option::is_some));
        }
    }

    #[test]
    fn it_is_crowded_when_more_than_three_quarters_are_taken() {
        let places = places(0, &[]);
        let mut taken: Vec<_> = (0..75).map(|_| admit(&places, "192.0.2.1").unwrap()).collect();
        assert!(!taken[0].is_crowded());
        taken.push(admit(&places, "192.0.2.1").unwrap());
        assert!(taken[0].is_crowded());
    }
}
