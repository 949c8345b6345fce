//! Where a link or a form of a page leads: to ourselves, to a web address, or to an authenticator app.

use serde::Serialize;
use url::Url;

/// The target of a link. It cannot be a script, whatever it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Href(String);

impl Href {
    /// One of our own pages, with this query: still encoded, without the question mark, empty for none.
    pub fn page(path: &'static str, query: &str) -> Self {
        if query.is_empty() {
            Self(path.to_owned())
        } else {
            Self(format!("{path}?{query}"))
        }
    }

    /// A page of somebody else; `None` for anything but `https`, and `http` of the own machine.
    pub fn web(url: &Url) -> Option<Self> {
        let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let is_fit = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
        is_fit.then(|| Self(url.to_string()))
    }

    /// The address by which an authenticator app on the same device is given its key; `None` for another scheme.
    pub(crate) fn authenticator_app(uri: &str) -> Option<Self> {
        uri.starts_with("otpauth://").then(|| Self(uri.to_owned()))
    }

    /// The address as it is written into the page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_query() {
        assert_eq!(Href::page("/auth/login", "").as_str(), "/auth/login");
        assert_eq!(Href::page("/auth/login", "a=b&c=d").as_str(), "/auth/login?a=b&c=d");
    }

    #[test]
    fn a_link_to_others_is_no_script_and_no_plain_http() {
        for (text, is_fit) in [
            ("https://app.example/", true),
            ("http://127.0.0.1:8080/", true),
            ("http://localhost/", true),
            ("http://app.example/", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(Href::web(&Url::parse(text).unwrap()).is_some(), is_fit, "{text}");
        }
        assert_eq!(Href::authenticator_app("javascript:alert(1)"), None);
    }
}
