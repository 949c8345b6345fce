//! `[pages]`: how the pages of a login look, and what they speak.

use std::path::PathBuf;

use crate::http::origin;
use crate::loading::fault::quoted;
use crate::loading::reader::{Parsed, Read, Reader};
use crate::loading::url::HttpUrl;
use crate::totp;

const BRAND: &str =
    "1 to 64 characters, none of them a control character, or an https URL without user, query and fragment";

/// The pages, where neither the client nor a profile says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The name of the service in the title of the window; `None`: the brand, if it is a name.
    pub title: Option<String>,
    /// What stands at the head of each page, a name or the `https` URL of a picture; `None`: our own mark and name.
    pub brand: Option<String>,
    /// A style sheet besides the built-in one; from one of `style_origins`.
    pub style_url: Option<String>,
    /// The `https` origins from which pages may load style sheets.
    pub style_origins: Vec<String>,
    /// Where somebody goes who has forgotten a password; `None`: the service's own page.
    pub forgot_password_url: Option<String>,
    /// A folder with more languages.
    pub locales_dir: Option<PathBuf>,
    /// The language of visitors whose browser asks for none that is there.
    pub default_locale: String,
}

impl Pages {
    pub(crate) fn read(from: &mut Reader) -> Read<Self> {
        let title = from.optional("pages.title", totp::ISSUER, totp::issuer);
        let brand = from.optional("pages.brand", BRAND, brand);
        let url = "an https URL without user, query and fragment";
        let style_url = from.optional("pages.style_url", url, secure_url);
        let origins = "a list of https origins, for example [\"https://style.example.com\"]";
        let style_origins = from.list("pages.style_origins", origins, secure_origin);
        let forgot_password_url = from.optional("pages.forgot_password_url", url, secure_url);
        let locales_dir = from.optional_path("pages.locales_dir");
        let tag = "a language tag, for example en or pt-BR";
        let default_locale = from.text("pages.default_locale", tag, language_tag);
        let style_url = match (style_url, &style_origins) {
            (Ok(Some(url)), Ok(origins)) if !origins.iter().any(|origin| is_of(&url, origin)) => {
                let problem = "its origin is not one of pages.style_origins";
                Err(from.refuse("pages.style_url", problem, "a style sheet of one of these origins"))
            }
            (read, _) => read,
        };
        Ok(Self {
            title: title?,
            brand: brand?,
            style_url: style_url?,
            style_origins: style_origins?,
            forgot_password_url: forgot_password_url?,
            locales_dir: locales_dir?,
            default_locale: default_locale?,
        })
    }
}

fn is_of(url: &str, origin: &str) -> bool {
    url.strip_prefix(origin)
        .is_some_and(|path| path.is_empty() || path.starts_with('/'))
}

/// A name, or the address of a picture.
fn brand(text: &str) -> Parsed<String> {
    if text.contains("://") {
        secure_url(text)
    } else {
        totp::issuer(text)
    }
}

fn secure_url(text: &str) -> Parsed<String> {
    if HttpUrl::parse(text)?.secure {
        return Ok(text.to_owned());
    }
    Err("it is not https".into())
}

fn secure_origin(text: &str) -> Parsed<String> {
    let text = origin(text)?;
    if text.starts_with("https://") {
        return Ok(text);
    }
    Err(format!("{} is not https", quoted(&text)))
}

/// The form of a tag (RFC 5646, section 2.1): subtags of letters and digits. Whether there are texts for it is seen later.
fn language_tag(text: &str) -> Parsed<String> {
    let subtag = |part: &str| matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let language = text.split('-').next().unwrap_or_default();
    let is_language = matches!(language.len(), 2..=3) && language.bytes().all(|b| b.is_ascii_alphabetic());
    if is_language && text.len() <= 35 && text.split('-').all(subtag) {
        return Ok(text.to_owned());
    }
    Err(format!("{} is not a language tag", quoted(text)))
}
