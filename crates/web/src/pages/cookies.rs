//! The cookies of the pages. `__Host-` makes browsers refuse one that is not from this very host, over HTTPS, for all of it (RFC
//! 6265bis section 4.1.3.2), so that neighbours cannot plant one.

use poem::http::header::COOKIE;
use poem::http::{HeaderMap, HeaderValue};

/// Binds forms to the browser they are shown in.
pub(crate) const BROWSER: &str = "__Host-countersign-browser";
/// A login that has proved the password.
pub(crate) const LOGIN: &str = "__Host-countersign-login";
/// A browser that is logged in.
pub(crate) const SESSION: &str = "__Host-countersign-session";

/// What the next page says has been done.
pub(crate) const SAID: &str = "__Host-countersign-said";
/// A reset of a password whose second factor was proved.
pub(crate) const RESET: &str = "__Host-countersign-reset";

/// The value of a cookie. One that is there twice is not believed: somebody else may have set one of them.
pub(crate) fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// Sets a cookie until the browser is closed; how long it is good for is known here.
pub(crate) fn set(name: &str, value: &str) -> Option<HeaderValue> {
    header(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"))
}

/// Takes a cookie away.
pub(crate) fn delete(name: &str) -> Option<HeaderValue> {
    header(&format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"))
}

/// Every value is of the characters of our secrets, so it is always a header.
fn header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_is_there_twice_is_none() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; b=2; xa=3"));
        assert_eq!(
            (get(&headers, "a"), get(&headers, "b"), get(&headers, "c")),
            (Some("1"), Some("2"), None)
        );
        headers.append(COOKIE, HeaderValue::from_static("a=1"));
        assert_eq!(get(&headers, "a"), None);
    }
}
