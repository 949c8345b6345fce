//! `default.toml` is the documentation: these tests keep it complete and true.

use std::collections::BTreeMap;

use super::*;
use crate::loading::names::environment_name;

/// Each key with the comment right above it.
fn documented() -> BTreeMap<String, String> {
    let mut documented = BTreeMap::new();
    let (mut section, mut comment) = (String::new(), String::new());
    for line in default_toml().lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment += text;
        } else {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').to_owned();
            } else if let Some((key, _)) = line.split_once(" = ") {
                let known = documented.insert(format!("{section}.{key}"), comment.trim().to_owned());
                assert!(known.is_none(), "{section}.{key} is there twice");
            }
            comment.clear();
        }
    }
    documented
}

fn defaults_in_effect() -> Vec<Effective> {
    Settings::load(&Sources::default()).unwrap().effective
}

#[test]
fn every_setting_that_is_read_is_in_the_document_and_the_reverse() {
    let mut read: Vec<_> = defaults_in_effect().into_iter().map(|setting| setting.key).collect();
    let in_order = read.clone();
    read.sort();
    read.dedup();
    assert_eq!(read.len(), in_order.len(), "a setting is read twice");
    assert_eq!(read, documented().into_keys().collect::<Vec<_>>());
    let names = Names::parse(default_toml()).unwrap();
    assert_eq!(read, names.keys().map(str::to_owned).collect::<Vec<_>>());
}

#[test]
fn every_setting_has_a_comment_with_its_range_and_its_environment_variable() {
    let documented = documented();
    for Effective { key, allowed, .. } in defaults_in_effect() {
        let comment = &documented[&key];
        let (explanation, facts) = comment
            .split_once("Value: ")
            .unwrap_or_else(|| panic!("{key} has no value line"));
        assert!(explanation.len() > 5, "{key} is not explained");
        assert!(
            facts.starts_with(&allowed),
            "{key} says {facts:?}, its faults say {allowed:?}"
        );
        let ending = format!("Environment: {}", environment_name(&key));
        assert!(facts.ends_with(&ending), "{key} does not end in {ending:?}");
    }
}

#[test]
fn settings_are_printed_in_the_order_of_the_document() {
    let printed: Vec<_> = defaults_in_effect().into_iter().map(|setting| setting.key).collect();
    let mut section = "";
    let mut written = Vec::new();
    for line in default_toml().lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            written.push(format!("{section}.{key}"));
        }
    }
    assert_eq!(printed, written);
}
