//! Where a browser may be sent: addresses are registered once, judged then, and compared as texts ever after.

use std::net::IpAddr;

use url::{Host, Url};

/// The longest address, in bytes.
pub const REDIRECT_URI_MAX: usize = 2_048;

/// An address that was registered for redirection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedirectUri(String);

/// Why an address cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriFault {
    /// It is no absolute address, or one that different programs read differently.
    #[error("must be an absolute URI of at most 2048 printable ASCII characters")]
    Form,
    /// It has a fragment (RFC 6749 section 3.1.2).
    #[error("must have no fragment")]
    Fragment,
    /// It has a user name or a password.
    #[error("must have no user information")]
    UserInfo,
    /// It names no place that only its owner controls.
    #[error(
        "must begin with https, with http on a loopback address, or with a scheme that contains a dot (RFC 8252 section 7.1)"
    )]
    Scheme,
}

impl RedirectUri {
    /// Reads an address for registration.
    pub fn register(text: &str) -> Result<Self, RedirectUriFault> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}*".contains(&byte);
        if text.len() > REDIRECT_URI_MAX || !text.bytes().all(is_plain) {
            return Err(RedirectUriFault::Form);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriFault::Form)?;
        if url.fragment().is_some() {
            return Err(RedirectUriFault::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(RedirectUriFault::UserInfo);
        }
        let is_safe = match url.scheme() {
            "https" => url.has_host(),
            "http" => url.host().is_some_and(|host| is_loopback(&host)),
            // A private-use scheme is a domain name turned round; it rules out `javascript`, `data` and their like.
            scheme => scheme.contains('.'),
        };
        if !is_safe {
            return Err(RedirectUriFault::Scheme);
        }
        // What a parser would change, one program reads one way and the next another: only addresses that stand as they are
        // meant can be registered. A bare origin may go without its slash.
        let canonical = url.as_str();
        if canonical == text || canonical.strip_suffix('/') == Some(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RedirectUriFault::Form)
        }
    }

    /// Wraps what was registered and stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request may name `asked`: the same text (RFC 9700 section 2.1); for `http` on a loopback IP literal, the port
    /// may be another (RFC 8252 section 7.3).
    pub fn admits(&self, asked: &str) -> bool {
        if self.0 == asked {
            return true;
        }
        let (Some((front, rest)), Some((asked_front, asked_rest))) = (loopback_parts(&self.0), loopback_parts(asked))
        else {
            return false;
        };
        front == asked_front && rest == asked_rest
    }
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether a host is this machine, by name or address.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => IpAddr::from(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).is_loopback(),
    }
}

/// What stands before and after the port of an address on a loopback IP literal.
fn loopback_parts(text: &str) -> Option<(&str, &str)> {
    for front in ["http://127.0.0.1", "http://[::1]"] {
        let Some(rest) = text.strip_prefix(front) else { continue };
        let after = match rest.strip_prefix(':') {
            None => rest,
            Some(port) => {
                let digits = port.bytes().take_while(u8::is_ascii_digit).count();
                let (number, after) = port.split_at_checked(digits)?;
                number.parse::<u16>().ok().filter(|number| *number > 0)?;
                after
            }
        };
        return (after.is_empty() || after.starts_with(['/', '?'])).then_some((front, after));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_their_owner_can_be_registered() {
        for good in [
            "https://app.example/callback",
            "https://app.example/callback?x=1",
            "https://app.example",
            "http://localhost:3001",
            "http://127.0.0.1/cb",
            "http://[::1]:8000/cb",
            "com.example.app:/cb",
        ] {
            assert!(RedirectUri::register(good).is_ok(), "{good}");
        }
        for (bad, fault) in [
            ("/callback", RedirectUriFault::Form),
            ("https://app.example/a b", RedirectUriFault::Form),
            ("https://app.example/../x", RedirectUriFault::Form),
            ("https://APP.example/x", RedirectUriFault::Form),
            ("https://app.example:443/x", RedirectUriFault::Form),
            ("https://*.example/x", RedirectUriFault::Form),
            ("https:app.example", RedirectUriFault::Form),
            ("https://app.example\\@evil.example/", RedirectUriFault::Form),
            ("https://app.example/cb#x", RedirectUriFault::Fragment),
            ("https://app.example/cb#", RedirectUriFault::Fragment),
            ("https://user@app.example/", RedirectUriFault::UserInfo),
            ("https://@app.example/", RedirectUriFault::UserInfo),
            ("http://app.example/cb", RedirectUriFault::Scheme),
            ("http://localhost.evil/", RedirectUriFault::Scheme),
            ("javascript:alert(1)", RedirectUriFault::Scheme),
            ("data:text/html,x", RedirectUriFault::Scheme),
            ("myapp:/cb", RedirectUriFault::Scheme),
        ] {
            assert_eq!(RedirectUri::register(bad), Err(fault), "{bad}");
        }
    }

    #[test]
    fn a_request_names_an_address_exactly() {
        let registered = RedirectUri::register("https://app.example/cb").unwrap();
        assert!(registered.admits("https://app.example/cb"));
        for other in [
            "https://app.example/cb/",
            "https://app.example/cb?x",
            "https://app.example/cb%2f..",
            "https://app.example/cb/../evil",
            "https://app.example/cb..;/",
            "https://app.example.evil/cb",
            "https://app.example@evil.example/cb",
            "https://evil.example/https://app.example/cb",
            "HTTPS://app.example/cb",
            "http://app.example/cb",
            "https://app.example:443/cb",
            "https://app.example/CB",
            "",
        ] {
            assert!(!registered.admits(other), "{other}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_literal_is_free() {
        let registered = RedirectUri::register("http://127.0.0.1/cb").unwrap();
        assert!(registered.admits("http://127.0.0.1:51004/cb"));
        for other in [
            "http://127.0.0.1:51004/cb2",
            "http://127.0.0.1:51004@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.2:51004/cb",
            "http://[::1]:51004/cb",
            "http://localhost:51004/cb",
        ] {
            assert!(!registered.admits(other), "{other}");
        }
        let localhost = RedirectUri::register("http://localhost:3001").unwrap();
        assert!(!localhost.admits("http://localhost:3002"));
    }
}
