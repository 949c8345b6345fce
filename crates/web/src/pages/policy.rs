//! The content security policy of a page (CSP Level 3).

use url::Url;

use super::theme::{Brand, SecureUrl, Theme, is_plain_host};

/// The policy of a page: nothing but our own style sheet, our own script by its nonce, and what the theme names. Chromium
/// holds `form-action` against the redirect that follows a form, too, so the place where a login ends must be in it.
pub(crate) fn of(theme: &Theme, nonce: &str, form_target: Option<&Url>) -> String {
    let style = source(theme.style_url.as_ref().map(SecureUrl::origin));
    let image = source(match &theme.brand {
        Some(Brand::Image(url)) => Some(url.origin()),
        Some(Brand::Text(_)) | None => None,
    });
    let target = source(form_target.and_then(form_source));
    format!(
        "default-src 'none'; style-src 'self'{style}; script-src 'nonce-{nonce}'; img-src 'self' data:{image}; \
         form-action 'self'{target}; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn source(origin: Option<String>) -> String {
    origin.map(|origin| format!(" {origin}")).unwrap_or_default()
}

/// A redirect address as a source of the policy: its origin; its scheme alone where an origin cannot be written, as for the
/// private schemes of native applications (RFC 8252 section 7.1) and for IPv6 addresses. Nothing for schemes that run
/// something.
fn form_source(url: &Url) -> Option<String> {
    let scheme = url.scheme();
    if matches!(scheme, "javascript" | "data" | "blob" | "filesystem" | "about" | "file") {
        return None;
    }
    let is_web = matches!(scheme, "http" | "https");
    if is_web && url.host_str().is_some_and(is_plain_host) {
        return Some(url.origin().ascii_serialization());
    }
    let is_bracketed = url.host_str().is_some_and(|host| host.starts_with('['));
    (!is_web || is_bracketed).then(|| format!("{scheme}:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_what_the_page_needs_and_nothing_else() {
        assert_eq!(
            of(&Theme::default(), "abc", None),
            "default-src 'none'; style-src 'self'; script-src 'nonce-abc'; img-src 'self' data:; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        let theme = Theme {
            title: Some("'unsafe-inline'".to_owned()),
            brand: Some(Brand::parse("https://pictures.example/logo.svg").unwrap()),
            style_url: Some(SecureUrl::parse("https://styles.example:8443/a.css").unwrap()),
            forgot_password_url: Some(SecureUrl::parse("https://help.example/").unwrap()),
        };
        let target = Url::parse("https://app.example/callback?x=y").unwrap();
        assert_eq!(
            of(&theme, "abc", Some(&target)),
            "default-src 'none'; style-src 'self' https://styles.example:8443; script-src 'nonce-abc'; \
             img-src 'self' data: https://pictures.example; form-action 'self' https://app.example; \
             base-uri 'none'; frame-ancestors 'none'"
        );
    }

    #[test]
    fn a_redirect_address_becomes_a_source_or_nothing() {
        for (url, source) in [
            ("https://app.example/cb", Some("https://app.example")),
            ("http://127.0.0.1:4711/cb", Some("http://127.0.0.1:4711")),
            ("http://[::1]:4711/cb", Some("http:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("com.example.app://host/cb", Some("com.example.app:")),
            ("https://a;script-src/", None),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
        ] {
            assert_eq!(form_source(&Url::parse(url).unwrap()).as_deref(), source, "{url}");
        }
    }
}
