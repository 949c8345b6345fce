//! Resolves a name and checks what it leads to. The client connects to the addresses that come out of here and asks nobody
//! again, so that a name which changes in between leads nowhere else.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::reach::Reach;

/// A name leads to an address that must not be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not on the public internet")]
pub(crate) struct NotPublic;

/// The system's resolver, with a check of its answers.
#[derive(Clone, Copy)]
pub(crate) struct CheckedResolver {
    pub(crate) allow_private_networks: bool,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private_networks = self.allow_private_networks;
        Box::pin(async move {
            // The client puts the port of the URL in place of 0.
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let checked = checked(found, allow_private_networks)?;
            Ok(Box::new(checked.into_iter()) as Addrs)
        })
    }
}

/// All of the addresses, or none: a name that leads inside and outside at once is nobody's mistake.
fn checked(found: Vec<SocketAddr>, allow_private_networks: bool) -> Result<Vec<SocketAddr>, NotPublic> {
    let is_allowed = |address: &SocketAddr| Reach::of(address.ip()).is_allowed(allow_private_networks);
    if found.iter().all(is_allowed) {
        Ok(found)
    } else {
        Err(NotPublic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_that_is_not_public_condemns_the_name() {
        let addresses =
            |texts: &[&str]| -> Vec<SocketAddr> { texts.iter().map(|text| text.parse().unwrap()).collect() };
        let public = addresses(&["1.1.1.1:0", "[2606:4700::1111]:0"]);
        assert_eq!(checked(public.clone(), false).unwrap(), public);
        let mixed = addresses(&["1.1.1.1:0", "10.0.0.1:0"]);
        assert!(checked(mixed.clone(), false).is_err());
        assert_eq!(checked(mixed.clone(), true).unwrap(), mixed);
        assert!(checked(addresses(&["10.0.0.1:0", "169.254.169.254:0"]), true).is_err());
    }
}
