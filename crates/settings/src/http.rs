//! `[http]`: how callers reach the service.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;

use crate::loading::fault::quoted;
use crate::loading::reader::{Grain, Parsed, Read, Reader};
use crate::loading::url::HttpUrl;

/// The public listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where the service listens.
    pub listen: SocketAddr,
    /// The address by which callers know the service; `None`: the one on which it listens.
    pub public_url: Option<PublicUrl>,
    /// The proxies whose forwarding header is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they name the caller.
    pub forwarded_header: ForwardedHeader,
    /// The largest request body, in KiB.
    pub body_limit_kib: u32,
    /// How long the head of a request may take.
    pub header_timeout: Duration,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long requests in flight may go on after the signal to stop.
    pub shutdown_grace: Duration,
    /// Connections open at the same time.
    pub max_connections: u32,
    /// How many of them one IPv4 address or IPv6 /64 may have, proxies aside; 0: all.
    pub max_connections_per_address: u32,
    /// The web origins whose scripts may call the service.
    pub cors_origins: Vec<String>,
}

/// The issuer: an `http` or `https` URL in the one spelling that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    secure: bool,
    loopback: bool,
}

impl PublicUrl {
    fn parse(text: &str) -> Parsed<Self> {
        let url = HttpUrl::parse(text).map_err(str::to_owned)?;
        Ok(Self {
            text: text.to_owned(),
            secure: url.secure,
            loopback: url.is_loopback(),
        })
    }

    /// The URL, without a final slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it begins with `https`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it can only mean this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

/// The forwarding headers that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `Forwarded` (RFC 7239)
    Forwarded,
    /// `X-Real-IP`
    XRealIp,
}

impl ForwardedHeader {
    /// The header's name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
            Self::XRealIp => "x-real-ip",
        }
    }
}

impl Http {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        const SECOND: Duration = Duration::from_secs(1);
        let listen = from.address("http.listen");
        let url = "an http or https URL without user, query, fragment and final slash";
        let public_url = from.optional("http.public_url", url, PublicUrl::parse);
        let networks = "a list of addresses and networks, for example [\"10.0.0.0/8\", \"::1\"]";
        let trusted_proxies = from.list("http.trusted_proxies", networks, network);
        let headers = [
            ForwardedHeader::XForwardedFor,
            ForwardedHeader::Forwarded,
            ForwardedHeader::XRealIp,
        ];
        let forwarded_header = from.one_of("http.forwarded_header", &headers.map(|header| (header.name(), header)));
        let body_limit_kib = from.number("http.body_limit_kib", 1..=1024);
        let header_timeout = from.duration(
            "http.header_timeout",
            &(SECOND..=Duration::from_mins(5)),
            Grain::Seconds,
        );
        let request_timeout = from.duration(
            "http.request_timeout",
            &(SECOND..=Duration::from_mins(10)),
            Grain::Seconds,
        );
        let grace = Duration::ZERO..=Duration::from_mins(10);
        let shutdown_grace = from.duration("http.shutdown_grace", &grace, Grain::Seconds);
        let max_connections = from.number("http.max_connections", 1..=65_536);
        let max_connections_per_address = from.number("http.max_connections_per_address", 0..=65_536);
        let origins = "a list of origins, for example [\"https://app.example.com\"]";
        let cors_origins = from.list("http.cors_origins", origins, origin);
        Ok(Self {
            listen: listen?,
            public_url: public_url?,
            trusted_proxies: trusted_proxies?,
            forwarded_header: forwarded_header?,
            body_limit_kib: body_limit_kib?,
            header_timeout: header_timeout?,
            request_timeout: request_timeout?,
            shutdown_grace: shutdown_grace?,
            max_connections: max_connections?,
            max_connections_per_address: max_connections_per_address?,
            cors_origins: cors_origins?,
        })
    }
}

fn network(text: &str) -> Parsed<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.into());
    }
    let network: IpNet = text
        .parse()
        .map_err(|_| format!("{} is not an address or a network", quoted(text)))?;
    // 10.1.2.3/8 trusts sixteen million machines; whoever wrote it may have meant one.
    if network.trunc() != network {
        return Err(format!(
            "{} is an address inside the network {}",
            quoted(text),
            network.trunc()
        ));
    }
    Ok(network)
}

pub(crate) fn origin(text: &str) -> Parsed<String> {
    if text == "*" {
        return Err("\"*\" would let every web page call the service: name the origins".into());
    }
    let url = HttpUrl::parse(text).map_err(|problem| format!("an origin is not right: {problem}"))?;
    if !url.path.is_empty() {
        return Err(format!("{} has a path", quoted(text)));
    }
    Ok(text.to_owned())
}
