//! What an application changes about the look of the pages: names, a picture, a style sheet. Names are text and never markup.

use application::aidbox::auth_config::ThemeInEffect;
use url::Url;

/// What was wrong with a part of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ThemeFault {
    /// Not an absolute URL.
    #[error("must be an absolute URL")]
    NotAUrl,
    /// A scheme other than `https`.
    #[error("must begin with https://")]
    NotHttps,
    /// A user name or a password in it.
    #[error("must not contain a user name or a password")]
    UserInfo,
    /// A host that could not stand in a content security policy: not letters, digits, dots, hyphens and underscores.
    #[error("must have a host name of letters, digits, dots and hyphens")]
    Host,
}

/// A URL that may be put into a page: `https`, without user name and password, with a plain host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecureUrl(Url);

impl SecureUrl {
    /// Reads one. Whether the address is on the operator's list of allowed ones is for the caller to check.
    pub fn parse(text: &str) -> Result<Self, ThemeFault> {
        let url = Url::parse(text.trim()).map_err(|_| ThemeFault::NotAUrl)?;
        if url.scheme() != "https" {
            return Err(ThemeFault::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ThemeFault::UserInfo);
        }
        // The URL standard lets `;` and `,` through, which would begin another directive of a content security policy.
        if !url.host_str().is_some_and(is_plain_host) {
            return Err(ThemeFault::Host);
        }
        Ok(Self(url))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme, host and port, as a content security policy names them.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

/// Whether a host name has no character that means something in a content security policy. An IPv6 address has some.
pub(crate) fn is_plain_host(host: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    !host.is_empty() && host.chars().all(is_plain)
}

/// What stands at the top of a page in place of our own mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brand {
    /// A name.
    Text(String),
    /// A picture.
    Image(SecureUrl),
}

impl Brand {
    /// A picture, if the text is a URL; a name otherwise.
    pub fn parse(text: &str) -> Result<Self, ThemeFault> {
        match Url::parse(text.trim()) {
            Ok(url) if url.has_host() => SecureUrl::parse(text).map(Self::Image),
            Ok(_) | Err(_) => Ok(Self::Text(text.trim().to_owned())),
        }
    }
}

/// How the pages of one application look. The default is our own look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    /// The name of the service in the title of the window, in place of "Countersign".
    pub title: Option<String>,
    /// What stands at the top of the page.
    pub brand: Option<Brand>,
    /// A style sheet that is read after ours; it is meant to set the custom properties at the top of ours (`--accent`, …).
    pub style_url: Option<SecureUrl>,
    /// Where somebody goes who has forgotten the password, in place of our own page.
    pub forgot_password_url: Option<SecureUrl>,
}

impl Theme {
    /// The same under what the Aidbox profile says. What cannot stand in a page is left out; it was judged when it was written.
    #[must_use]
    pub fn under(self, config: &ThemeInEffect) -> Self {
        let address = |text: &Option<String>| text.as_deref().and_then(|text| SecureUrl::parse(text).ok());
        let brand = config.brand.as_deref().and_then(|text| Brand::parse(text).ok());
        Self {
            title: config.title.clone().or(self.title),
            brand: brand.or(self.brand),
            style_url: address(&config.style_url).or(self.style_url),
            forgot_password_url: address(&config.forgot_password_url).or(self.forgot_password_url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_https_and_names_nobody() {
        for (text, fault) in [
            ("style.css", ThemeFault::NotAUrl),
            ("//cdn.example/style.css", ThemeFault::NotAUrl),
            ("http://cdn.example/style.css", ThemeFault::NotHttps),
            ("javascript:alert(1)", ThemeFault::NotHttps),
            ("data:text/css,x", ThemeFault::NotHttps),
            ("https://user@cdn.example/", ThemeFault::UserInfo),
            ("https://:secret@cdn.example/", ThemeFault::UserInfo),
            ("https://cdn.example;script-src/", ThemeFault::Host),
            ("https://cdn.example,x/", ThemeFault::Host),
            ("https://'self'/", ThemeFault::Host),
            ("https://[::1]/", ThemeFault::Host),
        ] {
            assert_eq!(SecureUrl::parse(text), Err(fault), "{text}");
        }
        let url = SecureUrl::parse("https://CDN.example:8443/a.css?b").unwrap();
        assert_eq!(url.origin(), "https://cdn.example:8443");
    }

    #[test]
    fn a_brand_is_a_picture_or_a_name_but_never_an_unsafe_address() {
        assert_eq!(
            Brand::parse(" Clinic: North "),
            Ok(Brand::Text("Clinic: North".to_owned()))
        );
        assert_eq!(
            Brand::parse("javascript:alert(1)"),
            Ok(Brand::Text("javascript:alert(1)".to_owned()))
        );
        assert!(matches!(
            Brand::parse("https://cdn.example/logo.svg"),
            Ok(Brand::Image(_))
        ));
        assert_eq!(Brand::parse("http://cdn.example/logo.svg"), Err(ThemeFault::NotHttps));
    }
}
