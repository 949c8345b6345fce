//! The committed API document is the one that the code makes.

use std::path::PathBuf;

/// With this in the environment the document is written instead of compared; `countersign openapi` prints the same.
const UPDATE: &str = "UPDATE_OPENAPI";

#[test]
fn the_committed_document_is_the_one_that_the_code_makes() {
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi/v1.json");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&committed, web::document()).unwrap();
    }
    let text = std::fs::read_to_string(&committed).unwrap_or_default();
    assert!(text == web::document(), "the API changed; run: just openapi");
}
