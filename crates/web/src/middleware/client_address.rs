//! Where a request comes from. A forwarding header is believed only of a configured proxy, and only as far as that proxy can
//! vouch for it: everybody can write one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use poem::http::HeaderMap;
use poem::http::header::FORWARDED;

use crate::ForwardedHeader;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    address: Option<IpAddr>,
}

/// What belongs to one holder of addresses: an IPv4 address, or the /64 that every IPv6 site has at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Network {
    /// One address.
    V4(Ipv4Addr),
    /// The first address of a /64.
    V6(Ipv6Addr),
    /// Not a network peer; all of them share one budget.
    Unknown,
}

impl Client {
    /// The address; an IPv4 address in IPv6 clothes is an IPv4 address.
    pub const fn address(self) -> Option<IpAddr> {
        self.address
    }

    /// The network.
    pub fn network(self) -> Network {
        match self.address {
            None => Network::Unknown,
            Some(IpAddr::V4(address)) => Network::V4(address),
            Some(IpAddr::V6(address)) => Network::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(formatter),
            Self::V6(address) => write!(formatter, "{address}/64"),
            Self::Unknown => formatter.write_str("unknown"),
        }
    }
}

/// Who the peer of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A configured proxy.
    Proxy,
    /// Anybody.
    Stranger,
}

/// Finds out where requests come from.
pub(crate) struct Addresses {
    trusted: Vec<IpNet>,
    header: ForwardedHeader,
}

impl Addresses {
    /// Believes `header` of these networks.
    pub const fn new(trusted: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { trusted, header }
    }

    /// Who the peer is, and where the request comes from. Whatever cannot be read is not believed: then it is the peer.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> (Peer, Client) {
        let peer = peer.map(|peer| peer.to_canonical());
        if !peer.is_some_and(|peer| self.is_trusted(peer)) {
            return (Peer::Stranger, Client { address: peer });
        }
        let address = match self.header {
            ForwardedHeader::XForwardedFor => self.nearest_stranger(&x_forwarded_for(headers)),
            ForwardedHeader::Forwarded => self.nearest_stranger(&forwarded(headers)),
            ForwardedHeader::XRealIp => x_real_ip(headers),
        };
        (
            Peer::Proxy,
            Client {
                address: address.or(peer),
            },
        )
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// Walks the chain from our end: each proxy vouches for the hop before it, the first stranger is the client, and what
    /// stands further left is hearsay. `None` when a hop on the way cannot be read.
    fn nearest_stranger(&self, hops: &[Option<IpAddr>]) -> Option<IpAddr> {
        let mut farthest = None;
        for hop in hops.iter().rev() {
            let address = (*hop)?;
            if !self.is_trusted(address) {
                return Some(address);
            }
            farthest = Some(address);
        }
        farthest
    }
}

fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|hop| node(hop.trim()))
        .collect()
}

fn x_real_ip(headers: &HeaderMap) -> Option<IpAddr> {
    let mut values = headers.get_all("x-real-ip").iter();
    match (values.next(), values.next()) {
        (Some(value), None) => node(value.to_str().ok()?.trim()),
        _ => None,
    }
}

/// The `for` parameters of RFC 7239 section 4, one for each element; obfuscated and unknown nodes cannot be read.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    headers
        .get_all(FORWARDED)
        .iter()
        .flat_map(|value| outside_quotes(value.to_str().unwrap_or("?"), ','))
        .map(|element| {
            let parameters = outside_quotes(element, ';');
            let mut nodes = parameters.iter().filter_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
            });
            match (nodes.next(), nodes.next()) {
                (Some(value), None) => node(value.trim_matches('"')),
                _ => None,
            }
        })
        .collect()
}

fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|character| {
        if character == '"' {
            quoted = !quoted;
        }
        character == separator && !quoted
    })
    .collect()
}

/// An address, perhaps with a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let address = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        if !(port.is_empty() || is_port(port.strip_prefix(':')?)) {
            return None;
        }
        IpAddr::V6(address.parse().ok()?)
    } else if let Ok(address) = text.parse::<IpAddr>() {
        address
    } else {
        let (address, port) = text.split_once(':')?;
        if !is_port(port) {
            return None;
        }
        IpAddr::V4(address.parse().ok()?)
    };
    Some(address.to_canonical())
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests;
