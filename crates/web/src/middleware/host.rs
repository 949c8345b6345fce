//! `Host`. Nothing here depends on it, but a proxy that reads another one than we do can be made to mix callers up.

use poem::Request;
use poem::http::Version;
use poem::http::header::HOST;

use crate::problem::{Code, Problem};

/// Refuses what RFC 9112 section 3.2 demands: HTTP/1.1 without a host, more than one, or what is none.
pub(crate) fn check(request: &Request) -> Result<(), Problem> {
    let refused = |detail| Err(Problem::fault(Code::InvalidRequest, "header:Host", detail));
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version() == Version::HTTP_11 => refused("must be sent"),
        (Some(_), Some(_)) => refused("must be sent once"),
        (Some(host), None) if !host.as_bytes().iter().copied().all(is_of_a_host) => refused("is not a host"),
        _ => Ok(()),
    }
}

/// What `uri-host [":" port]` is made of (RFC 3986 section 3.2.2).
const fn is_of_a_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%' | b'[' | b']' | b':')
        || matches!(
            byte,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(version: Version, hosts: &[&'static str]) -> bool {
        let request = hosts.iter().fold(Request::builder().version(version), |request, host| {
            request.header(HOST, *host)
        });
        check(&request.finish()).is_ok()
    }

    #[test]
    fn one_host_is_accepted_and_none_only_where_the_version_has_none() {
        for host in ["localhost:8080", "[::1]:8080", "auth.example.com", ""] {
            assert!(accepted(Version::HTTP_11, &[host]), "{host}");
        }
        assert!(!accepted(Version::HTTP_11, &[]));
        assert!(accepted(Version::HTTP_10, &[]) && accepted(Version::HTTP_2, &[]));
    }

    #[test]
    fn several_hosts_and_what_is_no_host_are_refused() {
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            assert!(!accepted(version, &["a.example", "a.example"]));
            for host in ["user@a.example", "a.example/path", "a b", "a.example\t"] {
                assert!(!accepted(version, &[host]), "{host}");
            }
        }
    }
}
