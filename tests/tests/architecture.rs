//! The arrows between the crates, the lints that all of them obey, the size of files, and the map in the README.
#![expect(clippy::unwrap_used, reason = "a surprise is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Who may depend on whom. Adapters know the application and the domain, and never each other.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("application", &["domain"]),
    ("migrations", &[]),
    ("settings", &[]),
    ("crypto", &["application", "domain"]),
    ("delivery", &["application", "domain"]),
    ("persistence", &["application", "domain", "migrations"]),
    ("web", &["application", "domain"]),
    (
        "server",
        &[
            "application",
            "crypto",
            "delivery",
            "domain",
            "migrations",
            "persistence",
            "settings",
            "web",
        ],
    ),
    ("testkit", &["application", "domain"]),
];

/// What tests may use besides.
const DEV_ARROWS: &[(&str, &[&str])] = &[
    ("application", &["crypto", "testkit"]),
    ("crypto", &["testkit"]),
    ("persistence", &["testkit"]),
    ("web", &["crypto", "testkit"]),
    ("server", &["testkit"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".into()])
        .exec()
        .unwrap()
}

fn edges(metadata: &Metadata, wanted: DependencyKind) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<String> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    metadata
        .packages
        .iter()
        .map(|package| {
            let internal = package.dependencies.iter().filter(|edge| edge.kind == wanted);
            let names = internal
                .map(|edge| edge.name.clone())
                .filter(|name| members.contains(name))
                .collect();
            (package.name.to_string(), names)
        })
        .collect()
}

#[test]
fn every_internal_dependency_is_an_arrow_of_the_design() {
    let metadata = metadata();
    for (kind, allowed) in [
        (DependencyKind::Normal, ARROWS),
        (DependencyKind::Development, DEV_ARROWS),
    ] {
        let allowed: BTreeMap<_, _> = allowed.iter().copied().collect();
        for (package, names) in edges(&metadata, kind) {
            // The tests of the whole service may use everything.
            if package == "tests" {
                continue;
            }
            let permitted = allowed.get(package.as_str()).copied().unwrap_or_default();
            for name in names {
                assert!(
                    permitted.contains(&name.as_str()),
                    "{package} must not depend on {name} ({kind:?})"
                );
            }
        }
    }
}

#[test]
fn the_domain_knows_no_input_or_output() {
    let domain = metadata()
        .packages
        .into_iter()
        .find(|package| package.name.as_str() == "domain")
        .unwrap();
    let pure = [
        "crc32fast",
        "data-encoding",
        "hmac",
        "percent-encoding",
        "sha1",
        "sha2",
        "subtle",
        "thiserror",
        "unicode-normalization",
        "url",
        "uuid",
        "zeroize",
    ];
    for edge in domain
        .dependencies
        .iter()
        .filter(|edge| edge.kind == DependencyKind::Normal)
    {
        assert!(pure.contains(&edge.name.as_str()), "domain depends on {}", edge.name);
    }
}

#[test]
fn every_member_obeys_the_lints_of_the_workspace() {
    for package in metadata().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} does not",
            package.name
        );
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_file_is_longer_than_can_be_held_in_the_head() {
    let mut files = Vec::new();
    rust_files(&root(), &mut files);
    assert!(files.len() > 50, "the walk found too little to mean anything");
    for file in files {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines", file.display());
    }
}

#[test]
fn only_one_place_builds_what_tokens_are_issued_for() {
    let mut files = Vec::new();
    rust_files(&root().join("crates"), &mut files);
    let builders = |text: &str| {
        let hits = files
            .iter()
            .filter(|file| std::fs::read_to_string(file).unwrap().contains(text));
        hits.map(|file| file.strip_prefix(root()).unwrap().display().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        builders("ring.sign("),
        ["crates/application/src/tokens/issue.rs"],
        "one mint"
    );
    for file in builders("ring.sign_orion(") {
        assert_eq!(file, "crates/application/src/tokens/issue.rs", "one mint");
    }
    let open = builders("struct Authentication {");
    assert_eq!(open, ["crates/application/src/sign_in/proof.rs"], "one file of proofs");
}

#[test]
fn every_path_in_the_map_of_the_readme_exists() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let map = readme
        .split("## Where does it live?")
        .nth(1)
        .expect("the README has a map");
    let map = map.split("\n## ").next().unwrap();
    let mut paths = 0;
    for path in map
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| text.contains('/') && !text.contains(' '))
    {
        let file = path.split([':', ' ']).next().unwrap();
        assert!(root().join(file).exists(), "the map names {file}, which does not exist");
        paths += 1;
    }
    assert!(paths >= 20, "the map has {paths} paths only");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = vec![root().join("README.md")];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            documents.push(path);
        }
    }
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") || link.starts_with('#') {
                continue;
            }
            let target = document.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{} links to {link}", document.display());
        }
    }
}
