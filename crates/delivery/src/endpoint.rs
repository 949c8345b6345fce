//! What can be told from an endpoint alone, before any name is resolved.

use std::net::IpAddr;

use application::ports::OutboundRefusal;
use url::{Host, Url};

use crate::Options;
use crate::reach::Reach;

/// The endpoint as a URL, if it may be called. Addresses in it are checked here, since nothing resolves them; the parser has
/// brought their odd spellings (octal, one number) into the usual one.
pub(crate) fn checked(endpoint: &str, options: &Options) -> Result<Url, OutboundRefusal> {
    let url = Url::parse(endpoint).map_err(|_| OutboundRefusal::NotUrl)?;
    match url.scheme() {
        "https" => {}
        "http" if options.allow_http => {}
        _ => return Err(OutboundRefusal::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OutboundRefusal::UserInfo);
    }
    let address = match url.host().ok_or(OutboundRefusal::NotUrl)? {
        Host::Domain(_) => return Ok(url),
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
    };
    if Reach::of(address).is_allowed(options.allow_private_networks) {
        Ok(url)
    } else {
        Err(OutboundRefusal::Address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(endpoint: &str, options: &Options) -> Option<OutboundRefusal> {
        checked(endpoint, options).err()
    }

    #[test]
    fn without_leave_only_https_to_the_internet_is_called() {
        let strict = Options::default();
        for allowed in [
            "https://hooks.example.com/a?b=c",
            "https://1.1.1.1:8443",
            "https://[2606:4700::1111]/",
        ] {
            assert_eq!(refusal(allowed, &strict), None, "{allowed}");
        }
        for (endpoint, expected) in [
            ("", OutboundRefusal::NotUrl),
            ("hooks.example.com", OutboundRefusal::NotUrl),
            ("https://", OutboundRefusal::NotUrl),
            ("http://hooks.example.com", OutboundRefusal::Scheme),
            ("file:///etc/passwd", OutboundRefusal::Scheme),
            ("gopher://hooks.example.com", OutboundRefusal::Scheme),
            ("https://user@hooks.example.com", OutboundRefusal::UserInfo),
            ("https://:word@hooks.example.com", OutboundRefusal::UserInfo),
            ("https://127.0.0.1", OutboundRefusal::Address),
            ("https://0x7f.1", OutboundRefusal::Address),
            ("https://2130706433", OutboundRefusal::Address),
            ("https://0177.0.0.1", OutboundRefusal::Address),
            ("https://0", OutboundRefusal::Address),
            ("https://169.254.169.254/latest", OutboundRefusal::Address),
            ("https://[::1]", OutboundRefusal::Address),
            ("https://[::ffff:127.0.0.1]", OutboundRefusal::Address),
            ("https://１２７.0.0.1", OutboundRefusal::Address),
        ] {
            assert_eq!(refusal(endpoint, &strict), Some(expected), "{endpoint}");
        }
    }

    #[test]
    fn each_leave_allows_its_own_and_no_more() {
        let private = Options {
            allow_private_networks: true,
            ..Options::default()
        };
        assert_eq!(refusal("https://10.0.0.1", &private), None);
        assert_eq!(refusal("http://10.0.0.1", &private), Some(OutboundRefusal::Scheme));
        assert_eq!(
            refusal("https://169.254.169.254", &private),
            Some(OutboundRefusal::Address)
        );
        let plain = Options {
            allow_http: true,
            ..Options::default()
        };
        assert_eq!(refusal("http://1.1.1.1", &plain), None);
        assert_eq!(refusal("http://10.0.0.1", &plain), Some(OutboundRefusal::Address));
        assert_eq!(refusal("ftp://1.1.1.1", &plain), Some(OutboundRefusal::Scheme));
    }
}
