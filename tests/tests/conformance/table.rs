//! Every module of the plans is re-enacted here, or its absence has a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const MODULES: &str = include_str!("modules.txt");

/// Modules that do not apply, each with its reason.
const EXCUSED: &[(&str, &str)] = &[];

fn modules() -> BTreeSet<&'static str> {
    let lines = MODULES.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with(['#', '[']))
        .collect()
}

/// The names of the tests in this folder, with how often each is there.
fn tests() -> BTreeMap<String, usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut tests = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for test in text.split("#[tokio::test]").skip(1) {
            let name = test.split_once("async fn ").and_then(|(_, rest)| rest.split_once('('));
            *tests.entry(name.unwrap().0.to_owned()).or_default() += 1;
        }
    }
    tests
}

#[test]
fn every_module_is_re_enacted_under_its_name_or_excused_with_a_reason() {
    let (modules, tests) = (modules(), tests());
    assert!(modules.len() > 50, "the list has {} modules only", modules.len());
    let excused: BTreeMap<_, _> = EXCUSED.iter().copied().collect();
    for module in &modules {
        let count = tests.get(&module.replace('-', "_")).copied().unwrap_or_default();
        match excused.get(module) {
            None => assert_eq!(count, 1, "{module} is re-enacted {count} times"),
            Some(reason) => assert!(count == 0 && reason.len() > 20, "{module} is excused, for {reason:?}"),
        }
    }
    for name in excused.keys() {
        assert!(modules.contains(name), "{name} is excused, and is no module");
    }
    for name in tests.keys().filter(|name| name.starts_with("oidcc_")) {
        assert!(modules.contains(name.replace('_', "-").as_str()), "{name} is no module");
    }
}
