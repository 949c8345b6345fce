//! Tests of the choice of a language, of the folder, and of our own messages.

use std::collections::BTreeSet;
use std::fs;

use super::*;

fn chosen(ui_locales: &str, accept_language: &str) -> String {
    Languages::built_in()
        .choose(Some(ui_locales), Some(accept_language))
        .tag()
        .to_owned()
}

#[test]
fn a_reader_gets_the_language_that_is_liked_best() {
    for (ui_locales, accept_language, tag) in [
        ("", "", "en"),
        ("de", "pt", "de"),
        ("fr de-CH", "pt", "de"),
        ("pt-BR", "", "pt"),
        ("fr", "de;q=0.5, pt-PT;q=0.9", "pt"),
        ("", "fr, de;q=0.5", "de"),
        ("", "de;q=0, pt;q=0.1", "pt"),
        ("", "de;q=x, *;q=0.5", "en"),
        ("", "DE-at", "de"),
        ("'\"><script>", "; ,,;q=", "en"),
    ] {
        assert_eq!(
            chosen(ui_locales, accept_language),
            tag,
            "{ui_locales} {accept_language}"
        );
    }
}

/// The keys of a file with the arguments that each message uses.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(key) = keys(line).next() {
            current = key.to_owned();
            assert!(
                found.insert(current.clone(), BTreeSet::new()).is_none(),
                "{key} is there twice"
            );
        }
        for part in line.split('$').skip(1) {
            let name = part
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next()
                .unwrap();
            found.get_mut(&current).unwrap().insert(name.to_owned());
        }
    }
    found
}

#[test]
fn every_language_of_ours_has_every_message_with_the_same_arguments() {
    assert_eq!(Languages::built_in().tags(), ["de", "en", "pt"]);
    let english = messages(OWN[0].1);
    assert!(english.len() > 150, "{}", english.len());
    for (tag, text) in OWN {
        assert!(bundle(&tag.parse().unwrap(), text.to_owned()).is_ok(), "{tag}");
        let own = messages(text);
        let missing: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        let needless: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(
            missing.is_empty() && needless.is_empty(),
            "{tag}: {missing:?} {needless:?}"
        );
        for (key, arguments) in &english {
            assert_eq!(own.get(key), Some(arguments), "{tag} {key}");
        }
    }
}

#[test]
fn no_message_is_without_use_and_none_that_is_used_is_missing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    let view = root.join("src/pages/view");
    for folder in [root.join("templates"), view] {
        for entry in fs::read_dir(folder).unwrap() {
            sources.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
        }
    }
    for file in ["src/pages/message.rs", "src/pages/view.rs"] {
        sources.push_str(&fs::read_to_string(root.join(file)).unwrap());
    }
    let quoted: BTreeSet<&str> = sources.split(['"', '\'']).collect();
    let keys: BTreeSet<String> = messages(OWN[0].1).into_keys().collect();
    for key in &keys {
        assert!(quoted.contains(key.as_str()), "`{key}` is not used");
    }
    for part in sources.split("t(").skip(1) {
        let literal = part.strip_prefix('\'').or_else(|| part.strip_prefix('"'));
        if let Some(key) = literal.and_then(|rest| rest.split(['\'', '"']).next()) {
            assert!(keys.contains(key), "`{key}` is no message");
        }
    }
}

#[test]
fn a_folder_adds_languages_and_replaces_messages() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("fa.ftl"), "login-title = ورود\n").unwrap();
    fs::write(
        folder.path().join("de.ftl"),
        "login-title = Moin { $nothing }\nlogin-submit = Los\n",
    )
    .unwrap();
    fs::write(folder.path().join("notes.txt"), "not a language").unwrap();
    let languages = Languages::with_folder(folder.path()).unwrap();
    assert_eq!(languages.tags(), ["de", "en", "fa", "pt"]);
    let say = |locale: &Locale, key: &str| locale.message(key, &FluentArgs::new());

    let persian = languages.choose(Some("fa-IR"), None);
    assert_eq!((persian.tag(), persian.direction()), ("fa", "rtl"));
    assert_eq!(say(&persian, "login-title"), "ورود");
    let english = languages.choose(None, None);
    assert_eq!(
        say(&persian, "login-submit"),
        say(&english, "login-submit"),
        "what a file leaves out is English"
    );

    let german = languages.choose(Some("de"), None);
    assert_eq!(
        (german.direction(), say(&german, "login-submit").as_str()),
        ("ltr", "Los")
    );
    let own = Languages::built_in().choose(Some("de"), None);
    assert_eq!(
        say(&german, "login-title"),
        say(&own, "login-title"),
        "a hole is not shown"
    );
    assert_eq!(say(&german, "no-such-key"), "no-such-key");
}

#[test]
fn a_faulty_file_is_named_with_its_fault() {
    let fault_of = |name: &str, text: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        Languages::with_folder(folder.path()).unwrap_err()
    };
    assert!(matches!(
        fault_of("not a tag.ftl", ""),
        LocaleFault::NotALanguage { .. }
    ));
    assert!(matches!(
        fault_of("fr.ftl", "login-title = {\n"),
        LocaleFault::Syntax { .. }
    ));
    assert!(
        matches!(fault_of("fr.ftl", "login-titel = x\n"), LocaleFault::UnknownMessage { key, .. } if key == "login-titel")
    );
    let nowhere = Languages::with_folder(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(
        nowhere.to_string().starts_with("/nowhere/at/all: cannot be read"),
        "{nowhere}"
    );
}
