//! How far an address reaches (RFC 6890, and the registries of special addresses).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who is behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A machine on the internet, as anybody would reach it.
    Public,
    /// This machine, or one of a network behind it: only where the operator allows it.
    Private,
    /// No single machine, or one that no receiver is: several at once, examples, what is reserved. And link-local addresses,
    /// where clouds keep the credentials of their machines, with the other addresses where some do.
    Never,
}

impl Reach {
    /// What `address` reaches.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    const fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            // Alibaba Cloud, in the space that carriers share; Azure, in the midst of the internet.
            [100, 100, 100, 200]
            | [168, 63, 129, 16]
            | [0 | 224..=255, ..]
            | [169, 254, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _] => Self::Never,
            [10 | 127, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => Self::Private,
            _ => Self::Public,
        }
    }

    /// Only global unicast, `2000::/3`, is public, and not all of it. Other forms that hold an IPv4 address are no one's
    /// address, except where NAT64 (RFC 6052) is all that a machine without IPv4 has.
    fn of_v6(address: Ipv6Addr) -> Self {
        if address.is_loopback() {
            return Self::Private;
        }
        match address.segments() {
            [0x0064, 0xFF9B, 0, 0, 0, 0, high, low] => {
                let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
                match Self::of_v4(Ipv4Addr::new(a, b, c, d)) {
                    Self::Public => Self::Public,
                    _ => Self::Never,
                }
            }
            // Protocol assignments (Teredo among them), examples, 6to4, examples again; Amazon Web Services and Google Cloud.
            [0x2001, 0..=0x01FF | 0x0DB8, ..]
            | [0x2002, ..]
            | [0x3FFF, 0..=0x0FFF, ..]
            | [0xFD00, 0x0EC2, ..]
            | [0xFD20, 0x00CE, ..] => Self::Never,
            [0xFC00..=0xFDFF, ..] => Self::Private,
            [0x2000..=0x3FFF, ..] => Self::Public,
            _ => Self::Never,
        }
    }

    /// Whether it may be called.
    pub(crate) const fn is_allowed(self, allow_private_networks: bool) -> bool {
        match self {
            Self::Public => true,
            Self::Private => allow_private_networks,
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_internet_are_told_from_all_others() {
        for (reach, addresses) in [
            (
                Reach::Public,
                vec![
                    "1.1.1.1",
                    "9.255.255.255",
                    "11.0.0.0",
                    "100.63.255.255",
                    "100.128.0.0",
                    "126.255.255.255",
                    "128.0.0.0",
                    "169.253.255.255",
                    "169.255.0.0",
                    "172.15.255.255",
                    "172.32.0.0",
                    "192.0.1.0",
                    "192.167.255.255",
                    "192.169.0.0",
                    "198.17.255.255",
                    "198.20.0.0",
                    "223.255.255.255",
                    "2606:4700::1111",
                    "2001:200::1",
                    "2a00::1",
                    "64:ff9b::1.1.1.1",
                ],
            ),
            (
                Reach::Private,
                vec![
                    "10.0.0.0",
                    "10.255.255.255",
                    "100.64.0.0",
                    "100.127.255.255",
                    "127.0.0.1",
                    "127.255.255.255",
                    "172.16.0.0",
                    "172.31.255.255",
                    "192.168.0.0",
                    "192.168.255.255",
                    "::1",
                    "fc00::1",
                    "fdff::1",
                ],
            ),
            (
                Reach::Never,
                vec![
                    "0.0.0.0",
                    "0.255.255.255",
                    "169.254.0.0",
                    "169.254.169.254",
                    "168.63.129.16",
                    "100.100.100.200",
                    "fd00:ec2::254",
                    "fd20:ce::254",
                    "192.0.0.8",
                    "192.0.2.1",
                    "192.88.99.1",
                    "198.18.0.0",
                    "198.19.255.255",
                    "198.51.100.1",
                    "203.0.113.1",
                    "224.0.0.1",
                    "239.255.255.255",
                    "240.0.0.1",
                    "255.255.255.255",
                    "::",
                    "::2",
                    "::127.0.0.1",
                    "::ffff:127.0.0.1",
                    "::ffff:10.0.0.1",
                    "::ffff:1.1.1.1",
                    "64:ff9b::127.0.0.1",
                    "64:ff9b::10.0.0.1",
                    "64:ff9b::169.254.169.254",
                    "64:ff9b:1::1.1.1.1",
                    "100::1",
                    "2001::1",
                    "2001:db8::1",
                    "2002:7f00:1::",
                    "3fff::1",
                    "5f00::1",
                    "fe80::1",
                    "fec0::1",
                    "ff02::1",
                ],
            ),
        ] {
            for address in addresses {
                assert_eq!(Reach::of(address.parse().unwrap()), reach, "{address}");
            }
        }
    }

    #[test]
    fn only_private_networks_can_be_allowed() {
        let allowed = |reach: Reach| (reach.is_allowed(false), reach.is_allowed(true));
        assert_eq!(allowed(Reach::Public), (true, true));
        assert_eq!(allowed(Reach::Private), (false, true));
        assert_eq!(allowed(Reach::Never), (false, false));
    }
}
