//! The list of clauses, which is also what each store runs.

use testkit::contract::CLAUSES;

#[test]
fn every_clause_that_is_written_is_in_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let mut written = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if file == "race" {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let name = line
                .strip_prefix("pub async fn ")
                .and_then(|rest| rest.split('(').next());
            written.extend(name.map(|name| format!("{file}::{name}")));
        }
    }
    let mut listed = CLAUSES.to_vec();
    written.sort();
    listed.sort_unstable();
    assert_eq!(written, listed);
}
