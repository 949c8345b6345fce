//! How the pages of this service look, what they speak, and where they are: from the options, once.

use url::Url;

use super::locale::Languages;
use super::theme::{Brand, SecureUrl, Theme};
use crate::{Options, PageOptions};

/// What all pages have in common.
#[derive(Debug)]
pub(crate) struct Look {
    /// The look where no application says otherwise.
    pub theme: Theme,
    /// The languages.
    pub languages: Languages,
    /// The language of those who wish for none that there is.
    pub default_locale: String,
    /// Scheme, host and port by which browsers know the service.
    pub origin: String,
}

impl Look {
    /// From the options. What cannot be used is left out and said in the log: better plain pages than none.
    pub fn of(options: &Options) -> Self {
        let PageOptions {
            theme,
            style_origins,
            locales_dir,
            default_locale,
        } = &options.pages;
        let languages = locales_dir.as_ref().map(|folder| Languages::with_folder(folder));
        let languages = match languages {
            None => Languages::built_in(),
            Some(Ok(languages)) => languages,
            Some(Err(fault)) => {
                tracing::error!(%fault, "the languages of the pages are left out");
                Languages::built_in()
            }
        };
        let brand = match theme.brand.as_deref().map(Brand::parse) {
            None => None,
            Some(Ok(brand)) => Some(brand),
            Some(Err(fault)) => {
                tracing::error!(%fault, "the brand of the pages is left out");
                None
            }
        };
        let is_allowed = |url: &SecureUrl| style_origins.iter().any(|origin| *origin == url.origin());
        Self {
            theme: Theme {
                title: theme.title.clone(),
                brand,
                style_url: address("style_url", theme.style_url.as_deref()).filter(is_allowed),
                forgot_password_url: address("forgot_password_url", theme.forgot_password_url.as_deref()),
            },
            languages,
            default_locale: default_locale.clone(),
            origin: Url::parse(&options.public_url)
                .map(|url| url.origin().ascii_serialization())
                .unwrap_or_default(),
        }
    }
}

fn address(name: &str, text: Option<&str>) -> Option<SecureUrl> {
    match SecureUrl::parse(text?) {
        Ok(url) => Some(url),
        Err(fault) => {
            tracing::error!(%fault, name, "an address of the pages is left out");
            None
        }
    }
}
