//! The one kind of URL that settings hold: `http` or `https`, a host, maybe a port, maybe a path.
//!
//! Issuers and origins are compared as text (RFC 8414 section 3.3, RFC 6454 section 6.2), so only one spelling is
//! accepted: lower case, no default port, no dot segments.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The parts that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HttpUrl<'text> {
    pub(crate) secure: bool,
    pub(crate) host: &'text str,
    pub(crate) path: &'text str,
}

impl<'text> HttpUrl<'text> {
    /// Problems never repeat the text: it may hold a password before an `@`.
    pub(crate) fn parse(text: &'text str) -> Result<Self, &'static str> {
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err("it does not begin with https:// or http://"),
        };
        if rest.contains(['?', '#']) {
            return Err("it has a query or a fragment");
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("it has a user or a password");
        }
        let host = host_of(authority, secure)?;
        check_path(path)?;
        Ok(Self { secure, host, path })
    }

    /// Whether the host can only be this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || address.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
    }
}

fn host_of(authority: &str, secure: bool) -> Result<&str, &'static str> {
    let port_at = match authority.find(']') {
        Some(end) => end + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(port_at);
    if let Some(port) = port.strip_prefix(':') {
        match port.parse::<u16>() {
            Ok(443) if secure => return Err("it names the default port"),
            Ok(80) if !secure => return Err("it names the default port"),
            Ok(number) if number != 0 && number.to_string() == port => {}
            _ => return Err("its port is not a number from 1 to 65535"),
        }
    } else if !port.is_empty() {
        return Err("its host is not a name or an address");
    }
    let is_name = |host: &str| {
        host.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
    };
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) if address.parse::<Ipv6Addr>().is_ok() => Ok(host),
        None if host.bytes().any(|b| b.is_ascii_uppercase()) => Err("its host is not in lower case"),
        None if is_name(host) => Ok(host),
        _ => Err("its host is not a name or an address"),
    }
}

fn check_path(path: &str) -> Result<(), &'static str> {
    if path.ends_with('/') {
        return Err("it ends with a slash");
    }
    if !path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&b))
    {
        return Err("its path has a character that needs escaping");
    }
    if path
        .split('/')
        .skip(1)
        .any(|segment| matches!(segment, "" | "." | ".."))
    {
        return Err("its path has an empty or a dot segment");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_an_address_is_accepted() {
        for (text, host, path) in [
            ("http://localhost", "localhost", ""),
            ("https://auth.example.com", "auth.example.com", ""),
            (
                "https://auth.example.com:8443/two/factors",
                "auth.example.com",
                "/two/factors",
            ),
            ("http://127.0.0.1:8080", "127.0.0.1", ""),
            ("http://[::1]:8080/a", "[::1]", "/a"),
            ("https://xn--bcher-kva.example", "xn--bcher-kva.example", ""),
        ] {
            let url = HttpUrl::parse(text).unwrap();
            assert_eq!((url.host, url.path), (host, path), "{text}");
            assert_eq!(url.secure, text.starts_with("https"));
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        for text in [
            "",
            "auth.example.com",
            "ftp://auth.example.com",
            "HTTPS://auth.example.com",
            "https://",
            "https:///path",
            "https://Auth.example.com",
            "https://auth..example.com",
            "https://auth.example.com.",
            "https://auth.example.com/",
            "https://auth.example.com/a/",
            "https://auth.example.com//a",
            "https://auth.example.com/../a",
            "https://auth.example.com/a b",
            "https://auth.example.com\\a",
            "https://auth.example.com?x=1",
            "https://auth.example.com/#top",
            "https://user:password@auth.example.com",
            "https://auth.example.com:",
            "https://auth.example.com:0",
            "https://auth.example.com:+81",
            "https://auth.example.com:65536",
            "https://auth.example.com:443",
            "http://auth.example.com:80",
            "https://[::1",
            "https://[::1]x",
            "https://[nonsense]",
            "https://bücher.example",
            "https://*",
        ] {
            assert!(HttpUrl::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn loopback_is_told_from_names_that_look_like_it() {
        for (text, expected) in [
            ("http://localhost:1", true),
            ("http://app.localhost", true),
            ("http://127.9.9.9", true),
            ("http://[::1]", true),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://192.0.2.1", false),
            ("http://[2001:db8::1]", false),
        ] {
            assert_eq!(HttpUrl::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }
}
