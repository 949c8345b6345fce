//! Whom each forwarding header makes the client.

use super::*;

struct Case {
    says: &'static str,
    peer: &'static str,
    header: ForwardedHeader,
    lines: &'static [(&'static str, &'static str)],
    client: &'static str,
    network: &'static str,
}

const XFF: &str = "x-forwarded-for";

const CASES: &[Case] = &[
    Case {
        says: "no header: the peer",
        peer: "203.0.113.7",
        header: ForwardedHeader::XForwardedFor,
        lines: &[],
        client: "203.0.113.7",
        network: "203.0.113.7",
    },
    Case {
        says: "a stranger's header is not believed",
        peer: "203.0.113.7",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "198.51.100.1")],
        client: "203.0.113.7",
        network: "203.0.113.7",
    },
    Case {
        says: "a proxy's header is believed",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "198.51.100.1")],
        client: "198.51.100.1",
        network: "198.51.100.1",
    },
    Case {
        says: "what the client put in front is hearsay",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "1.1.1.1, 198.51.100.1")],
        client: "198.51.100.1",
        network: "198.51.100.1",
    },
    Case {
        says: "a chain of proxies is walked from our end",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "6.6.6.6, 198.51.100.1, 10.0.0.3, 10.0.0.2")],
        client: "198.51.100.1",
        network: "198.51.100.1",
    },
    Case {
        says: "several lines are one list",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "198.51.100.1"), (XFF, "10.0.0.2")],
        client: "198.51.100.1",
        network: "198.51.100.1",
    },
    Case {
        says: "proxies all the way: the farthest",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "10.0.0.3, 10.0.0.2")],
        client: "10.0.0.3",
        network: "10.0.0.3",
    },
    Case {
        says: "an unreadable hop: the peer",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "198.51.100.1, nonsense")],
        client: "10.0.0.1",
        network: "10.0.0.1",
    },
    Case {
        says: "an empty header: the peer",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "")],
        client: "10.0.0.1",
        network: "10.0.0.1",
    },
    Case {
        says: "bytes that are no text: the peer",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "198.51.100.1, \u{e9}")],
        client: "10.0.0.1",
        network: "10.0.0.1",
    },
    Case {
        says: "ports are ignored",
        peer: "10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "198.51.100.1:4711")],
        client: "198.51.100.1",
        network: "198.51.100.1",
    },
    Case {
        says: "IPv6 counts by /64",
        peer: "2001:db8:1:2:3:4:5:6",
        header: ForwardedHeader::XForwardedFor,
        lines: &[],
        client: "2001:db8:1:2:3:4:5:6",
        network: "2001:db8:1:2::/64",
    },
    Case {
        says: "IPv6 in a header, in brackets with a port",
        peer: "::1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "[2001:db8::9]:443")],
        client: "2001:db8::9",
        network: "2001:db8::/64",
    },
    Case {
        says: "an IPv4 peer on an IPv6 socket is an IPv4 peer",
        peer: "::ffff:10.0.0.1",
        header: ForwardedHeader::XForwardedFor,
        lines: &[(XFF, "::ffff:198.51.100.1")],
        client: "198.51.100.1",
        network: "198.51.100.1",
    },
    Case {
        says: "another header than the configured one is not read",
        peer: "10.0.0.1",
        header: ForwardedHeader::XRealIp,
        lines: &[(XFF, "198.51.100.1")],
        client: "10.0.0.1",
        network: "10.0.0.1",
    },
    Case {
        says: "X-Real-IP",
        peer: "10.0.0.1",
        header: ForwardedHeader::XRealIp,
        lines: &[("x-real-ip", "198.51.100.1")],
        client: "198.51.100.1",
        network: "198.51.100.1",
    },
    Case {
        says: "two X-Real-IP: one was smuggled in",
        peer: "10.0.0.1",
        header: ForwardedHeader::XRealIp,
        lines: &[("x-real-ip", "6.6.6.6"), ("x-real-ip", "198.51.100.1")],
        client: "10.0.0.1",
        network: "10.0.0.1",
    },
    Case {
        says: "Forwarded with quotes, brackets, a port and other parameters",
        peer: "10.0.0.1",
        header: ForwardedHeader::Forwarded,
        lines: &[(
            "forwarded",
            "for=6.6.6.6, For=\"[2001:db8:cafe::17]:4711\";proto=https;by=\"a,b\"",
        )],
        client: "2001:db8:cafe::17",
        network: "2001:db8:cafe::/64",
    },
    Case {
        says: "Forwarded with an obfuscated node: the peer",
        peer: "10.0.0.1",
        header: ForwardedHeader::Forwarded,
        lines: &[("forwarded", "for=198.51.100.1, for=_hidden")],
        client: "10.0.0.1",
        network: "10.0.0.1",
    },
    Case {
        says: "Forwarded without a node: the peer",
        peer: "10.0.0.1",
        header: ForwardedHeader::Forwarded,
        lines: &[("forwarded", "proto=https")],
        client: "10.0.0.1",
        network: "10.0.0.1",
    },
];

#[test]
fn the_client_is_whom_the_nearest_proxy_vouches_for() {
    for case in CASES {
        let trusted = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for (name, value) in case.lines {
            headers.append(*name, poem::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let addresses = Addresses::new(trusted, case.header);
        let (_, client) = addresses.client(Some(case.peer.parse().unwrap()), &headers);
        assert_eq!(client.address(), Some(case.client.parse().unwrap()), "{}", case.says);
        assert_eq!(client.network().to_string(), case.network, "{}", case.says);
    }
}

#[test]
fn peers_without_an_address_share_one_network() {
    let addresses = Addresses::new(Vec::new(), ForwardedHeader::XForwardedFor);
    let (peer, client) = addresses.client(None, &HeaderMap::new());
    assert_eq!((peer, client.network()), (Peer::Stranger, Network::Unknown));
}
