//! The languages of the pages: our own three, others from a folder, and which of them a reader gets.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::{CharacterDirection, LanguageIdentifier};

type Bundle = FluentBundle<FluentResource>;

/// The language of last resort; it has every message.
const FALLBACK: &str = "en";

const OWN: [(&str, &str); 3] = [
    (FALLBACK, include_str!("../../locales/en.ftl")),
    ("de", include_str!("../../locales/de.ftl")),
    ("pt", include_str!("../../locales/pt.ftl")),
];

/// More languages than a reader may wish for are not looked at.
const WISHES_MAX: usize = 16;

/// What is wrong with a folder of languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocaleFault {
    /// The folder or a file in it cannot be read.
    #[error("{path}: cannot be read: {reason}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The name of a file is no language tag (BCP 47).
    #[error("{path}: the name must be a language tag, such as fr.ftl or pt-BR.ftl")]
    NotALanguage {
        /// Which.
        path: PathBuf,
    },
    /// The file is not in the format of Fluent.
    #[error("{path}: not in the format of Fluent: {reason}")]
    Syntax {
        /// Which.
        path: PathBuf,
        /// What is wrong first.
        reason: String,
    },
    /// The file has a message that no page asks for, as a misspelt key would.
    #[error("{path}: there is no message `{key}`")]
    UnknownMessage {
        /// Which.
        path: PathBuf,
        /// The key.
        key: String,
    },
}

/// One language with its messages.
struct Language {
    tag: LanguageIdentifier,
    /// Those of the folder first, then our own.
    bundles: Vec<Bundle>,
}

impl Language {
    fn format(&self, key: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        self.bundles.iter().find_map(|bundle| {
            let pattern = bundle.get_message(key)?.value()?;
            let mut errors = Vec::new();
            let text = bundle
                .format_pattern(pattern, Some(arguments), &mut errors)
                .into_owned();
            // A translation with an argument that there is not: better another language than a hole.
            errors.is_empty().then_some(text)
        })
    }
}

/// Every language that the pages speak.
#[derive(Clone)]
pub struct Languages(Arc<BTreeMap<String, Language>>);

impl Languages {
    /// Our own: English, German and Portuguese.
    pub fn built_in() -> Self {
        Self(Arc::new(own()))
    }

    /// Our own, and those of the files `<language tag>.ftl` in a folder. A file of a language that is there already replaces
    /// the messages that it has. What a file leaves out is said in English. Other files are passed over.
    pub fn with_folder(folder: &Path) -> Result<Self, LocaleFault> {
        let mut languages = own();
        for path in files(folder)? {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let tag: LanguageIdentifier = match name.parse() {
                Ok(tag) if !name.is_empty() => tag,
                Ok(_) | Err(_) => return Err(LocaleFault::NotALanguage { path }),
            };
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            check_keys(&text, &languages, &path)?;
            let bundle = match bundle(&tag, text) {
                Ok(bundle) => bundle,
                Err(reason) => return Err(LocaleFault::Syntax { path, reason }),
            };
            languages
                .entry(tag.to_string())
                .or_insert_with(|| Language {
                    tag,
                    bundles: Vec::new(),
                })
                .bundles
                .insert(0, bundle);
        }
        Ok(Self(Arc::new(languages)))
    }

    /// The language tags there are, sorted.
    pub fn tags(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// The language for a reader: the first of `ui_locales` (tags with spaces between, OpenID Connect Core section 3.1.2.1) that
    /// there is, else the best of `Accept-Language` (RFC 9110 section 12.5.4), else English. A wish for a regional form gets the
    /// language without the region (the look-up of RFC 4647 section 3.4).
    pub fn choose(&self, ui_locales: Option<&str>, accept_language: Option<&str>) -> Locale {
        let wishes = ui_locales.unwrap_or_default().split_whitespace().take(WISHES_MAX);
        let found = wishes
            .chain(by_weight(accept_language.unwrap_or_default()))
            .find_map(|wish| self.find(wish));
        Locale {
            languages: self.clone(),
            tag: found.unwrap_or(FALLBACK).to_owned(),
        }
    }

    fn find(&self, wish: &str) -> Option<&str> {
        let wish: LanguageIdentifier = wish.parse().ok()?;
        let mut candidates = vec![wish.clone()];
        candidates.push(LanguageIdentifier::from_parts(wish.language, wish.script, None, &[]));
        candidates.push(LanguageIdentifier::from_parts(wish.language, None, None, &[]));
        candidates.iter().find_map(|candidate| {
            let (tag, _) = self.0.get_key_value(&candidate.to_string())?;
            Some(tag.as_str())
        })
    }
}

impl Debug for Languages {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Languages").field(&self.tags()).finish()
    }
}

/// The language of one reader.
#[derive(Debug, Clone)]
pub struct Locale {
    languages: Languages,
    tag: String,
}

impl Locale {
    /// Its tag (BCP 47).
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Which way it is written, as the attribute `dir` says it.
    pub fn direction(&self) -> &'static str {
        match self.language().map(|language| language.tag.character_direction()) {
            Some(CharacterDirection::RTL) => "rtl",
            Some(CharacterDirection::LTR | CharacterDirection::TTB) | None => "ltr",
        }
    }

    /// A message with its arguments, in English if this language does not have it; its key if nothing has it.
    pub(crate) fn message(&self, key: &str, arguments: &FluentArgs<'_>) -> String {
        let own = self.language().and_then(|language| language.format(key, arguments));
        let english = || {
            let language = self.languages.0.get(FALLBACK)?;
            language.format(key, arguments)
        };
        own.or_else(english).unwrap_or_else(|| key.to_owned())
    }

    fn language(&self) -> Option<&Language> {
        self.languages.0.get(&self.tag)
    }
}

fn own() -> BTreeMap<String, Language> {
    let language = |(name, text): (&str, &str)| {
        let tag: LanguageIdentifier = name.parse().ok()?;
        // That ours are faultless is for a test to see.
        let bundle = bundle(&tag, text.to_owned()).ok()?;
        let bundles = vec![bundle];
        Some((name.to_owned(), Language { tag, bundles }))
    };
    OWN.into_iter().filter_map(language).collect()
}

fn bundle(tag: &LanguageIdentifier, text: String) -> Result<Bundle, String> {
    let resource = FluentResource::try_new(text).map_err(|(_, errors)| first(&errors))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag.clone()]);
    // The arguments are cleaned of what the marks would guard against (see `translator`).
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| first(&errors))?;
    Ok(bundle)
}

fn first(errors: &[impl ToString]) -> String {
    errors.first().map(ToString::to_string).unwrap_or_default()
}

fn check_keys(text: &str, languages: &BTreeMap<String, Language>, path: &Path) -> Result<(), LocaleFault> {
    let english = languages.get(FALLBACK).and_then(|language| language.bundles.last());
    let unknown = keys(text).find(|key| !english.is_some_and(|bundle| bundle.has_message(key)));
    match unknown {
        None => Ok(()),
        Some(key) => Err(LocaleFault::UnknownMessage {
            path: path.to_owned(),
            key: key.to_owned(),
        }),
    }
}

/// The keys of the messages in a file: what stands at the beginning of a line before an equals sign. Terms begin with a hyphen
/// and are a file's own affair.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once('=').map(|(key, _)| key.trim_end()))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, LocaleFault> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> LocaleFault {
    LocaleFault::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// The tags of `Accept-Language`, the best liked first; those of weight 0 are not wanted.
fn by_weight(header: &str) -> Vec<&str> {
    let mut wishes: Vec<(&str, u32)> = header.split(',').take(WISHES_MAX).filter_map(weighed).collect();
    wishes.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    wishes.into_iter().map(|(tag, _)| tag).collect()
}

/// A tag with its weight in thousandths.
fn weighed(wish: &str) -> Option<(&str, u32)> {
    let (tag, parameters) = wish.split_once(';').unwrap_or((wish, "q=1"));
    let weight: f32 = parameters.trim().strip_prefix("q=")?.trim().parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    let weight = (weight.clamp(0.0, 1.0) * 1000.0) as u32;
    (weight > 0).then_some((tag.trim(), weight))
}

#[cfg(test)]
mod tests;
